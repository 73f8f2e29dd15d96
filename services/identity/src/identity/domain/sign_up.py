"""A sign-up whose address is not proved yet. Pure.

A pending sign-up is no user: it claims nothing, cannot sign in and is in no list. Only its mail leaves the service. There is
one document per address, so a newer sign-up replaces an older one. The user is created when the mail's link is followed
and the password of the sign-up is entered. Both are needed: with the link alone, the reader of the mails would confirm
what a stranger entered; the password alone proves no address.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal, assert_never

from kontor_contracts.envelope import Refusal
from kontor_contracts.identity import AddressVerificationRequested, OrganizationProfile, SignUpRepeated
from kontor_contracts.values import Recipient

MOST_WRONG = 10
"""Wrong passwords per link. After that the link is void; the address can sign up again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """The data of the sign-up, with the hash of the password."""

    user_id: str
    organization: OrganizationProfile
    full_name: str
    email: str
    culture: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class PendingSignUp:
    """``proved``: the user exists. ``applicant`` is erased then, and after ``expires_at``."""

    status: Literal["absent", "pending", "proved", "over"] = "absent"
    applicant: Applicant | None = None
    token_hash: str = ""
    expires_at: datetime | None = None
    wrong: int = 0
    user_id: str = ""
    organization_id: str = ""

    @property
    def ends_at(self) -> datetime | None:
        return self.expires_at if self.status == "pending" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSignUp:
    """``known``: the user with this address. The mail says so, and no data of the sign-up is stored.

    ``sparing``: the address had many such mails today. An unused link in the mailbox then works for the newest sign-up, and a
    known user gets no further mail. So the owner can always sign up, whatever strangers have asked for.
    """

    applicant: Applicant
    token_hash: str
    sealed_link: str
    at: datetime
    expires_at: datetime
    sparing: bool = False
    known: Recipient | None = None
    known_user_id: str = ""


@dataclass(frozen=True, slots=True)
class CountWrongPassword:
    token_hash: str


@dataclass(frozen=True, slots=True)
class CompleteSignUp:
    """The user was created."""

    token_hash: str


@dataclass(frozen=True, slots=True)
class ExpireSignUp:
    at: datetime


Command = RequestSignUp | CountWrongPassword | CompleteSignUp | ExpireSignUp


@dataclass(frozen=True, slots=True)
class SignUpKept:
    applicant: Applicant
    token_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AnswerKept:
    """For a known address only the ids of the answer are stored. Nothing exists under them."""

    user_id: str
    organization_id: str


@dataclass(frozen=True, slots=True)
class WrongPasswordCounted:
    pass


@dataclass(frozen=True, slots=True)
class SignUpEnded:
    status: Literal["proved", "over"]


class SignUpRefused(Refusal):
    TYPE: ClassVar[str] = "kontor.identity.sign-up-refused.v1"
    reason: Literal["verification-link-over"] = "verification-link-over"
    detail: str = "this link was used, was replaced or has expired; sign up again"


Fact = (
    AddressVerificationRequested
    | SignUpRepeated
    | SignUpKept
    | AnswerKept
    | WrongPasswordCounted
    | SignUpEnded
    | SignUpRefused
)
OVER = SignUpRefused()


def usable(state: PendingSignUp, token_hash: str, at: datetime) -> bool:
    in_time = state.expires_at is not None and at < state.expires_at
    return state.status == "pending" and state.token_hash == token_hash and in_time


def decide(command: Command, state: PendingSignUp) -> list[Fact]:
    match command:
        case RequestSignUp():
            return _request(command, state)
        case CountWrongPassword(token_hash):
            if state.status != "pending" or state.token_hash != token_hash:
                return [OVER]
            counted: list[Fact] = [WrongPasswordCounted()]
            return [*counted, SignUpEnded("over")] if state.wrong + 1 >= MOST_WRONG else counted
        case CompleteSignUp(token_hash):
            return [SignUpEnded("proved")] if state.status == "pending" and state.token_hash == token_hash else []
        case ExpireSignUp(at):
            return [SignUpEnded("over")] if state.ends_at is not None and at >= state.ends_at else []
        case _:
            assert_never(command)


def evolve(state: PendingSignUp, fact: Fact) -> PendingSignUp:
    match fact:
        case SignUpKept(applicant, token_hash, expires_at):
            organization_id = applicant.organization.organization_id
            return PendingSignUp(
                "pending", applicant, token_hash, expires_at, user_id=applicant.user_id, organization_id=organization_id
            )
        case AnswerKept(user_id, organization_id):
            return PendingSignUp("over", user_id=user_id, organization_id=organization_id)
        case WrongPasswordCounted():
            return replace(state, wrong=state.wrong + 1)
        case SignUpEnded(status):
            return replace(state, status=status, applicant=None)
        case AddressVerificationRequested() | SignUpRepeated() | SignUpRefused():
            return state
        case _:
            assert_never(fact)


def _request(command: RequestSignUp, state: PendingSignUp) -> list[Fact]:
    applicant, organization = command.applicant, command.applicant.organization
    if command.known is not None:
        kept = AnswerKept(applicant.user_id, organization.organization_id)
        repeated = SignUpRepeated(user_id=command.known_user_id, recipient=command.known)
        return [kept] if command.sparing else [repeated, kept]
    if state.status == "pending" and state.token_hash == command.token_hash:
        return []
    if command.sparing and state.expires_at and usable(state, state.token_hash, command.at):
        return [SignUpKept(applicant, state.token_hash, state.expires_at)]
    asked = AddressVerificationRequested(
        user_id=applicant.user_id,
        organization_id=organization.organization_id,
        organization_name=organization.name,
        recipient=Recipient(name=applicant.full_name, email=applicant.email, culture=applicant.culture),
        purpose="sign-up",
        sealed_link=command.sealed_link,
        expires_at=command.expires_at,
    )
    return [asked, SignUpKept(applicant, command.token_hash, command.expires_at)]
