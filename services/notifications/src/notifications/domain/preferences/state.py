"""The state of one mailbox's preferences, its commands and its facts. The address itself is not in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from kontor_contracts.envelope import Refusal
from kontor_contracts.notifications import MailPreferencesChanged


@dataclass(frozen=True, slots=True)
class Preferences:
    """``muted``: categories, by name. ``language`` None: that of each mail. ``user_id``: of the user who chose, if known."""

    muted: tuple[str, ...] = ()
    language: str | None = None
    user_id: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePreferences:
    """``user_id`` None: by the link of a mail."""

    muted: tuple[str, ...]
    language: str | None
    at: datetime
    user_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteCategory:
    """One click in a mail program (RFC 8058)."""

    category: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptPreferences:
    """The reader has another address now: this one. A choice that was made for it stays."""

    muted: tuple[str, ...]
    language: str | None
    user_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ForgetPreferences:
    """The reader is gone, or has another address."""


Command = ChoosePreferences | MuteCategory | AdoptPreferences | ForgetPreferences


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesChosen:
    muted: tuple[str, ...]
    language: str | None
    user_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class PreferencesForgotten:
    pass


class PreferencesRefused(Refusal):
    """``detail`` says what is wrong and what to do."""

    TYPE: ClassVar[str] = "kontor.notifications.preferences-refused.v1"
    reason: Literal["mail-mandatory"]
    detail: str
    field: str = "muted"


Fact = PreferencesChosen | PreferencesForgotten | MailPreferencesChanged | PreferencesRefused
