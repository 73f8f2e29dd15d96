"""Authorization checks: which checks a caller may ask, answered from the read cache (ADR 20)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chassis import Principal
from chassis.read_cache import Part, ReadCache
from kontor_contracts.authz.rules import NO_RELATIONSHIP, Relationships, Verdict, verdict_on
from kontor_contracts.customers import Action
from relationships.documents import CUSTOMER, PARTNER
from relationships.domain import partner as domain_partner
from relationships.domain.check import held_by
from relationships.domain.customer.state import State as CustomerState

PARTNER_ID: Part[domain_partner.State, str | None] = Part(PARTNER, domain_partner.active_partner_id, announced=True)
HELD: Part[CustomerState, Relationships | None] = Part(CUSTOMER, held_by, announced=True)


class Check(NamedTuple):
    """May the partner do this for the customer?"""

    organization_id: str
    customer_id: str
    action: Action


class Checks:
    def __init__(self, cache: ReadCache, now: Callable[[], datetime]) -> None:
        self._cache = cache
        self._now = now

    async def answers(self, caller: Principal, checks: Sequence[Check], *, latest: bool) -> list[Verdict | None]:
        """The verdicts in the order of the checks; None: the caller may not ask this one. Raises UnavailableError.

        One round trip at most. ``latest`` reads the documents; otherwise an answer is as old as the bound allows.
        """
        documents = [(PARTNER.id(check.organization_id), CUSTOMER.id(check.customer_id)) for check in checks]
        wanted: dict[str, Part[Any, Any]] = {}
        for check, (partner, customer) in zip(checks, documents, strict=True):
            if _may_ask(caller, check):
                wanted[partner], wanted[customer] = PARTNER_ID, HELD
        read = self._cache.latest if latest else self._cache.parts
        values = await read(*((part, id) for id, part in wanted.items())) if wanted else []
        known = dict(zip(wanted, values, strict=True))
        at = self._now()
        return [
            _answer(caller, check, known[partner], known[customer], at) if _may_ask(caller, check) else None
            for check, (partner, customer) in zip(checks, documents, strict=True)
        ]


def _answer(
    caller: Principal, check: Check, partner_id: str | None, held: Relationships | None, at: datetime
) -> Verdict:
    verdict = verdict_on(held, partner_id, check.action, at)
    if verdict.reason == "unknown-customer" and caller.organization_kind != "operator":
        # Strangers must not learn whether a company is a customer of anybody.
        return NO_RELATIONSHIP
    return verdict


def _may_ask(caller: Principal, check: Check) -> bool:
    """Partners ask about themselves, customers about themselves and any partner, operators about anything."""
    match caller.organization_kind:
        case "operator":
            return True
        case "customer":
            return check.customer_id == caller.organization_id
        case _:
            return check.organization_id == caller.organization_id
