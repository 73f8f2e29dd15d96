"""A company of the program as relationships knows it, and whether it is an active partner now.

A right of a partner holds only while it is active: every list, draft, acceptance and check asks. Its document is read for
that, so a suspension counts at once for all customers; partnerships follow by the service's own topic.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal, assert_never

from kontor_contracts.relationships import (
    PartnerClosed,
    PartnerErased,
    PartnerListed,
    PartnerReinstated,
    PartnerReopened,
    PartnerSuspended,
)
from kontor_contracts.values import Partner

Status = Literal["active", "suspended"]
Standing = Literal["active", "suspended", "closed"]

# -- state


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """``reason``: as enrollment announced it."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Company:
    """A partner as the directory lists it. ``closed``: identity closed its work account, and has not reopened it."""

    partner: Partner
    country: str
    region: str
    status: Status = "active"
    suspension: Suspension | None = None
    closed: bool = False

    @property
    def active(self) -> bool:
        """Only an active partner invites, accepts, is listed and has rights."""
        return self.standing == "active"

    @property
    def standing(self) -> Standing:
        return "closed" if self.closed else self.status


@dataclass(frozen=True, slots=True)
class State:
    company: Company | None = None


# -- commands


@dataclass(frozen=True, slots=True)
class ListPartner:
    """The company's enrollment is active. Newer facts replace older ones. A suspension stays."""

    partner: Partner
    country: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendPartner:
    """Enrollment suspended the company."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinstatePartner:
    """Enrollment reinstated it."""

    at: datetime


@dataclass(frozen=True, slots=True)
class FollowAccount:
    """Identity has closed the company's work account, or reopened it."""

    closed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ErasePartner:
    """Identity has erased the company's account. The document keeps nothing of its contact, and its partner id is free."""

    ERASES: ClassVar[bool] = True
    at: datetime


Command = ListPartner | SuspendPartner | ReinstatePartner | FollowAccount | ErasePartner

# -- events

Change = PartnerSuspended | PartnerReinstated | PartnerClosed | PartnerReopened
Fact = PartnerListed | PartnerErased | Change

# -- decide, evolve


def decide(command: Command, state: State) -> list[Fact]:
    company = state.company
    match command:
        case ListPartner(partner, country, region):
            same = company and (company.partner, company.country, company.region) == (partner, country, region)
            return [] if same else [PartnerListed(partner=partner, country=country, region=region)]
        case SuspendPartner():
            return _suspend(command, company)
        case ReinstatePartner():
            return _reinstate(command, company)
        case FollowAccount(closed, at):
            return _follow(company, closed=closed, at=at)
        case ErasePartner(at):
            return [_erased(company.partner, at)] if company else []
        case _:
            assert_never(command)


def evolve(state: State, fact: Fact) -> State:
    company = state.company
    match fact:
        case PartnerListed(partner=partner, country=country, region=region):
            listed = Company(partner, country, region)
            if company is None:
                return State(listed)
            kept = replace(listed, status=company.status, suspension=company.suspension, closed=company.closed)
            return State(kept)
        case PartnerErased():
            return State()
        case _:
            return State(_changed(company, fact)) if company else state


# -- questions


def active_company(state: State | None) -> Company | None:
    """The company while it is an active partner; None otherwise."""
    company = state.company if state else None
    return company if company and company.active else None


def known_company(state: State | None) -> Company | None:
    """The company whether or not it is active now: for its present name, and for the program's staff."""
    return state.company if state else None


def active_partner_id(state: State | None) -> str | None:
    """The partner id of an active partner."""
    company = active_company(state)
    return company.partner.partner_id if company else None


# -- rules


def _suspend(command: SuspendPartner, company: Company | None) -> list[Fact]:
    if company is None or company.status == "suspended":
        return []
    return [PartnerSuspended(partner=company.partner, reason=command.reason, suspended_at=command.at)]


def _reinstate(command: ReinstatePartner, company: Company | None) -> list[Fact]:
    if company is None or company.status == "active":
        return []
    return [PartnerReinstated(partner=company.partner, reinstated_at=command.at)]


def _follow(company: Company | None, *, closed: bool, at: datetime) -> list[Fact]:
    if company is None or company.closed == closed:
        return []
    if closed:
        return [PartnerClosed(partner=company.partner, closed_at=at)]
    return [PartnerReopened(partner=company.partner, reopened_at=at)]


def _erased(partner: Partner, at: datetime) -> PartnerErased:
    return PartnerErased(organization_id=partner.organization_id, partner_id=partner.partner_id, erased_at=at)


def _changed(company: Company, fact: Change) -> Company:
    match fact:
        case PartnerSuspended():
            suspension = Suspension(reason=fact.reason, at=fact.suspended_at)
            return replace(company, status="suspended", suspension=suspension)
        case PartnerReinstated():
            return replace(company, status="active", suspension=None)
        case PartnerClosed() | PartnerReopened():
            return replace(company, closed=isinstance(fact, PartnerClosed))
        case _:
            assert_never(fact)
