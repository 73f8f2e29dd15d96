"""Identity over real sockets: organizations, their names, domains and way into the program."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any

import pytest
from harness.documents import Documents
from harness.names import NameServer
from harness.running import Running
from harness.topics import Topics
from service.identity.company import PASSWORD, Person, activation, announced, is_problem, new_user, once, sign_up
from support import eventually

from identity.domain.organization.state import MOST_COUNTED
from kontor_contracts import Event, new_envelope
from kontor_contracts.enrollment import EnrollmentApproved, EnrollmentStarted
from kontor_contracts.values import Recipient

Service = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    server = NameServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
async def running(service: Service, names: NameServer) -> AsyncIterator[Running]:
    async with service("identity", KONTOR_DNS_SERVER=names.address) as running:
        yield running


@pytest.fixture
async def admin(running: Running) -> Person:
    return await Person.sign_up(running)


async def test_an_organization_gets_no_more_global_admins_than_it_may_have(
    running: Running, admin: Person, mongo: Documents
) -> None:
    await admin.counted(1)
    id = f"organization:{admin.organization_id}"
    (first,) = (await mongo.one(running, id))["state"]["standings"]
    others = [{**first, "user_id": f"u{number}"} for number in range(1, MOST_COUNTED)]
    changed = {"$set": {"state.standings": [first, *others]}, "$inc": {"v": 1}}
    assert (await mongo.collection(running).update_one({"_id": id}, changed)).modified_count == 1

    for path in ("/v1/users", "/v1/users/invite"):
        answer = await admin.post(path, new_user("global-admin"))
        is_problem(answer, 409, "too-many-global-admins", "roles")
    colleague = await admin.add("helpdesk-agent")
    is_problem(await admin.set_roles(colleague, "global-admin"), 409, "too-many-global-admins", "roles")


async def claim(person: Person, domain: str) -> Any:
    answer = await person.post(f"/v1/organizations/{person.organization_id}/domains", {"domain": domain})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def verify(person: Person, domain: str) -> Any:
    return await person.post(f"/v1/organizations/{person.organization_id}/domains/{domain}/verify", None)


def some_domain() -> str:
    return f"firma-{secrets.token_hex(4)}.example"


async def test_a_domain_is_proved_by_its_dns_and_then_nobody_elses(
    running: Running, kafka: Topics, names: NameServer, admin: Person
) -> None:
    domain = some_domain()
    record = (await claim(admin, domain.upper()))["record"]
    assert record["name"] == f"_kontor-challenge.{domain}"
    is_problem(await verify(admin, domain), 409, "record-missing")
    names.texts[record["name"]] = ["something else", record["value"]]
    other = await Person.sign_up(running)
    theirs = (await claim(other, domain))["record"]
    is_problem(await verify(other, domain), 409, "record-missing")
    proved = (await verify(admin, domain)).json()
    assert (proved["status"], proved["record"]) == ("proved", None)
    assert (await verify(admin, domain)).json()["status"] == "proved"
    names.texts[record["name"]].append(theirs["value"])
    is_problem(await verify(other, domain), 409, "domain-taken", "domain")
    third = await Person.sign_up(running)
    refused = await third.post(f"/v1/organizations/{third.organization_id}/domains", {"domain": domain})
    is_problem(refused, 409, "domain-taken", "domain")
    late = sign_up(f"zoe@{domain.upper()}")
    is_problem(await running.client.post("/v1/sign-up", json=late, headers=once()), 409, "work-account-exists", "email")
    listed = (await admin.get(f"/v1/organizations/{admin.organization_id}/domains")).json()["items"]
    assert [(each["domain"], each["status"]) for each in listed] == [(domain, "proved")]


async def test_of_two_who_prove_one_domain_at_once_one_has_it(running: Running, names: NameServer) -> None:
    domain = some_domain()
    people = [await Person.sign_up(running) for _ in range(2)]
    names.texts[f"_kontor-challenge.{domain}"] = [(await claim(each, domain))["record"]["value"] for each in people]
    answers = await asyncio.gather(*(verify(person, domain) for person in people for _ in range(5)))
    winners = {answer.json()["status"] for answer in answers if answer.status_code == 200}
    proved = [
        (await person.get(f"/v1/organizations/{person.organization_id}/domains")).json()["items"][0]["status"]
        for person in people
    ]
    assert winners == {"proved"}
    assert sorted(proved) == ["claimed", "proved"]


async def test_a_released_domain_is_free(running: Running, names: NameServer, admin: Person) -> None:
    domain = some_domain()
    record = (await claim(admin, domain))["record"]
    names.texts[record["name"]] = [record["value"]]
    assert (await verify(admin, domain)).status_code == 200
    path = f"/v1/organizations/{admin.organization_id}/domains/{domain}/release"
    assert (await admin.post(path, None)).json()["status"] == "released"
    other = await Person.sign_up(running)
    theirs = (await claim(other, domain))["record"]
    names.texts[theirs["name"]] = [theirs["value"]]
    assert (await verify(other, domain)).json()["status"] == "proved"
    is_problem(await verify(admin, domain), 404, "not-found")


@pytest.mark.parametrize("domain", ["com", "co.uk", "127.0.0.1", "no domain", "-.example"])
async def test_what_nobody_owns_is_no_claim(admin: Person, domain: str) -> None:
    answer = await admin.post(f"/v1/organizations/{admin.organization_id}/domains", {"domain": domain})
    is_problem(answer, 422, "invalid", "domain")


async def test_a_new_name_reaches_the_users_and_their_tokens(running: Running, kafka: Topics, admin: Person) -> None:
    body = {"name": "Müller Holding", "culture": "en"}

    async def taken() -> bool:
        # 503 until the registration has arrived.
        answer = await admin.put(f"/v1/organizations/{admin.organization_id}", body)
        assert answer.status_code in {200, 503}, answer.text
        return answer.status_code == 200 and bool(answer.json()["name"] == "Müller Holding")

    await eventually(taken)
    zoe = await admin.add_new()
    added = (await announced(kafka, running, f"user:{zoe.user_id}"))[0]
    assert added.data.organization_name == "Müller Holding"

    async def renamed() -> bool:
        found = await announced(kafka, running, f"organization:{admin.organization_id}", 2)
        me = await admin.me()
        told = found[1].data.previous_name == "Müller & Söhne GmbH"
        return bool(told and me["organization"]["name"] == "Müller Holding")

    await eventually(renamed)


async def test_the_status_follows_the_enrollment(running: Running, kafka: Topics, admin: Person) -> None:
    contact = Recipient(name="Anna Schäfer", email="anna@company.example")
    about = {"enrollment_id": "enrollment-7", "organization_id": admin.organization_id}

    async def tell(number: int, event: Event, status: str) -> None:
        envelope = new_envelope(
            event,
            id=secrets.token_hex(8),
            source="/kontor/enrollment",
            subject=f"enrollment:{admin.organization_id}",
            time=datetime.now(UTC),
            sequence=number,
            correlationid="status",
            tenantid=admin.organization_id,
        )
        await kafka.produce(running.topic("enrollment.events"), envelope)

        async def there() -> bool:
            return bool((await admin.me())["organization"]["status"] == status)

        await eventually(there)

    started = EnrollmentStarted(**about, program="indirect-reseller", country="DE", started_by=admin.user_id)
    approved = EnrollmentApproved(**about, company_name="Müller", contact=contact, reviewed_by="olga")
    await tell(1, started, "enrolling")
    await tell(2, approved, "qualified")
    await kafka.produce(running.topic("enrollment.events"), activation(admin))

    async def active() -> bool:
        return bool((await admin.me())["organization"]["status"] == "active")

    await eventually(active)
    await admin.sign_in(PASSWORD)
