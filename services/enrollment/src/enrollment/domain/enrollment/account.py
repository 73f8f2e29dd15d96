"""Decisions when the work account of an enrollment changes.

A draft belongs to the country and kind that the account had. If they are corrected, the company starts a new one. If the
account is erased, its partner id is free again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, assert_never

from enrollment.domain.enrollment.state import CancelledByAccount, ContactsErased, Enrollment, Fact, reached

BY = "service:identity"


@dataclass(frozen=True, slots=True)
class FollowCorrection:
    """The country or kind of the account was corrected."""

    at: datetime


@dataclass(frozen=True, slots=True)
class EndWithAccount:
    """The account was erased: it was closed, and the time to reopen it is over. No contact person stays."""

    ERASES: ClassVar[bool] = True
    at: datetime


AccountCommand = FollowCorrection | EndWithAccount


def follow_account(command: AccountCommand, state: Enrollment) -> list[Fact]:
    match command:
        case FollowCorrection(at):
            return _cancelled(at) if state.status == "draft" else []
        case EndWithAccount(at):
            # A partner's account is not closed, so an enrollment that became active since stays.
            if state.partner:
                return []
            erased: list[Fact] = [ContactsErased()] if state.primary_contact or state.support_contact else []
            return [*(_cancelled(at) if state.open else []), *erased]
        case _:
            assert_never(command)


def _cancelled(at: datetime) -> list[Fact]:
    return [CancelledByAccount(), reached("cancelled", at, BY)]
