"""A whole program as records: providers, resellers, their partnerships and customers, made up by a seed.

The services that own these facts would announce the same. Half of the customers belong to the first reseller, and the others
to all: some resellers have many, most have few. The same seed gives the same records, so a test knows what has to be there.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

from harness.running import Running
from harness.topics import Topics

from kontor_contracts import Envelope, new_envelope
from kontor_contracts.enrollment import EnrollmentActivated
from kontor_contracts.relationships import ImportCustomer, InvitationAccepted
from kontor_contracts.values import Partner, Recipient

FIRST_NAMES = ("Bäckerei", "Zimmerei", "Gärtnerei", "Kanzlei", "Praxis", "Spedition", "Brauerei", "Druckerei", "Schule")
SURNAMES = (
    "Süß",
    "Müller",
    "Ötker",
    "Žižka",
    "Schäfer",
    "Groß",
    "Vogt",
    "Arslan",
    "Nowak",
    "Ferrari",
    "Łukasz",
    "Meyer",
)
PLACES = ("Bremen", "Köln", "Graz", "Zürich", "Łódź", "Lyon", "Ghent", "Århus", "Trier", "Ulm")
BY_IMPORT = 0.6
"""Of the customers. The others accepted an invitation, half of those a joint one."""
NOW = datetime(2026, 11, 1, tzinfo=UTC)


CHUNK = 500
"""Records that are under way to the broker together."""


@dataclass(frozen=True, slots=True)
class Record:
    """``topic`` without a prefix."""

    topic: str
    envelope: Envelope[Any]


@dataclass(frozen=True, slots=True)
class Customer:
    """``partner_ids``: of the partners it works with. ``portal_number``: of an import; else it has a work account."""

    name: str
    partner_ids: tuple[str, ...]
    portal_number: str | None = None
    organization_id: str | None = None


@dataclass(slots=True)
class Program:
    seed: int
    providers: Sequence[Partner] = ()
    resellers: Sequence[Partner] = ()
    customers: list[Customer] = field(default_factory=list)

    @property
    def partners(self) -> Sequence[Partner]:
        return (*self.providers, *self.resellers)

    def provider_of(self, reseller: Partner) -> Partner:
        """Each reseller has one."""
        return self.providers[self.resellers.index(reseller) % len(self.providers)]

    def names_of(self, partner: Partner) -> list[str]:
        return [one.name for one in self.customers if partner.partner_id in one.partner_ids]


def program(seed: int, *, customers: int, resellers: int, providers: int) -> Program:
    chance = Random(seed)
    made = Program(
        seed,
        [_partner(chance, seed, number, "indirect-provider") for number in range(providers)],
        [_partner(chance, seed, providers + number, "indirect-reseller") for number in range(resellers)],
    )
    made.customers = [_customer(chance, made, number) for number in range(customers)]
    return made


def _id(chance: Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))


def _partner(chance: Random, seed: int, number: int, kind: Any) -> Partner:
    name = f"{chance.choice(SURNAMES)} {chance.choice(PLACES)} {number}"
    contact = Recipient(name="Kontakt", email=f"kontakt@partner{number}.example", culture="de")
    # Twelve digits at most: partners of other seeds have other numbers.
    id = f"{seed % 10_000 + 10_000}{number:06d}"
    return Partner(organization_id=_id(chance), partner_id=id, name=name, program=kind, contact=contact)


def _customer(chance: Random, made: Program, number: int) -> Customer:
    name = f"{chance.choice(FIRST_NAMES)} {chance.choice(SURNAMES)} {chance.choice(PLACES)} {number}"
    reseller = made.resellers[0 if number % 2 == 0 else chance.randrange(len(made.resellers))]
    if chance.random() < BY_IMPORT:
        return Customer(name, (reseller.partner_id,), portal_number=f"K-{made.seed}-{number}")
    joint = chance.random() < 0.5
    provider = made.provider_of(reseller)
    partners = (reseller.partner_id, provider.partner_id) if joint else (reseller.partner_id,)
    return Customer(name, partners, organization_id=_id(chance))


# -- what is announced


async def announce(kafka: Topics, running: Running, records: Iterable[Record]) -> None:
    rest = iter(records)
    while some := list(islice(rest, CHUNK)):
        await asyncio.gather(*(kafka.produce(running.topic(one.topic), one.envelope) for one in some))


def partner_records(made: Program) -> Iterator[Record]:
    """First: what follows waits for them."""
    for number, partner in enumerate(made.partners):
        active = EnrollmentActivated(
            enrollment_id=f"e-{partner.partner_id}", partner=partner, country="DE", region="europe", enrolled_by="u1"
        )
        yield _record("enrollment.events", f"enrollment:e-{partner.partner_id}", active, f"e{made.seed}-{number}")


def partnership_records(made: Program) -> Iterator[Record]:
    for number, reseller in enumerate(made.resellers):
        id = f"p-{reseller.partner_id}"
        accepted = InvitationAccepted(
            **_acceptance(id, made.provider_of(reseller), "DE"),
            kind="partnership",
            accepting_organization_id=reseller.organization_id,
            accepting_organization_name=reseller.name,
            accepting_partner=reseller,
            contact=reseller.contact,
        )
        yield _record("relationships.events", f"invitation:{id}", accepted, f"p{made.seed}-{number}")


def customer_records(made: Program) -> Iterator[Record]:
    known = {partner.partner_id: partner for partner in made.partners}
    for number, customer in enumerate(made.customers):
        if customer.portal_number is not None:
            (partner_id,) = customer.partner_ids
            wanted = ImportCustomer(
                portal="office",
                external_id=customer.portal_number,
                name=customer.name,
                country="DE",
                partner_id=partner_id,
            )
            yield _record(
                "relationships.commands", f"office:{customer.portal_number}", wanted, f"i{made.seed}-{number}"
            )
            continue
        inviter, *others = (known[id] for id in customer.partner_ids)
        id = f"c-{made.seed}-{number}"
        accepted = InvitationAccepted(
            **_acceptance(id, inviter, "DE"),
            kind="customer-joint" if others else "customer",
            provider=others[0] if others else None,
            accepting_organization_id=str(customer.organization_id),
            accepting_organization_name=customer.name,
            contact=Recipient(name="Käthe Süß", email=f"kaethe@kunde{number}.example", culture="de"),
        )
        yield _record("relationships.events", f"invitation:{id}", accepted, f"a{made.seed}-{number}")


def _acceptance(id: str, inviter: Partner, country: str) -> dict[str, Any]:
    return {
        "invitation_id": id,
        "inviter": inviter,
        "accepted_by": "u2",
        "country": country,
        "consent": "customer-2026-11",
        "accepted_at": NOW,
    }


def _record(topic: str, subject: str, data: Any, id: str) -> Record:
    service = topic.partition(".")[0]
    is_command = topic.endswith(".commands")
    envelope: Envelope[Any] = new_envelope(
        data,
        id=id,
        source="/office-portal" if is_command else f"/kontor/{service}",
        subject=subject,
        # Commands that are old are refused.
        time=datetime.now(UTC),
        correlationid=id,
        **({} if is_command else {"sequence": 1}),
    )
    return Record(topic, envelope)
