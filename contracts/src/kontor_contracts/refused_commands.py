"""What the senders of commands hear about records that break the contract."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Refusal, Source
from kontor_contracts.values import Id, Line

CommandFault = Literal["malformed", "rule-broken", "unknown-type", "unknown-version"]


class CommandRefused(Refusal):
    """A record on ``relationships.commands`` breaks the contract; it changed nothing. Subject: a list of refusals.

    ``command_id`` and ``command_source`` are those of the record, which is also a dead letter. ``malformed``: it cannot be
    read; ``field`` and ``detail`` say why. ``unknown-type``, ``unknown-version``: nobody reads such a command.
    ``rule-broken``: it can be read and breaks a rule of the topic, such as the one about its key or its source.
    There is no answer to a record whose ``id`` and ``source`` cannot be read.
    """

    TYPE: ClassVar[str] = "kontor.relationships.command-refused.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    command_id: Id
    command_source: Source
    command_type: Line | None = None
    reason: CommandFault
    field: Line | None = None
    detail: Line
