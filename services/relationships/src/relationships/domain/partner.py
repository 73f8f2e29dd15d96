"""A company of the program as relationships knows it. It announces nothing: enrollment has announced it."""

from dataclasses import dataclass
from typing import Literal, assert_never

from kontor_contracts.values import Partner

Status = Literal["active", "suspended"]

# -- state


@dataclass(frozen=True, slots=True)
class Company:
    """A partner as the directory lists it. ``search_name`` is the name in the form that searches compare."""

    partner: Partner
    country: str
    region: str
    search_name: str
    status: Status = "active"

    @property
    def active(self) -> bool:
        """Only an active partner invites, accepts, is listed and has rights."""
        return self.status == "active"


@dataclass(frozen=True, slots=True)
class State:
    company: Company | None = None


# -- commands


@dataclass(frozen=True, slots=True)
class ListPartner:
    """The company's enrollment is active. Newer facts replace older ones."""

    partner: Partner
    country: str
    region: str


Command = ListPartner

# -- events


@dataclass(frozen=True, slots=True)
class PartnerListed:
    company: Company


Fact = PartnerListed

# -- decide, evolve


def decide(command: Command, state: State) -> list[Fact]:
    match command:
        case ListPartner(partner, country, region):
            company = Company(partner, country, region, search_form(partner.name))
            return [] if company == state.company else [PartnerListed(company)]
        case _:
            assert_never(command)


def evolve(_state: State, fact: Fact) -> State:
    match fact:
        case PartnerListed(company):
            return State(company)
        case _:
            assert_never(fact)


# -- questions


def active_company(state: State | None) -> Company | None:
    """The company while it is an active partner; None otherwise."""
    company = state.company if state else None
    return company if company and company.active else None


def active_partner_id(state: State | None) -> str | None:
    """The partner id of an active partner."""
    company = active_company(state)
    return company.partner.partner_id if company else None


def search_form(name: str) -> str:
    """Ignores case, also beyond ASCII: ß equals ss."""
    return name.casefold()
