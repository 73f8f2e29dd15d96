"""Authorization checks from memory: true to the documents, whichever process writes them."""

import asyncio
import re
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.conftest import TYPES, Service
from service.relationships.stage import WITHIN, Company, Stage, problem
from support import eventually

from kontor_contracts.enrollment import EnrollmentReinstated, EnrollmentSuspended
from kontor_contracts.relationships import ImportCustomer
from kontor_local.servers import Broker

pytest_plugins = ("service.relationships.fixtures",)

CHECK = "/v1/authorizations/check"
BATCH = "/v1/authorizations/check-batch"
NEVER = 600
"""Seconds: a bound that no test lives to see."""
GRANTED = (True, "granted")
NOT_PERMITTED = (False, "not-permitted")


def importing(partner: Company, number: str, *permissions: str) -> ImportCustomer:
    facts = {"portal": "office", "name": "Fahrräder Köhler oHG", "country": "DE", "partner_id": partner.partner_id}
    return ImportCustomer.model_validate(facts | {"external_id": number, "permissions": permissions})


async def imported(stage: Stage, partner: Company, number: str) -> str:
    """The id of a customer that the partner administers."""
    await stage.ask_for_import(importing(partner, number, "administer"))
    (customer,) = await stage.listed(partner, "/v1/customers")
    return str(customer["customer_id"])


async def followed(stage: Stage, partner: Company, customer_id: str) -> None:
    """The process stands at the end of its topic, and has an answer in memory."""

    async def kept() -> bool:
        assert await stage.may(partner, customer_id, "administer") == GRANTED
        return await stage.running.metric("kontor_mirrored_parts") >= 2

    await eventually(kept, timeout=WITHIN)


async def written_behind(mongo: Documents, running: Running, id: str, **state: Any) -> None:
    """A change that nobody announces."""
    changed = await mongo.collection(running).update_one({"_id": id}, {"$set": state, "$inc": {"v": 1}})
    assert changed.modified_count == 1


# -- whose answers


async def test_what_one_process_takes_away_the_other_refuses(
    service: Service, beside: Service, kafka: Topics, tokens: Tokens
) -> None:
    async with service("relationships", KONTOR_CHECK_BOUND=NEVER) as first:
        here, number = Stage(first, kafka, tokens), f"K-{uuid4()}"
        reseller = await here.partner("reseller")
        customer = await imported(here, reseller, number)
        async with beside(first) as second:
            there = Stage(second, kafka, tokens)
            for stage in (here, there):
                await followed(stage, reseller, customer)
            await here.ask_for_import(importing(reseller, number, "order"))

            async def refused_by_both() -> bool:
                return all(
                    [await stage.may(reseller, customer, "administer") == NOT_PERMITTED for stage in (here, there)]
                )

            await eventually(refused_by_both, timeout=WITHIN)
            for stage in (here, there):
                assert await stage.may(reseller, customer, "order") == GRANTED


async def test_a_process_sees_its_own_changes_though_nothing_is_announced(
    service: Service, kafka: Topics, tokens: Tokens
) -> None:
    async with service("relationships", KONTOR_CHECK_BOUND=NEVER) as running:
        stage = Stage(running, kafka, tokens)
        reseller = await stage.partner("reseller")
        await followed(stage, reseller, await imported(stage, reseller, f"K-{uuid4()}"))
        newcomer = stage.company("reseller")
        assert await stage.may(newcomer, "nobody", "order") == (False, "partner-not-active")
        await stage.activate(newcomer)
        assert await stage.may(newcomer, "nobody", "order") == (False, "no-relationship")


async def test_while_the_broker_is_away_documents_are_read(
    service: Service, tokens: Tokens, mongo: Documents, own_broker: Broker
) -> None:
    async with service("relationships", KONTOR_KAFKA_BOOTSTRAP=own_broker.url, KONTOR_CHECK_BOUND=1) as running:
        async with Topics(own_broker.url, TYPES) as kafka:
            stage = Stage(running, kafka, tokens)
            reseller = await stage.partner("reseller")
            customer = await imported(stage, reseller, f"K-{uuid4()}")
            await followed(stage, reseller, customer)
        await own_broker.stop()
        await written_behind(mongo, running, f"customer:{customer}", **{"state.relationships.0.permissions": ["order"]})

        async def read() -> bool:
            return await stage.may(reseller, customer, "administer") == NOT_PERMITTED

        await eventually(read, timeout=WITHIN)


async def test_a_suspension_is_followed_by_every_process(
    service: Service, beside: Service, kafka: Topics, tokens: Tokens
) -> None:
    async with service("relationships", KONTOR_CHECK_BOUND=NEVER) as first:
        here = Stage(first, kafka, tokens)
        reseller = await here.partner("reseller")
        customer = await imported(here, reseller, f"K-{uuid4()}")
        async with beside(first) as second:
            there = Stage(second, kafka, tokens)
            for stage in (here, there):
                await followed(stage, reseller, customer)
            facts: dict[str, Any] = {
                "enrollment_id": "e1",
                "partner": reseller.partner,
                "country": "DE",
                "region": "europe",
            }
            suspended = EnrollmentSuspended(**facts, reason="abuse", suspended_by="u9")
            reinstated = EnrollmentReinstated(**facts, reason="cause-cleared", reinstated_by="u9")
            for number, event, answer in ((1, suspended, (False, "partner-not-active")), (2, reinstated, GRANTED)):
                await here.announce("enrollment", f"enrollment:{reseller.organization_id}", event, sequence=number)

                async def both(answer: tuple[bool, str] = answer) -> bool:
                    return all([await stage.may(reseller, customer, "administer") == answer for stage in (here, there)])

                await eventually(both, timeout=WITHIN)


async def test_the_latest_answer_is_the_documents(
    service: Service, kafka: Topics, tokens: Tokens, mongo: Documents
) -> None:
    async with service("relationships", KONTOR_CHECK_BOUND=NEVER) as running:
        stage = Stage(running, kafka, tokens)
        reseller = await stage.partner("reseller")
        customer = await imported(stage, reseller, f"K-{uuid4()}")
        await followed(stage, reseller, customer)
        # One token for all: a new one would come by the long way.
        token = stage.token(reseller)
        assert (await asked(stage, token, f"customer_id={customer}&action=administer"))[1]["allowed"]
        checks = b'{"checks":[{"customer_id":"%s","action":"administer"}],"consistency":"latest"}' % customer.encode()
        for permissions, query, body in (
            (["order"], f"customer_id={customer}&action=administer&consistency=latest", None),
            (["administer"], "", checks),
            ([], f"consistency=latest&customer_id={customer}&action=administer", None),
        ):
            changed = {"state.relationships.0.permissions": permissions}
            await written_behind(mongo, running, f"customer:{customer}", **changed)
            _, said, _ = await asked(stage, token, query, body)
            (answer,) = said.get("answers", [said])
            assert (answer["allowed"], answer["reason"]) == (GRANTED if "administer" in permissions else NOT_PERMITTED)


# -- ways of asking


async def asked(
    stage: Stage, headers: dict[str, str], query: str, body: bytes | None = None, **more: str
) -> tuple[int, Any, str | None]:
    """With a body, as a batch. Status, what was said, and how."""
    client, given = stage.running.client, {**headers, **more}
    if body is None:
        answer = await client.get(f"{CHECK}?{query}", headers=given)
    else:
        answer = await client.post(
            f"{BATCH}?{query}", content=body, headers={"content-type": "application/json", **given}
        )
    assert answer.headers["x-correlation-id"]
    said = answer.json()
    said.pop("correlation_id", None)
    return answer.status_code, said, answer.headers["content-type"]


@pytest.fixture
async def granted(stage: Stage, reseller: Company, customer: Company) -> str:
    """The id of a customer whose reseller is ``reseller``."""
    await stage.accept(customer, await stage.invited(reseller, "customer"))
    await stage.listed(reseller, "/v1/customers")
    return customer.organization_id


async def test_checks_refuse_callers_as_every_endpoint_does(
    stage: Stage, reseller: Company, customer: Company, granted: str
) -> None:
    bearer = stage.token(reseller)["Authorization"]
    good = f"customer_id={granted}&action=administer"
    body = b'{"checks":[{"customer_id":"%s","action":"administer"}]}' % granted.encode()
    statuses = {
        "reseller": (stage.token(reseller), 200),
        "customer": (stage.token(customer), 200),
        "operator": (stage.token(stage.company("operator")), 200),
        "nobody": ({}, 401),
        "without the permission": (stage.token(reseller, ["customers:read"]), 403),
        "with a temporary password": (stage.token(reseller, ["authorizations:check", "password:change"]), 403),
        "in other letters": ({"authorization": bearer.replace("Bearer", "bearer")}, 200),
        "with a broken token": ({"Authorization": bearer + "x"}, 401),
        "with another scheme": ({"Authorization": bearer.replace("Bearer", "Basic")}, 401),
    }
    for name, (headers, expected) in statuses.items():
        assert (await asked(stage, headers, good))[0] == expected, name
        assert (await asked(stage, headers, "", body))[0] == expected, name


async def test_a_foreign_company_is_refused_by_one_check(stage: Stage, reseller: Company, granted: str) -> None:
    stranger = await stage.partner("reseller")
    asking = f"customer_id={granted}&action=administer&organization_id={reseller.organization_id}"
    assert (await asked(stage, stage.token(stranger), asking))[0] == 403
    status, said, _ = await asked(stage, stage.token(stranger), f"customer_id={granted}&action=administer")
    assert (status, said["allowed"], said["reason"]) == (200, False, "no-relationship")


async def test_a_check_of_another_form_names_the_field(stage: Stage, reseller: Company, granted: str) -> None:
    good, token = f"customer_id={granted}&action=administer", stage.token(reseller)
    for query, field in (
        ("", "customer_id"),
        (f"customer_id={granted}", "action"),
        ("action=order", "customer_id"),
        ("customer_id=a b&action=order", "customer_id"),
        (f"customer_id={'x' * 129}&action=order", "customer_id"),
        (good.replace("administer", "rule"), "action"),
        (f"{good}&organization_id=", "organization_id"),
        (f"{good}&consistency=later", "consistency"),
        (f"{good}&more=1", "more"),
    ):
        status, said, kind = await asked(stage, token, query)
        assert (status, kind) == (422, "application/problem+json"), query
        assert field in {fault["field"] for fault in said["errors"]}, query
    one = b'{"customer_id":"%s","action":"administer"}' % granted.encode()
    for body in (b"", b"null", b"[]", b'{"checks":{}}', b'{"checks":["\\ud800"]}', b'{"checks":[%s]' % one, b"\xff"):
        assert (await asked(stage, token, "", body))[0] == 422, body
    assert (await asked(stage, token, "", b'{"checks":[%s]}' % one, **{"content-type": "text/plain"}))[0] == 422


async def test_answers_to_checks_are_counted_and_refusals_are_logged(
    stage: Stage, relationships: Running, reseller: Company, granted: str
) -> None:
    token = stage.token(reseller)

    async def ask(customer_id: str, name: str, **headers: str) -> httpx2.Response:
        return await relationships.client.get(
            CHECK,
            params={"customer_id": customer_id, "action": "administer"},
            headers={**token, "x-correlation-id": name, **headers},
        )

    await ask(granted, "first")
    before = await relationships.metric("kontor_http_request_seconds_count", route=CHECK, status="200")
    quick = await ask(granted, "quick")
    assert quick.headers["x-correlation-id"] == "quick"
    page = await ask(granted, "page", origin="https://portal.example")
    assert page.json() == quick.json()
    assert (page.json()["allowed"], page.json()["reason"], page.json()["version"]) == (True, "granted", 1)
    assert (await ask("a b", "wrong")).status_code == 422
    assert await relationships.metric("kontor_http_request_seconds_count", route=CHECK, status="200") == before + 2
    logged = {line.get("correlation_id") for line in relationships.logs() if line.get("route") == CHECK}
    assert "wrong" in logged and "quick" not in logged


async def test_a_batch_is_answered_in_order_with_a_problem_for_others_things(
    stage: Stage, reseller: Company, granted: str
) -> None:
    stranger = await stage.partner("reseller")
    questions = [
        {"customer_id": granted, "action": "administer"},
        {"customer_id": granted, "action": "order"},
        {"customer_id": granted, "action": "administer", "organization_id": stranger.organization_id},
        {"customer_id": "nobody", "action": "administer"},
        {"customer_id": granted, "action": "administer", "organization_id": reseller.organization_id},
    ]
    token = stage.token(reseller)
    await asked(stage, token, "customer_id=another&action=order")
    for _ in range(2):  # out of the documents, then out of memory
        answer = await stage.running.client.post(BATCH, json={"checks": questions}, headers=token)
        assert answer.status_code == 200 and answer.headers["x-correlation-id"]
        answers = answer.json()["answers"]
        forbidden = answers.pop(2)
        assert (forbidden["allowed"], forbidden["problem"]["status"], "reason" in forbidden) == (False, 403, False)
        assert [(one["allowed"], one["reason"]) for one in answers] == [
            (True, "granted"),
            (False, "not-permitted"),
            (False, "no-relationship"),
            (True, "granted"),
        ]
        edge = f"{granted}.{reseller.partner_id}"
        assert [one.get("edge") for one in answers] == [edge, edge, None, edge]
    theirs = (await stage.post(stranger, BATCH, {"checks": questions})).json()["answers"]
    assert [answer.get("reason") for answer in theirs] == [*["no-relationship"] * 4, None]
    assert [answer["allowed"] for answer in theirs] == [False] * 5


async def test_a_batch_of_another_form_is_refused_as_a_whole(stage: Stage, reseller: Company) -> None:
    good = {"customer_id": "c", "action": "order"}
    for body, field in (
        ({"checks": []}, "checks"),
        ({"checks": [good] * 101}, "checks"),
        ({"checks": [good, {**good, "action": "rule"}]}, "checks.1.action"),
        ({"checks": [good], "consistency": "eventually"}, "consistency"),
        ({}, "checks"),
    ):
        answer = await stage.post(reseller, BATCH, body)
        assert problem(answer) == (422, "invalid", [field])
    assert (await stage.post(reseller, BATCH, {"checks": [good] * 100})).status_code == 200


async def test_pipelined_checks_are_answered_in_their_order(stage: Stage, reseller: Company, granted: str) -> None:
    headers = {**stage.token(reseller), "host": "kontor"}
    await asked(stage, headers, f"customer_id={granted}&action=order")
    one = b'{"checks":[{"customer_id":"%s","action":"administer"}]}' % granted.encode()

    def line(method: str, target: str, name: str, version: str = "1.1", body: bytes = b"", **more: str) -> bytes:
        given = {**headers, "x-correlation-id": name, **more}
        if body:
            given |= {"content-type": "application/json", "content-length": str(len(body))}
        fields = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        return f"{method} {target} HTTP/{version}\r\n{fields}\r\n".encode() + body

    good = f"{CHECK}?customer_id={granted}&action=administer"
    questions = [
        line("GET", good, "1"),
        line("GET", f"{good}&organization_id=nobody", "2"),
        line("GET", good, "3"),
        line("POST", BATCH, "4", body=one),
        line("GET", good, "5"),
        line("GET", good, "7", body=b"{}"),
        line("GET", "/openapi.json", "8"),
        line("GET", good, "9", origin="https://a.page"),
        line("GET", good, "10"),
        line("GET", good, "11", connection="close"),
    ]
    expected = [(200, "1"), (403, "2"), (200, "3"), (200, "4"), (200, "5"), (200, "7"), (200, "8")]
    expected += [(200, "9"), (200, "10"), (200, "11")]
    assert await said_to(stage.running, [b"".join(questions)], len(questions)) == expected
    assert await said_to(stage.running, questions, 1) == expected
    assert await said_to(stage.running, [line("GET", good, "12", version="1.0")], 1) == [(200, "12")]


async def said_to(running: Running, questions: list[bytes], answers: int) -> list[tuple[int, str]]:
    """Status and correlation id of the answers: ``answers`` after each write. The last one ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port.number)
    heads: list[bytes] = []
    async with asyncio.timeout(WITHIN):
        for question in questions:
            writer.write(question)
            for _ in range(answers):
                heads.append(await reader.readuntil(b"\r\n\r\n"))
                (length,) = re.findall(rb"content-length: (\d+)", heads[-1])
                await reader.readexactly(int(length))
        assert b"connection: close\r\n" in heads[-1]
        assert await reader.read() == b""
    writer.close()
    return [
        (int(re.findall(rb"^HTTP/1.1 (\d+)", head)[0]), re.findall(rb"x-correlation-id: (\S+)", head)[0].decode())
        for head in heads
    ]


async def test_actions_follow_from_the_permission(stage: Stage, reseller: Company, granted: str) -> None:
    for action, allowed in (
        ("administer-users", True),
        ("administer-licences", True),
        ("administer-subscriptions", True),
        ("view", True),
        ("order", False),
        ("add-subscription", False),
    ):
        assert (await stage.may(reseller, granted, action))[0] is allowed, action


async def test_rights_are_listed_both_ways(stage: Stage, reseller: Company, granted: str) -> None:
    path = "/v1/authorizations/customers"
    for action, found in (("administer-users", [granted]), ("view", [granted]), ("order", [])):
        page = (await stage.get(reseller, path, action=action)).json()
        assert [one["customer_id"] for one in page["items"]] == found, action
    stranger, staff = await stage.partner("reseller"), stage.company("operator")
    assert (await stage.get(stranger, path, action="view")).json()["items"] == []
    asked = {"action": "view", "organization_id": reseller.organization_id}
    assert problem(await stage.get(stranger, path, **asked))[:2] == (403, "forbidden")
    assert len((await stage.get(staff, path, **asked)).json()["items"]) == 1
    partners = "/v1/authorizations/partners"
    (one,) = (await stage.get(staff, partners, action="administer", customer_id=granted)).json()["items"]
    assert (one["organization_id"], one["version"]) == (reseller.organization_id, 1)
    assert (await stage.get(staff, partners, action="order", customer_id=granted)).json()["items"] == []
    assert problem(await stage.get(reseller, partners, action="view", customer_id=granted))[:2] == (403, "forbidden")
