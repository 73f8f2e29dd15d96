"""Commands on a second factor."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kontor_contracts.values import Recipient


@dataclass(frozen=True, slots=True)
class Notified:
    """The recipient of the mail about the change, and the name of the account's company."""

    contact: Recipient
    organization_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignIn:
    """Note a sign-in. The first one begins the grace period."""

    user_id: str
    organization_id: str
    at: datetime
    grace: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginFactor:
    user_id: str
    organization_id: str
    sealed_secret: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmFactor:
    """``step``: the time step of the submitted code; None if it is wrong."""

    sealed_secret: str
    step: int | None
    recovery: tuple[str, ...]
    at: datetime
    notify: Notified | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCode:
    """``step``: as in ConfirmFactor. ``recovery``: possible hashes of the submitted text, in case it is a recovery code."""

    sealed_secret: str
    step: int | None
    recovery: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class RenewRecovery:
    recovery: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RehashRecovery:
    """Store the same codes under other hashes. ``hashes``: new by old. Codes used in the meantime stay used."""

    hashes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TurnOff:
    """``by_administrator``: for a user who lost app and recovery codes. The grace period begins again."""

    by_administrator: bool
    notify: Notified | None = None


@dataclass(frozen=True, slots=True)
class RemoveUnproved:
    """Turn the factor off if it is older than the proof of the address. For a reader of the mails who did not set it up."""

    proved_at: datetime
    notify: Notified | None = None


Keep = NoteSignIn | RenewRecovery | RehashRecovery | TurnOff | RemoveUnproved


Command = BeginFactor | ConfirmFactor | UseCode | Keep
