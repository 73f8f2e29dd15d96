"""Decisions when the work account of an enrollment changes.

A draft belongs to the country and kind that the account had. If they are corrected, the company starts a new one. If the
account is erased, its partner id is free again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, assert_never

from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import ApplicantForgotten, CancelledByAccount, ContactsErased, reached
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
            erased: list[Fact] = [ContactsErased()] if personal(state) else []
            return [*(_cancelled(at) if state.open else []), *erased]
        case ForgetApplicant():
            return [ApplicantForgotten()] if state.applicant else []
        case _:
            assert_never(command)


def personal(state: Enrollment) -> bool:
    """The enrollment holds something about people."""
    return any(
        (
            state.primary_contact,
            state.support_contact,
            state.applicant,
            state.changes,
            state.dossier.notes,
            state.appeals,
            state.paperwork,
            state.accepted_mailboxes,
            state.contact_change,
        )
    )


def _cancelled(at: datetime) -> list[Fact]:
    return [CancelledByAccount(), reached("cancelled", at, BY)]
