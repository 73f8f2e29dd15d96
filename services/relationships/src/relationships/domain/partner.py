"""What relationships knows of an active company of the program. It announces nothing: enrollment has announced it."""

from dataclasses import dataclass
from typing import Literal, assert_never

from kontor_contracts.values import Partner


@dataclass(frozen=True, slots=True)
class Company:
    """A partner as the directory lists it. ``search_name`` is the name in the form that searches compare."""

    partner: Partner
    country: str
    region: str
    search_name: str
    status: Literal["active"] = "active"


@dataclass(frozen=True, slots=True)
class State:
    company: Company | None = None


@dataclass(frozen=True, slots=True)
class ListPartner:
    """The company's enrollment is active. Said again with other facts, the newer ones count."""

    partner: Partner
    country: str
    region: str


@dataclass(frozen=True, slots=True)
class PartnerListed:
    company: Company


Command = ListPartner
Fact = PartnerListed


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


def partner_id_of(state: State | None) -> str | None:
    """The partner id of a company whose enrollment is active."""
    return state.company.partner.partner_id if state and state.company else None


def search_form(name: str) -> str:
    """Upper and lower case, also beyond ASCII (ß is ss), count as the same."""
    return name.casefold()
