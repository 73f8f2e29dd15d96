"""The graph of partners and customers in two processes on one database, held to the plain model of the unit tests.

Each process reads all topics for itself and at its own pace, so every message is applied twice and messages of different topics
overtake one another. Commands go to either process; messages are repeated; processes are killed in the middle. After each
round all is at rest, and lists and checks of both processes are what the model says, and so are those of a reader of the
snapshot topic.

KONTOR_GRAPH_PROCESS_HISTORIES asks for more histories than the few here, and KONTOR_GRAPH_SEED for others.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from harness.documents import Documents
from harness.rest import at_rest
from harness.running import Running, Services
from harness.tokens import Tokens
from harness.topics import Topics
from service.conftest import Service
from service.relationships.stage import ALL, Company, Stage
from support import eventually
from unit.relationships.graph_model import Model

from kontor_contracts import Envelope, Payload, new_envelope
from kontor_contracts.authz.reader import Reader
from kontor_contracts.customers import Action
from kontor_contracts.enrollment import EnrollmentActivated, EnrollmentReinstated, EnrollmentSuspended
from kontor_contracts.identity import OrganizationClosed, OrganizationReopened
from kontor_contracts.relationships import InvitationAccepted
from kontor_contracts.topics import TOPICS
from kontor_contracts.values import Partner, Recipient

HISTORIES = int(os.environ.get("KONTOR_GRAPH_PROCESS_HISTORIES", "2"))
SEED = os.environ.get("KONTOR_GRAPH_SEED", "graph")
ROUNDS = 6
ACTIONS: Sequence[Action] = ("administer-users", "order", "view")
PLACE: dict[str, Any] = {"country": "DE", "region": "europe"}
READ = tuple(topic.name for topic in TOPICS if "relationships" in topic.consumers)
WITHIN = 120.0


class Two:
    """Two processes of the service. The second one has a consumer group of its own."""

    def __init__(self, first: Running, second: Running, kafka: Topics, mongo: Documents) -> None:
        self.first, self.second = first, second
        self._kafka, self._mongo = kafka, mongo

    @property
    def both(self) -> tuple[Running, Running]:
        return self.first, self.second

    def group(self, running: Running) -> str:
        return running.group if running is self.first else f"{running.group}.second"

    async def kill(self, running: Running) -> None:
        running.kill()
        await running.process.wait(30)
        await self._kafka.forget_members(self.group(running))

    async def rest(self) -> None:
        """Both have read all, and all that came of it is announced."""

        async def quiet() -> bool:
            if not await at_rest(self.first, self._kafka, self._mongo, READ):
                return False
            group = self.group(self.second)
            if any([await self._kafka.unread(group, self.first.topic(name)) for name in READ]):
                return False
            # What the second one has announced meanwhile, the first one has not read.
            return await at_rest(self.first, self._kafka, self._mongo, READ)

        await eventually(quiet, timeout=WITHIN)


@pytest.fixture(scope="module")
async def two(service: Service, services: Services, kafka: Topics, mongo: Documents) -> AsyncIterator[Two]:
    async with service("relationships") as first, _second(services, first) as second:
        yield Two(first, second, kafka, mongo)


@asynccontextmanager
async def _second(services: Services, first: Running) -> AsyncIterator[Running]:
    async with services.another(first, start=False, GRAPH_DELAYS=SEED) as running:
        running.process.args[-1] = "service.relationships.second"
        await running.start()
        yield running


@pytest.fixture
async def reader(two: Two) -> AsyncIterator[Reader]:
    """Somebody else's process, which knows the snapshot topic and nothing else."""
    topic, bootstrap = two.first.topic("relationships.snapshot"), two.first.env["KONTOR_KAFKA_BOOTSTRAP"]
    async with Reader(topic=topic, bootstrap_servers=bootstrap, every=0.05, fresh_within=WITHIN) as reader:
        await reader.ready()
        yield reader


@dataclass
class History:
    """One history on companies of its own."""

    two: Two
    stages: tuple[Stage, Stage]
    chance: Random
    model: Model = field(default_factory=Model)
    said: list[tuple[str, Envelope[Any]]] = field(default_factory=list)
    """What was announced: topic and message. Any of it may come again."""
    numbers: dict[str, int] = field(default_factory=dict)
    after: list[tuple[tuple[str, Envelope[Any]], set[str], str]] = field(default_factory=list)
    """What is announced at the end of the round: the message, and the model's set that the organization enters or leaves."""
    late: list[tuple[str, Envelope[Any]]] = field(default_factory=list)
    """Acceptances that were given and have not been announced yet."""

    def __post_init__(self) -> None:
        self.provider = self._company("provider")
        self.resellers = [self._company("reseller") for _ in range(2)]
        self.customers = [self._company("customer") for _ in range(2)]
        self.partners = [self.provider, *self.resellers]

    # -- who

    def _id(self) -> str:
        return str(UUID(int=self.chance.getrandbits(128), version=4))

    def _company(self, kind: Any) -> Company:
        id = self._id()
        return Company(id, kind, f"Firma {id[:8]}", "DE", str(int(id[:8], 16) + 10_000_000_000)[:11])

    @property
    def stage(self) -> Stage:
        """Either process."""
        return self.chance.choice(self.stages)

    # -- what is announced

    def message(self, service: str, subject: str, event: Payload) -> tuple[str, Envelope[Any]]:
        number = self.numbers[subject] = self.numbers.get(subject, 0) + 1
        envelope = new_envelope(
            event,
            id=self._id(),
            source=f"/kontor/{service}",
            subject=subject,
            time=datetime.now(UTC),
            sequence=number,
            correlationid=self._id(),
        )
        return f"{service}.events", envelope

    async def announce(self, message: tuple[str, Envelope[Any]], *, again: bool = False) -> None:
        topic, envelope = message
        await self.stages[0].kafka.produce(self.two.first.topic(topic), envelope)
        if not again:
            self.said.append(message)

    def acceptance(self, kind: Any, inviter: Company, other: Company | None, who: Company) -> tuple[str, Envelope[Any]]:
        invitation_id = self._id()
        accepted = InvitationAccepted(
            invitation_id=invitation_id,
            kind=kind,
            inviter=inviter.partner,
            provider=other.partner if other else None,
            accepted_by="u",
            accepting_organization_id=who.organization_id,
            accepting_organization_name=who.name,
            accepting_partner=who.partner if kind == "partnership" else None,
            country="DE",
            contact=Recipient(name="Käthe Süß", email=f"{who.partner_id}@kunde.example", culture="de"),
            consent="v1",
            accepted_at=datetime.now(UTC),
        )
        return self.message("relationships", f"invitation:{invitation_id}", accepted)

    def count(self, message: tuple[str, Envelope[Any]]) -> None:
        """What the model makes of an acceptance, whenever it arrives."""
        accepted: InvitationAccepted = message[1].data
        if accepted.kind == "partnership":
            pair = (accepted.inviter.organization_id, accepted.accepting_organization_id)
            self.model.connected_by(pair, accepted.accepted_at)
            return
        partners: Sequence[Partner] = (accepted.inviter, *([accepted.provider] if accepted.provider else []))
        self.model.accepted(accepted.accepting_organization_id, partners, accepted.invitation_id, accepted.accepted_at)

    # -- a round: each step is about something else than the others of the same round

    async def begin(self) -> None:
        for partner in self.partners:
            active = EnrollmentActivated(
                **PLACE, enrollment_id=f"e-{partner.partner_id}", partner=partner.partner, enrolled_by="u"
            )
            await self.announce(self.message("enrollment", f"enrollment:e-{partner.partner_id}", active))
        for reseller in self.resellers:
            accepted = self.acceptance("partnership", self.provider, None, reseller)
            await self.announce(accepted)
            self.count(accepted)
        for customer in self.customers:
            accepted = self.acceptance("customer-joint", self.resellers[0], self.provider, customer)
            await self.announce(accepted)
            self.count(accepted)

    def steps(self) -> list[Callable[[], Awaitable[None]]]:
        """Of each pair of companies at most one change, or nobody could say which came first."""
        chance = self.chance
        found: list[Callable[[], Awaitable[None]]] = []
        customers = list(self.customers)
        chance.shuffle(customers)
        found.append(lambda: self.end_or_connect(customers[0], chance.choice(self.partners)))
        found.append(lambda: self.grant(customers[1]))
        found.append(lambda: self.part_or_connect(chance.choice(self.resellers)))
        found.append(self.suspend_or_reinstate)
        found.append(self.repeat)
        found.append(self.repeat)
        chance.shuffle(found)
        return found

    async def end_or_connect(self, customer: Company, partner: Company) -> None:
        pair = (customer.organization_id, partner.partner_id)
        if pair not in self.model.edges:
            inviter, other = (partner, None)
            if partner.kind == "reseller" and self.model.connected(self.provider.partner, partner.partner):
                other = (
                    self.provider
                    if (customer.organization_id, self.provider.partner_id) not in self.model.edges
                    else None
                )
            accepted = self.acceptance("customer-joint" if other else "customer", inviter, other, customer)
            if self.chance.random() < 0.3:
                # It is read after an end that is to come.
                self.late.append(accepted)
                return
            await self.announce(accepted)
            self.count(accepted)
            return
        if customer.organization_id in self.model.closed:
            return
        if self.chance.random() < 0.5:
            given = self.acceptance("customer", partner, None, customer)
            self.late.append(given)
        answer = await self.asked(customer, f"/v1/me/resellers/{partner.partner_id}/end", {})
        assert answer.status_code == 200, answer.text
        self.model.ended(pair, datetime.now(UTC))

    async def part_or_connect(self, reseller: Company) -> None:
        pair = (self.provider.organization_id, reseller.organization_id)
        if pair not in self.model.partnerships:
            if not (self.model.active(self.provider.partner) and self.model.active(reseller.partner)):
                return
            accepted = self.acceptance("partnership", self.provider, None, reseller)
            await self.announce(accepted)
            self.count(accepted)
            return
        self.late.append(self.acceptance("partnership", self.provider, None, reseller))
        by = self.chance.choice([self.provider, reseller])
        answer = await self.asked(by, f"/v1/partnerships/{'.'.join(pair)}/end", {"reason": "by-agreement"})
        assert answer.status_code == 200, answer.text
        self.model.disconnected(pair, datetime.now(UTC))

    async def grant(self, customer: Company) -> None:
        """The provider asks, the customer approves; or it ends what there is."""
        open_ones = [id for id in self.model.held if self.model.asked[id][0] == customer.organization_id]
        if open_ones:
            by = self.chance.choice([customer, self.provider])
            answer = await self.asked(by, f"/v1/admin-grants/{open_ones[0]}/end", {})
            assert answer.status_code == 200, answer.text
            self.model.grant_ended(open_ones[0])
            return
        pair = (customer.organization_id, self.provider.partner_id)
        usable = pair in self.model.edges and customer.organization_id not in self.model.closed
        if not usable or not self.model.active(self.provider.partner):
            return
        body = {"name": self._id()[:13], "roles": ["user-administrator"], "days": 60}
        path = f"/v1/customers/{customer.organization_id}/admin-grants"
        asked = await self.asked(self.provider, path, body)
        assert asked.status_code == 201, asked.text
        id = asked.json()["grant_id"]
        answer = await self.asked(customer, f"/v1/admin-grants/{id}/approve", None)
        assert answer.status_code == 200, answer.text
        self.model.asked[id] = pair
        self.model.grant_counts(id, datetime.now(UTC) + timedelta(days=60))

    async def suspend_or_reinstate(self) -> None:
        """In the topics of enrollment and of identity, which overtake one another."""
        partner, customer = self.chance.choice(self.resellers), self.chance.choice(self.customers)
        known = partner.organization_id in self.model.suspended
        facts: dict[str, Any] = {**PLACE, "enrollment_id": f"e-{partner.partner_id}", "partner": partner.partner}
        event: Payload = (
            EnrollmentReinstated(**facts, reason="cause-cleared", reinstated_by="u")
            if known
            else EnrollmentSuspended(**facts, reason="abuse", suspended_by="u")
        )
        closed = customer.organization_id in self.model.closed
        life: Payload = (
            OrganizationReopened(organization_id=customer.organization_id, reopened_by="u")
            if closed
            else OrganizationClosed(
                organization_id=customer.organization_id, restorable_until=datetime.now(UTC), closed_by="u"
            )
        )
        enrollment, account = f"enrollment:{facts['enrollment_id']}", f"organization:{customer.organization_id}"
        self.after += [
            (self.message("enrollment", enrollment, event), self.model.suspended, partner.organization_id),
            (self.message("identity", account, life), self.model.closed, customer.organization_id),
        ]

    async def follow(self) -> None:
        """The commands of the round are given, by companies that were open and active until then."""
        for message, those, organization_id in self.after:
            await self.announce(message)
            those.symmetric_difference_update({organization_id})
        self.after = []

    async def repeat(self) -> None:
        """A message of before, perhaps long before."""
        await self.announce(self.chance.choice(self.said), again=True)

    async def come_late(self) -> None:
        for accepted in self.late:
            await self.announce(accepted)
            self.count(accepted)
        self.late = []

    async def asked(self, who: Company, path: str, body: Any) -> Any:
        """With one key until somebody answers: a process may be killed in the middle."""
        key, give_up = self._id(), asyncio.get_running_loop().time() + WITHIN
        while True:
            stage = self.stage
            headers = stage._tokens.bearer(
                who.organization_id, organization_kind=who.kind, permissions=ALL, country="DE", org_name=who.name
            )
            try:
                answer = await stage.running.client.post(path, json=body, headers=headers | {"Idempotency-Key": key})
            except OSError:
                answer = None
            except Exception as error:
                if "Error" not in type(error).__name__:
                    raise
                answer = None
            if answer is not None and answer.status_code != 503:
                return answer
            assert asyncio.get_running_loop().time() < give_up, path
            await asyncio.sleep(0.1)

    # -- the judgement

    async def read_to_the_end(self, reader: Reader) -> None:
        """All is published. A look that begins now finds it."""
        asked = time.monotonic()
        await eventually(lambda: time.monotonic() - reader.behind > asked, timeout=WITHIN)

    async def compare(self, reader: Reader) -> None:
        at = datetime.now(UTC)
        wanted = [
            (customer, partner, action)
            for customer in self.customers
            for partner in self.partners
            for action in ACTIONS
        ]
        expected = [
            self.model.may(customer.organization_id, partner.partner, action, at)
            for customer, partner, action in wanted
        ]
        checks = [
            {"customer_id": c.organization_id, "organization_id": p.organization_id, "action": a} for c, p, a in wanted
        ]
        await self.read_to_the_end(reader)
        for customer, partner, action in wanted:
            may = reader.may(partner.organization_id, action, customer.organization_id).allowed
            assert may is self.model.may(customer.organization_id, partner.partner, action, at)
        for stage in self.stages:
            operator = stage.company("operator")
            answer = await stage.post(
                operator, "/v1/authorizations/check-batch", {"checks": checks, "consistency": "latest"}
            )
            assert answer.status_code == 200, answer.text
            assert [one["allowed"] for one in answer.json()["answers"]] == expected
            for partner in self.partners:
                listed = await stage.get(partner, "/v1/customers")
                found = {one["customer_id"] for one in listed.json()["items"]}
                own = {
                    c.organization_id for c in self.customers if self.model.lists(c.organization_id, partner.partner)
                }
                assert found == (own if self.model.active(partner.partner) else set())
                assert sorted(found) == reader.customers_of(partner.organization_id)
            for reseller in self.resellers:
                shown = (await stage.get(reseller, "/v1/providers", state="active")).json()["items"]
                connected = [one for one in shown if one["state"] == "active"]
                pair = reader.partnership(self.provider.organization_id, reseller.organization_id)
                assert bool(connected) is (pair is not None and pair.active)
                assert bool(connected) is self.model.connected(self.provider.partner, reseller.partner)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("number", range(HISTORIES))
async def test_two_processes_and_a_reader_agree_with_the_model(
    number: int, two: Two, kafka: Topics, tokens: Tokens, reader: Reader
) -> None:
    chance = Random(f"{SEED}/{number}")
    first, second = (Stage(running, kafka, tokens) for running in two.both)
    history = History(two, (first, second), chance)
    await history.begin()
    await two.rest()
    await history.compare(reader)
    for running in two.both:
        assert await running.metric("kontor_records_total", topic=two.first.topic("relationships.events")) > 0
    for _ in range(ROUNDS):
        steps = history.steps()
        victim = chance.choice([None, two.first, two.second])
        # A command whose process is killed is sent again, to either one.
        await asyncio.gather(*(step() for step in steps[:3]), *([two.kill(victim)] if victim else []))
        await asyncio.gather(*(step() for step in steps[3:]), *([victim.start()] if victim else []))
        await history.follow()
        await two.rest()
        await history.come_late()
        await two.rest()
        await history.compare(reader)
