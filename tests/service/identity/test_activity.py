"""The activity log of several services over real sockets: who finds an entry, who does not, and as CSV."""

import csv
import io
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.identity.company import Person, is_problem
from support import eventually

from kontor_contracts import Event, new_envelope, organization_of
from kontor_contracts.enrollment import EnrollmentApproved
from kontor_contracts.notifications import MailOrdered, MailQueued
from kontor_contracts.relationships import PartnershipEnded, PartnershipEstablished
from kontor_contracts.values import Partner, Recipient

Service = Callable[..., AbstractAsyncContextManager[Running]]
CONTACT = Recipient(name="Anna Schäfer", email="anna@company.example")
BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity") as running:
        yield running


class Log:
    """Publishes events of other services and reads the log that comes of them."""

    def __init__(self, running: Running, kafka: Topics) -> None:
        self.running = running
        self.kafka = kafka
        self.number = 0

    async def publish(self, event: Event, subject: str, *, by: Person | None = None) -> None:
        self.number += 1
        _, service, *_ = event.TYPE.split(".")
        envelope = new_envelope(
            event,
            id=secrets.token_hex(8),
            source=f"/kontor/{service}",
            subject=subject,
            time=BEGIN + timedelta(hours=self.number),
            sequence=self.number,
            correlationid="log",
            tenantid=organization_of(event),
            actor=f"user:{by.user_id}" if by else f"service:{service}",
        )
        await self.kafka.produce(self.running.topic(f"{service}.events"), envelope)

    async def read(self, bearer: dict[str, str], query: str, count: int) -> list[dict[str, Any]]:
        """The entries, once there are as many."""

        async def found() -> list[dict[str, Any]]:
            answer = await self.running.client.get(f"/v1/audit?{query}", headers=bearer)
            assert answer.status_code == 200, answer.text
            items: list[dict[str, Any]] = answer.json()["items"]
            return items if len(items) >= count else []

        return await eventually(found)


@pytest.fixture(scope="module")
async def provider(running: Running) -> Person:
    return await Person.sign_up(running, "provider", name="Distri AG")


@pytest.fixture(scope="module")
async def reseller(running: Running) -> Person:
    return await Person.sign_up(running, "reseller", name="Nordlicht GmbH")


def partner(person: Person, name: str, program: Any) -> Partner:
    number = str(int(secrets.token_hex(3), 16) + 10_000)
    return Partner(
        organization_id=person.organization_id, partner_id=number, name=name, program=program, contact=CONTACT
    )


@pytest.fixture
async def told(running: Running, kafka: Topics, provider: Person, reseller: Person) -> str:
    """The subject of a partnership that the reseller began and the provider ended; all its events are published."""
    log, id = Log(running, kafka), secrets.token_hex(6)
    sides = {
        "partnership_id": id,
        "provider": partner(provider, "Distri AG", "indirect-provider"),
        "reseller": partner(reseller, "Nordlicht GmbH", "indirect-reseller"),
        "invitation_id": "invitation-1",
    }
    subject = f"partnership:{id}"
    await log.publish(PartnershipEstablished.model_validate({**sides, "admin_access": True}), subject, by=reseller)
    ended = {**sides, "since": BEGIN, "ended_at": BEGIN, "ended_by": provider.organization_id, "reason": "conduct"}
    await log.publish(PartnershipEnded.model_validate({**ended, "comment": "private words"}), subject, by=provider)
    return subject


async def test_both_sides_read_who_did_what_on_whose_behalf(
    running: Running, kafka: Topics, provider: Person, reseller: Person, told: str
) -> None:
    log = Log(running, kafka)
    ended, begun = await log.read(reseller.bearer, f"subject={told}", 2)
    assert (begun["action"], ended["action"]) == ("partnership-established", "partnership-ended")
    assert (begun["actor_name"], begun["on_behalf_of_name"]) == ("Jürgen Müller", "Nordlicht GmbH")
    # The other company's person stays an id.
    assert (ended["actor"], ended["actor_name"]) == (f"user:{provider.user_id}", None)
    assert (ended["on_behalf_of"], ended["on_behalf_of_name"]) == (provider.organization_id, "Distri AG")
    assert {"field": "status", "old": "active", "new": "ended"} in ended["differences"]
    assert "private words" not in str(ended)
    theirs = await log.read(provider.bearer, f"subject={told}", 2)
    assert [one["entry_id"] for one in theirs] == [ended["entry_id"], begun["entry_id"]]
    assert (theirs[0]["actor_name"], theirs[1]["actor_name"]) == ("Jürgen Müller", None)


async def test_another_organization_finds_nothing_of_it(
    running: Running, kafka: Topics, provider: Person, reseller: Person, told: str
) -> None:
    await Log(running, kafka).read(reseller.bearer, f"subject={told}", 2)
    stranger = await Person.sign_up(running)
    assert (await stranger.get(f"/v1/audit?subject={told}")).json()["items"] == []
    assert (await stranger.get(f"/v1/audit?actor=user:{provider.user_id}")).json()["items"] == []
    is_problem(await stranger.get(f"/v1/audit?organization_id={provider.organization_id}"), 404, "not-found")
    is_problem(await stranger.get(f"/v1/audit/export?organization_id={provider.organization_id}"), 404, "not-found")
    exported = await stranger.get("/v1/audit/export")
    assert told not in exported.text


async def test_the_staff_read_all_and_filter_by_organization(
    running: Running, kafka: Topics, tokens: Tokens, reseller: Person, told: str
) -> None:
    log = Log(running, kafka)
    staff = tokens.bearer("program-staff", organization_kind="operator", permissions=["audit:read"])
    ended, begun = await log.read(staff, f"subject={told}", 2)
    assert begun["actor_name"] == ended["actor_name"] == "Jürgen Müller"
    assert reseller.organization_id in ended["organization_ids"]
    own = await log.read(staff, f"organization_id={reseller.organization_id}&action=partnership-ended&limit=200", 1)
    assert ended["entry_id"] in [one["entry_id"] for one in own]
    other = await running.client.get(f"/v1/audit?organization_id=nobody&subject={told}", headers=staff)
    assert other.json()["items"] == []


async def test_the_log_is_filtered_by_time_sorted_and_paged(
    running: Running, kafka: Topics, reseller: Person, told: str
) -> None:
    log = Log(running, kafka)
    ended, begun = await log.read(reseller.bearer, f"subject={told}", 2)
    oldest = await log.read(reseller.bearer, f"subject={told}&sort=at", 2)
    assert [one["entry_id"] for one in oldest] == [begun["entry_id"], ended["entry_id"]]
    first = (await reseller.get(f"/v1/audit?subject={told}&sort=at&limit=1")).json()
    second = (await reseller.get(f"/v1/audit?subject={told}&sort=at&limit=1&cursor={first['next_cursor']}")).json()
    assert [*first["items"], *second["items"]] == oldest
    assert second["next_cursor"] is None

    async def between(since: str, until: str) -> list[str]:
        answer = await running.client.get(
            "/v1/audit", params={"subject": told, "since": since, "until": until}, headers=reseller.bearer
        )
        return [one["action"] for one in answer.json()["items"]]

    assert await between(begun["at"], ended["at"]) == ["partnership-established"]
    assert await between(ended["at"], "2026-12-31T00:00:00Z") == ["partnership-ended"]


async def test_the_export_has_the_filters_and_a_line_per_change(
    running: Running, kafka: Topics, reseller: Person, told: str
) -> None:
    await Log(running, kafka).read(reseller.bearer, f"subject={told}", 2)
    exported = await reseller.get(f"/v1/audit/export?subject={told}&action=partnership-ended&separator=comma")
    rows = list(csv.DictReader(io.StringIO(exported.content.decode("utf-8-sig"))))
    assert {row["action"] for row in rows} == {"partnership-ended"}
    changed = {row["field"]: (row["old"], row["new"]) for row in rows}
    assert changed["status"] == ("active", "ended")
    assert changed["reason"] == ("", "conduct")
    assert {row["on_behalf_of_name"] for row in rows} == {"Distri AG"}


async def test_an_enrollment_step_of_the_staff_is_in_the_companys_log(
    running: Running, kafka: Topics, provider: Person
) -> None:
    log = Log(running, kafka)
    approved = EnrollmentApproved(
        enrollment_id="e-1",
        organization_id=provider.organization_id,
        company_name="Distri AG",
        contact=CONTACT,
        reviewed_by="olga",
    )
    await log.publish(approved, "enrollment:e-1")
    (entry,) = await log.read(provider.bearer, "subject=enrollment:e-1", 1)
    assert (entry["action"], entry["on_behalf_of"]) == ("enrollment-approved", "program")
    assert entry["differences"] == [{"field": "status", "old": "in-review", "new": "qualified"}]


async def test_an_order_about_a_mail_is_in_the_companys_log(
    running: Running, kafka: Topics, provider: Person, reseller: Person
) -> None:
    log, subject = Log(running, kafka), f"mail:{secrets.token_hex(6)}"
    named = {"mail_id": subject[5:], "template": "invitation", "organization_id": reseller.organization_id}
    queued = MailQueued.model_validate({**named, "cause_id": "message-1"})
    await log.publish(queued, subject)
    await log.publish(MailOrdered.model_validate({**named, "order": "retry", "reason": "The relay erred."}), subject)
    (entry,) = await log.read(reseller.bearer, f"subject={subject}", 1)
    assert entry["action"] == "mail-ordered", "what becomes of a mail by itself has no entry"
    changes = {one["field"]: one["new"] for one in entry["differences"]}
    assert changes == {"order": "retry", "template": "invitation", "reason": "The relay erred."}
    others = await running.client.get(f"/v1/audit?subject={subject}", headers=provider.bearer)
    assert (others.status_code, others.json()["items"]) == (200, [])
