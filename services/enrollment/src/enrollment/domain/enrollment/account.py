"""Decisions when the work account of an enrollment changes.

A draft belongs to the country and kind that the account had. If they are corrected, the company starts a new one. If the
account is erased, its partner id is free again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, assert_never

from enrollment.domain.enrollment.facts import ApplicantForgotten, CancelledByAccount, ContactsErased, Fact, reached
from enrollment.domain.enrollment.state import Enrollment

BY = "service:identity"


@dataclass(frozen=True, slots=True)
class FollowCorrection:
    """The country or kind of the account was corrected."""

    at: datetime


@dataclass(frozen=True, slots=True)
class EndWithAccount:
    """The account was erased: it was closed, and the time to reopen it is over. Nothing about a person stays."""

    ERASES: ClassVar[bool] = True
    at: datetime


@dataclass(frozen=True, slots=True)
class ForgetApplicant:
    """The user who enrolled was erased. The enrollment goes on; its mails go to the primary contact alone."""

    ERASES: ClassVar[bool] = True


AccountCommand = FollowCorrection | EndWithAccount | ForgetApplicant


def follow_account(command: AccountCommand, state: Enrollment) -> list[Fact]:
    match command:
        case FollowCorrection(at):
            return _cancelled(at) if state.status == "draft" else []
        case EndWithAccount(at):
            # A partner's account is not closed, so an enrollment that became active since stays.
            if state.partner:
                return []
            personal = (
                state.primary_contact
                or state.support_contact
                or state.applicant
                or state.changes
                or state.dossier.notes
                or state.appeals
                or state.paperwork
            )
            erased: list[Fact] = [ContactsErased()] if personal else []
            return [*(_cancelled(at) if state.open else []), *erased]
        case ForgetApplicant():
            return [ApplicantForgotten()] if state.applicant else []
        case _:
            assert_never(command)


def _cancelled(at: datetime) -> list[Fact]:
    return [CancelledByAccount(), reached("cancelled", at, BY)]
