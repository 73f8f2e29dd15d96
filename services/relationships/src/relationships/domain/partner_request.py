"""A reseller's request to a provider of the directory to work with it. One document per pair; one request is open at a time.

It is open for 14 days (the program's time to answer a referral). An accepted request leads to an invitation draft: the
reseller still consents by accepting the invitation.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Literal, assert_never

from kontor_contracts.directory import (
    DeclineReason,
    PartnershipRequestAccepted,
    PartnershipRequestDeclined,
    PartnershipRequested,
    PartnershipRequestExpired,
    PartnershipRequestWithdrawn,
)
from kontor_contracts.envelope import Refusal
from kontor_contracts.values import Partner, Recipient
from relationships.domain.invitation.state import Person

LIFETIME = timedelta(days=14)
PAUSE = timedelta(days=30)
"""After a decline the same reseller may ask again then."""
ERASED = Recipient(name="-", email="erased@kontor.invalid")

Status = Literal["pending", "accepted", "declined", "withdrawn", "expired"]

# -- state


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """``requester_id`` None: the person is erased."""

    request_id: str
    provider: Partner
    reseller: Partner
    requester: Recipient
    requester_id: str | None
    message: str | None
    requested_at: datetime
    expires_at: datetime
    status: Status = "pending"
    answered_at: datetime | None = None
    reason: DeclineReason | None = None
    comment: str | None = None
    invitation_id: str | None = None

    def open(self, at: datetime) -> bool:
        """Only an open request can be answered. It expires on time even if the timer is late."""
        return self.status == "pending" and at < self.expires_at


@dataclass(frozen=True, slots=True)
class State:
    request: Request | None = None


# -- commands


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForPartnership:
    """``connected``: the two have a partnership that has not ended."""

    request_id: str
    provider: Partner
    reseller: Partner
    requester: Person
    message: str | None
    connected: bool
    same_region: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptRequest:
    """``invitation_id``: of the invitation that follows. ``provider`` and ``reseller`` as they are now."""

    by: Person
    provider: Partner
    reseller: Partner
    invitation_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineRequest:
    reason: DeclineReason
    comment: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class WithdrawRequest:
    at: datetime


@dataclass(frozen=True, slots=True)
class ExpireRequest:
    at: datetime


@dataclass(frozen=True, slots=True)
class ForgetRequester:
    """The person was purged, or a company was erased. An open request is withdrawn."""

    ERASES: ClassVar[bool] = True
    at: datetime


Command = AskForPartnership | AcceptRequest | DeclineRequest | WithdrawRequest | ExpireRequest | ForgetRequester

# -- events

Reason = Literal["already-connected", "region-differs", "request-not-open", "request-open", "request-too-soon"]
_WHY: dict[Reason, str] = {
    "already-connected": "your companies work together already; see the list of your providers",
    "region-differs": "partners and customers can only work together within one region of the program",
    "request-not-open": "this request was answered, withdrawn or has expired; the reseller can send a new one",
    "request-open": "your company has asked this provider already; wait for the answer, or withdraw the request",
    "request-too-soon": "this provider declined your last request; ask again 30 days after that",
}


class RequestRefused(Refusal):
    """Only over HTTP: no command on a request comes over the bus."""

    TYPE: ClassVar[str] = "kontor.relationships.request-refused.v1"
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class RequesterForgotten:
    pass


Answered = (
    PartnershipRequestAccepted | PartnershipRequestDeclined | PartnershipRequestWithdrawn | PartnershipRequestExpired
)
Fact = PartnershipRequested | Answered | RequesterForgotten | RequestRefused

# -- decide, evolve


def decide(command: Command, state: State) -> list[Fact]:
    request = state.request
    match command:
        case AskForPartnership():
            return _ask(command, request)
        case AcceptRequest():
            return _accept(command, request)
        case DeclineRequest():
            return _decline(command, request)
        case WithdrawRequest(at):
            return _withdraw(request, at)
        case ExpireRequest(at):
            return _expire(request, at)
        case ForgetRequester(at):
            return _forget(request, at)
        case _:
            assert_never(command)


def evolve(state: State, fact: Fact) -> State:
    match fact:
        case PartnershipRequested():
            return State(_asked(fact))
        case RequestRefused():
            return state
        case _:
            return State(_answered(state.request, fact)) if state.request else state


def due(state: State) -> datetime | None:
    """When the timer expires the request."""
    request = state.request
    return request.expires_at if request and request.status == "pending" else None


# -- questions


def request_of(state: State | None, organization_id: str) -> Request | None:
    """The request, for one of its two companies; None for anybody else."""
    request = state.request if state else None
    sides = (request.provider.organization_id, request.reseller.organization_id) if request else ()
    return request if organization_id in sides else None


# -- rules


def _ask(command: AskForPartnership, last: Request | None) -> list[Fact]:
    if command.connected:
        return [refused("already-connected")]
    if not command.same_region:
        return [refused("region-differs")]
    if last is not None and last.open(command.at):
        same = (last.requested_at, last.requester_id) == (command.at, command.requester.user_id)
        return [] if same else [refused("request-open")]
    if last is not None and last.status == "declined" and command.at < (last.answered_at or command.at) + PAUSE:
        return [refused("request-too-soon")]
    return [
        *_expire(last, command.at),
        PartnershipRequested(
            request_id=command.request_id,
            provider=command.provider,
            reseller=command.reseller,
            requester=command.requester.contact,
            requested_by=command.requester.user_id,
            message=command.message,
            requested_at=command.at,
            expires_at=command.at + LIFETIME,
        ),
    ]


def _accept(command: AcceptRequest, request: Request | None) -> list[Fact]:
    if request is not None and request.status == "accepted":
        return []
    if request is None or not request.open(command.at):
        return [refused("request-not-open")]
    return [
        PartnershipRequestAccepted(
            request_id=request.request_id,
            provider=command.provider,
            reseller=command.reseller,
            requester=request.requester,
            invitation_id=command.invitation_id,
            accepted_by=command.by.user_id,
            accepter=command.by.contact,
            accepted_at=command.at,
        )
    ]


def _decline(command: DeclineRequest, request: Request | None) -> list[Fact]:
    if request is not None and request.status == "declined":
        return []
    if request is None or not request.open(command.at):
        return [refused("request-not-open")]
    return [
        PartnershipRequestDeclined(
            request_id=request.request_id,
            provider=request.provider,
            reseller=request.reseller,
            requester=request.requester,
            reason=command.reason,
            comment=command.comment,
            declined_at=command.at,
        )
    ]


def _withdraw(request: Request | None, at: datetime) -> list[Fact]:
    if request is not None and request.status == "withdrawn":
        return []
    if request is None or not request.open(at):
        return [refused("request-not-open")]
    return [_withdrawn(request, at)]


def _withdrawn(request: Request, at: datetime) -> PartnershipRequestWithdrawn:
    return PartnershipRequestWithdrawn(
        request_id=request.request_id, provider=request.provider, reseller=request.reseller, withdrawn_at=at
    )


def _expire(request: Request | None, at: datetime) -> list[Fact]:
    if request is None or request.status != "pending" or at < request.expires_at:
        return []
    return [
        PartnershipRequestExpired(
            request_id=request.request_id,
            provider=request.provider,
            reseller=request.reseller,
            requester=request.requester,
            expired_at=at,
        )
    ]


def _forget(request: Request | None, at: datetime) -> list[Fact]:
    if request is None or request.requester_id is None:
        return []
    withdrawn: list[Fact] = [_withdrawn(request, at)] if request.status == "pending" else []
    return [*withdrawn, RequesterForgotten()]


def refused(reason: Reason) -> RequestRefused:
    return RequestRefused(reason=reason, detail=_WHY[reason])


# -- changes


def _asked(event: PartnershipRequested) -> Request:
    return Request(
        request_id=event.request_id,
        provider=event.provider,
        reseller=event.reseller,
        requester=event.requester,
        requester_id=event.requested_by,
        message=event.message,
        requested_at=event.requested_at,
        expires_at=event.expires_at,
    )


def _answered(request: Request, fact: Answered | RequesterForgotten) -> Request:
    match fact:
        case PartnershipRequestAccepted(accepted_at=at, invitation_id=invitation_id):
            return replace(request, status="accepted", answered_at=at, invitation_id=invitation_id)
        case PartnershipRequestDeclined(declined_at=at, reason=reason, comment=comment):
            return replace(request, status="declined", answered_at=at, reason=reason, comment=comment)
        case PartnershipRequestWithdrawn(withdrawn_at=at):
            return replace(request, status="withdrawn", answered_at=at)
        case PartnershipRequestExpired(expired_at=at):
            return replace(request, status="expired", answered_at=at)
        case RequesterForgotten():
            return replace(request, requester=ERASED, requester_id=None, message=None)
        case _:
            assert_never(fact)
