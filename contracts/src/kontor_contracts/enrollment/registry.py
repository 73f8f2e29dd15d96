"""The membership registry by messages: other services keep its profiles, and get an answer to each command.

Key of the commands: the partner id. Access codes are in no message: an operator gives them to a profile over HTTP.
"""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Command, Payload, Refusal, Source
from kontor_contracts.refused_commands import CommandFault
from kontor_contracts.values import Country, Email, Id, Line, Name, PartnerId


class UpsertPartnerProfile(Command):
    """Enter or change an organization profile of the membership registry. Key: ``partner_id``.

    The answer is ``partner-profile-imported`` or ``partner-profile-refused``; a command that changes nothing that others see
    has no answer. A new profile has no access code; the profile keeps the code that it has, unless the account changes.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.upsert-partner-profile.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    partner_id: PartnerId
    membership_account: Email
    company_name: Name
    country: Country
    status: Literal["active", "inactive"] = "active"
    kind: Literal["location", "global"] = "location"
    program_state: Literal["none", "enrolled"] = "none"


class RetirePartnerProfile(Command):
    """Make an organization profile inactive: no company can enroll with it. Key: ``partner_id``.

    The answer is as for ``upsert-partner-profile``, which also makes the profile active again. A company that is enrolled with
    it stays so.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.retire-partner-profile.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    partner_id: PartnerId


class PartnerProfileRefused(Refusal):
    """A command about a profile changed nothing. Subject: the profile, or a list of refusals.

    ``profile-unknown``: there is none to retire. ``id-reused``: the command has the id of another one. ``too-late``: it is so
    old that a repetition of it would not be recognized.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.partner-profile-refused.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    partner_id: PartnerId
    reason: Literal["profile-unknown", "id-reused", "too-late"]


class RegistryCommandRefused(Refusal):
    """A record on ``enrollment.commands`` breaks the contract; it changed nothing. Subject: a list of refusals.

    ``command_id`` and ``command_source`` are those of the record, which is also a dead letter. ``malformed``: it cannot be
    read; ``field`` and ``detail`` say why. ``unknown-type``, ``unknown-version``: nobody reads such a command.
    ``rule-broken``: it can be read and breaks a rule of the topic, such as the one about its key or its source.
    There is no answer to a record whose ``id`` and ``source`` cannot be read.
    """

    TYPE: ClassVar[str] = "kontor.enrollment.registry-command-refused.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    command_id: Id
    command_source: Source
    command_type: Line | None = None
    reason: CommandFault
    field: Line | None = None
    detail: Line


EVENTS: tuple[type[Payload], ...] = (PartnerProfileRefused, RegistryCommandRefused)
COMMANDS: tuple[type[Payload], ...] = (UpsertPartnerProfile, RetirePartnerProfile)
