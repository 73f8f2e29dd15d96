"""Charging the budgets of those who cause a mail, and telling callers how much is left."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chassis.aggregate.handler import Handler
from chassis.aggregate.model import Aggregate, Cause
from chassis.configuration.settings import Settings
from chassis.errors import RefusedError
from chassis.http.problems import ProblemError
from chassis.limits.mail_budget import Budget, Charge, Spend, decide, evolve, seconds_left
from chassis.observability.context import client_network
from kontor_contracts.addresses import address_key

SHARED_DOCUMENTS = 4096
"""Addressees share so many documents, as do networks: otherwise made-up addresses could fill the database."""
DAY_SECONDS = 24 * 3600
ORGANIZATION, PERSON, ADDRESSEE = "mails-organization", "mails-person", "mails-addressee"

BUDGET: Aggregate[Budget, Spend] = Aggregate("mail-budget", initial=Budget(), decide=decide, evolve=evolve)

SPENT: dict[int | str, dict[str, Any]] = {
    429: {"description": "the mails of today are used up; Retry-After says when to come again"}
}
"""For the document of a route that causes a mail."""


class MailBudgets:
    """Every method charges before anything is sent; ProblemError 429 where a limit would be exceeded.

    Charge only what `Handler.would_change` says sends a mail: then a repeated request is charged once, and a refused one
    never. Two at the same moment may be charged twice, which is the safe side. The answers are headers for the response:
    RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10).
    """

    def __init__(self, handler: Handler, settings: Settings) -> None:
        self._handler = handler
        self._settings = settings

    async def by_organization(
        self, cause: Cause, *, organization_id: str, person: str, proved: bool, mails: int = 1
    ) -> dict[str, str]:
        """Charge the organization and the person. One whose identity is not ``proved`` has a small budget."""
        settings = self._settings
        most = settings.mails_per_organization if proved else settings.mails_unproved
        own = min(most, settings.mails_per_person)
        charges = (Charge("all", ORGANIZATION, most, mails), Charge(f"person:{person}", PERSON, own, mails))
        return await self._spend(f"organization-{organization_id}", charges, cause)

    async def by_addressee(
        self, cause: Cause, *, email: str, purpose: str, organization_id: str = ""
    ) -> dict[str, str]:
        """Charge the addressee for one mail. Each ``purpose`` has a budget of its own.

        With ``organization_id``, the organization's own share of the addressee, which no other sender can use up: for
        organizations that have proved who they are. All senders without one share a single budget per addressee.
        """
        digest = _digest(f"{organization_id} {address_key(email)}".strip())
        return await self._to_addressee("addressees", digest, f"{purpose}:{digest}", cause)

    async def addressee_spent(self, cause: Cause, *, email: str, purpose: str) -> bool:
        """Charge the addressee; True if there is no mail left today.

        For mails that an owner must always be able to get. There `by_network` refuses, and with True the caller sends only
        what the owner cannot do without.
        """
        try:
            await self.by_addressee(cause, email=email, purpose=purpose)
        except ProblemError:
            return True
        return False

    async def by_network(self, cause: Cause, *, email: str, purpose: str) -> dict[str, str]:
        """Charge the client's network for one mail to the addressee: no stranger uses up what the owner may ask for.

        Networks share documents, not addressees: so nobody can fill the counters of an address either.
        """
        network = client_network()
        key = f"{purpose}:{_digest(f'{network} {address_key(email)}')}"
        return await self._to_addressee("networks", _digest(network), key, cause)

    async def _to_addressee(self, documents: str, digest: str, key: str, cause: Cause) -> dict[str, str]:
        charge = Charge(key, ADDRESSEE, self._settings.mails_per_addressee)
        return await self._spend(f"{documents}-{int(digest, 16) % SHARED_DOCUMENTS}", (charge,), cause)

    async def _spend(self, key: str, charges: tuple[Charge, ...], cause: Cause) -> dict[str, str]:
        # Without the key: a document remembers too few of them for all mails of a day.
        own = replace(cause, key=None, position=None, on_bus=False)
        try:
            outcome = await self._handler.handle(BUDGET, BUDGET.id(key), Spend(charges, cause.time), own)
        except RefusedError as error:
            refusal: Any = error.refusal
            wait = seconds_left(cause.time)
            headers = _stated([(refusal.policy, refusal.limit, refusal.left)], wait)
            values = {"limit": refusal.limit, "left": refusal.left}
            raise ProblemError(
                429, "mail-budget-spent", refusal.detail, retry_after=wait, headers=headers, values=values
            ) from error
        return _headers(charges, outcome.state.counts, seconds_left(cause.time))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _headers(charges: Sequence[Charge], counts: Mapping[str, int], seconds: int) -> dict[str, str]:
    return _stated(
        [(each.policy, each.limit, max(0, each.limit - counts.get(each.key, 0))) for each in charges], seconds
    )


def _stated(limits: Sequence[tuple[str, int, int]], seconds: int) -> dict[str, str]:
    return {
        "ratelimit-policy": ", ".join(f'"{policy}";q={limit};w={DAY_SECONDS}' for policy, limit, _ in limits),
        "ratelimit": ", ".join(f'"{policy}";r={left};t={seconds}' for policy, _, left in limits),
    }
