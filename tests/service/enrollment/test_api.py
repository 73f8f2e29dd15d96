"""Enrollment over real sockets: the whole way of a company, and what each door refuses."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import (
    ADDRESS,
    ALL,
    CODE,
    SUPPORT,
    Company,
    Mail,
    is_problem,
    judge,
    load_bytes,
    new_company,
    operator,
    press,
)
from service.permission_doors import DOORS, PUBLIC, Door
from support import eventually

Service = Callable[..., AbstractAsyncContextManager[Running]]

DEMO = files("kontor_local") / "data" / "partner_profiles.csv"


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("enrollment") as running:
        yield running


@pytest.fixture
def company(running: Running, tokens: Tokens) -> Company:
    return new_company(running, tokens)


@pytest.fixture
def mail(running: Running, kafka: Topics, keys: Path) -> Mail:
    return Mail(running, kafka, keys)


@pytest.fixture
def other(running: Running, tokens: Tokens) -> Company:
    return new_company(running, tokens)


async def test_a_company_comes_from_the_draft_to_an_active_partner(
    running: Running, tokens: Tokens, kafka: Topics, mail: Mail
) -> None:
    demo = await load_bytes(running, tokens, DEMO.read_bytes())
    assert demo.json() | {"rows": []} == {"imported": 13, "unchanged": 0, "failed": 0, "rows": []}
    code = re.search(r"4711001,mueller@membership.example,(\w{20}),", DEMO.read_text("utf-8"))
    assert code
    membership = {"membership_account": "Mueller@membership.example", "access_code": code[1]}
    company = Company(running, tokens, "mueller-soehne", "4711001")

    await company.start()
    found = (await company.post("/v1/partner-profiles/lookup", membership)).json()["items"]
    assert [(item["partner_id"], item["country"], item["status"]) for item in found] == [
        ("4711001", "DE", "active"),
        ("4711002", "AT", "active"),
        ("4711003", "DE", "inactive"),
    ]
    for partner_id, refused in {"4711002": "partner-id-other-country", "4711003": "partner-id-inactive"}.items():
        answer = await company.put(f"{company.path}/partner-id", membership | {"partner_id": partner_id})
        is_problem(answer, 422, refused, "partner_id")
    await company.put(f"{company.path}/partner-id", membership | {"partner_id": "4711001"})
    draft = await company.get(company.path)
    assert draft["missing"] == ["address", "primary_contact", "support_contact"]
    is_problem(await company.post(f"{company.path}/submit"), 422, "incomplete", "address")
    await company.put(f"{company.path}/profile", {"company_name": "Müller & Söhne IT GmbH", "address": ADDRESS})
    contact = {"name": "Anna Schäfer", "email": company.email, "phone": "+49 221 1234567", "culture": "de"}
    await company.put(f"{company.path}/primary-contact", contact)
    await company.put(f"{company.path}/support-contact", SUPPORT)

    submitted = await company.post(f"{company.path}/submit", {})
    assert submitted.json()["status"] == "contact-pending"
    assert (submitted.json()["public_status"], submitted.json()["missing"]) == ("pending", [])

    (link,) = await mail.links(company)
    assert link.startswith(f"{running.url}/verify-contact/{company.enrollment_id}?token=")
    page = await press(running, link, "confirm")
    assert page.status_code == 200 and "Danke, Sie haben bestätigt" in page.text
    assert await company.status() == "in-review"

    reviewed = await judge(running, tokens, company, decision="approve", reason=None)
    assert reviewed.json()["status"] == "qualified"
    agreement = await company.get("/v1/agreements/current")
    assert agreement["language"] == "de" and "Partnervereinbarung" in agreement["title"]
    signed = await company.post(f"{company.path}/agreement", {"version": agreement["version"], "accepted": True})
    assert (signed.json()["status"], signed.json()["public_status"]) == ("active", "authorized")
    assert [step["status"] for step in signed.json()["history"]] == [
        "draft",
        "contact-pending",
        "in-review",
        "qualified",
        "active",
    ]

    async def told() -> list[Any]:
        events = await kafka.envelopes(running.topic("enrollment.events"))
        mine = [e for e in events if e.subject == f"enrollment:{company.enrollment_id}"]
        return mine if len(mine) >= 10 else []

    events = await eventually(told)
    assert [event.type.split(".")[2] for event in events] == [
        "enrollment-started",
        "partner-id-associated",
        "enrollment-submitted",
        "contact-verification-requested",
        "contact-verified",
        "business-checked",
        "domain-checked",
        "enrollment-approved",
        "agreement-signed",
        "enrollment-activated",
    ]
    assert [event.sequence for event in events] == list(range(1, 11))
    assert {event.tenantid for event in events} == {"mueller-soehne"}
    activated = events[-1].data
    assert (activated.region, activated.enrolled_by) == ("europe", "user-mueller-soehne")
    assert activated.partner.model_dump() == {
        "organization_id": "mueller-soehne",
        "partner_id": "4711001",
        "name": "Müller & Söhne IT GmbH",
        "program": "indirect-reseller",
        "contact": {"name": "Anna Schäfer", "email": company.email, "culture": "de"},
    }


async def test_a_contact_who_cancels_lets_the_company_begin_again(
    running: Running, company: Company, mail: Mail
) -> None:
    await company.submit()
    (link,) = await mail.links(company)
    page = await press(running, link, "deny")
    assert page.status_code == 200 and "Der Antrag ist storniert" in page.text
    assert await company.status() == "cancelled"
    again = await running.client.get(link)
    assert again.status_code == 200 and "bereits storniert" in again.text
    await company.submit()
    assert await company.status() == "contact-pending"


async def test_a_rejection_tells_why_and_frees_the_partner_id(
    running: Running, tokens: Tokens, company: Company, mail: Mail
) -> None:
    await company.submit()
    await press(running, (await mail.links(company))[0], "confirm")
    is_problem(await judge(running, tokens, company, decision="reject"), 422, "reason-missing", "reason")
    rejected = await judge(running, tokens, company, decision="reject", reason="business-not-verified")
    assert rejected.json()["rejection_reason"] == "business-not-verified"
    assert (await company.get(company.path))["public_status"] == "rejected"
    await company.submit()


# -- refusals

CONTACT = {"name": "Anna Schäfer", "email": "anna@firma.example", "phone": "+49 221 1", "culture": "de"}
PROFILE = {"company_name": "Müller GmbH", "address": ADDRESS, "registration_id": None}


@pytest.mark.parametrize(
    ("where", "body", "code", "field"),
    [
        ("primary-contact", CONTACT | {"email": "anna@gmail.com"}, "webmail-address", "email"),
        ("primary-contact", CONTACT | {"email": "anna@mailinator.com"}, "disposable-address", "email"),
        ("primary-contact", CONTACT | {"email": "info@firma.example"}, "role-mailbox", "email"),
        ("primary-contact", CONTACT | {"email": "anna@localhost"}, "email-invalid", "email"),
        ("primary-contact", CONTACT | {"email": "anna"}, "invalid", "email"),
        ("primary-contact", CONTACT | {"name": "Anna\r\nBcc: x@y.example"}, "invalid", "name"),
        ("primary-contact", CONTACT | {"phone": "by mail"}, "invalid", "phone"),
        ("primary-contact", CONTACT | {"fax": "1"}, "invalid", "fax"),
        ("support-contact", SUPPORT | {"website": "javascript:alert(1)"}, "invalid", "website"),
        ("support-contact", SUPPORT | {"email": "a@b@c"}, "invalid", "email"),
        ("profile", PROFILE | {"company_name": "GmbH"}, "company-name-invalid", "company_name"),
        ("profile", PROFILE | {"company_name": "?"}, "invalid", "company_name"),
        ("profile", PROFILE | {"address": ADDRESS | {"city": " "}}, "invalid", "address.city"),
        (
            "partner-id",
            {"partner_id": "x", "membership_account": "a@b.example", "access_code": CODE},
            "invalid",
            "partner_id",
        ),
    ],
)
async def test_what_cannot_be_is_refused_by_field(
    company: Company, where: str, body: Any, code: str, field: str
) -> None:
    await company.start()
    before = await company.get(company.path)
    is_problem(await company.put(f"{company.path}/{where}", body), 422, code, field)
    assert await company.get(company.path) == before


async def test_a_wrong_access_code_opens_nothing(running: Running, tokens: Tokens, company: Company) -> None:
    await company.start()
    await company.tell()
    for wrong in ({"access_code": CODE[:-1] + "x"}, {"membership_account": "nobody@membership.example"}):
        sign_in = company.membership | wrong
        answer = await company.post("/v1/partner-profiles/lookup", sign_in)
        is_problem(answer, 403, "membership-sign-in-failed")
        linked = await company.put(f"{company.path}/partner-id", sign_in | {"partner_id": "4711001"})
        is_problem(linked, 403, "membership-sign-in-failed")
    unknown = await company.put(f"{company.path}/partner-id", company.membership | {"partner_id": "9999999"})
    is_problem(unknown, 422, "partner-id-unknown", "partner_id")


async def test_the_program_and_the_country_must_fit(running: Running, tokens: Tokens) -> None:
    provider = new_company(running, tokens, kind="provider")
    wrong = await provider.post("/v1/enrollments", {"program": "indirect-reseller"})
    is_problem(wrong, 422, "program-not-for-organization", "program")
    nowhere = new_company(running, tokens, country="KP")
    is_problem(
        await nowhere.post("/v1/enrollments", {"program": "indirect-reseller"}), 422, "market-not-supported", "country"
    )
    polish = new_company(running, tokens, country="PL")
    await polish.start()
    await polish.tell()
    is_problem(await polish.post(f"{polish.path}/submit"), 422, "incomplete", "registration_id")


async def test_an_organization_has_one_enrollment_and_one_partner_id(
    running: Running, tokens: Tokens, company: Company, other: Company
) -> None:
    await company.start()
    is_problem(await company.post("/v1/enrollments", {"program": "indirect-reseller"}), 409, "taken", "organization")
    await company.tell()
    await other.start()
    taken = await other.put(f"{other.path}/partner-id", company.membership | {"partner_id": company.partner_id})
    is_problem(taken, 409, "taken", "partner_id")


async def test_after_the_decision_nothing_changes(
    running: Running, tokens: Tokens, company: Company, mail: Mail
) -> None:
    await company.submit()
    await press(running, (await mail.links(company))[0], "confirm")
    await judge(running, tokens, company, decision="approve")
    for where, body in {"profile": PROFILE, "primary-contact": CONTACT}.items():
        is_problem(await company.put(f"{company.path}/{where}", body), 409, "not-editable")


async def test_a_repeated_request_gets_the_first_answer_and_does_nothing(
    running: Running, company: Company, kafka: Topics, mail: Mail
) -> None:
    first = await company.post("/v1/enrollments", {"program": "indirect-reseller"}, key="start")
    company.enrollment_id = first.json()["enrollment_id"]
    await company.tell()
    submitted = await company.post(f"{company.path}/submit", key="submit")
    await press(running, (await mail.links(company))[0], "confirm")
    assert (await company.post(f"{company.path}/submit", key="submit")).json() == submitted.json()
    assert (await company.post(f"{company.path}/submit", key="another")).json()["status"] == "in-review"
    again = await company.post("/v1/enrollments", {"program": "indirect-reseller"}, key="start")
    assert (again.status_code, again.json()) == (201, first.json())
    other_body = await company.post("/v1/enrollments", {"program": "indirect-provider"}, key="start")
    is_problem(other_body, 422, "idempotency-key-reused", "Idempotency-Key")
    assert len(await mail.links(company)) == 1


async def test_a_signature_needs_the_right_and_the_current_version(
    running: Running, tokens: Tokens, company: Company, mail: Mail
) -> None:
    await company.submit()
    early = await company.post(f"{company.path}/agreement", {"version": "2026-11", "accepted": True})
    is_problem(early, 409, "not-qualified")
    await press(running, (await mail.links(company))[0], "confirm")
    await judge(running, tokens, company, decision="approve")
    old = await company.post(f"{company.path}/agreement", {"version": "1999", "accepted": True})
    is_problem(old, 422, "agreement-outdated", "version")
    unread = await company.post(f"{company.path}/agreement", {"version": "2026-11", "accepted": False})
    is_problem(unread, 422, "agreement-not-accepted", "accepted")
    assert await company.status() == "qualified"


async def test_nobody_reviews_their_own_company(running: Running, tokens: Tokens, company: Company, mail: Mail) -> None:
    await company.submit()
    await press(running, (await mail.links(company))[0], "confirm")
    headers = company.headers("enrollment:review") | {"Idempotency-Key": "own"}
    answer = await running.client.post(f"{company.path}/review", json={"decision": "approve"}, headers=headers)
    is_problem(answer, 403, "own-company")


# -- who may what

OWN_DOORS = [door for door in DOORS["enrollment"] if door.path.startswith("/v1/") and door.needs != PUBLIC]
EVERYTHING = {*ALL, "enrollment:review", "profiles:import"}


@pytest.mark.parametrize("door", OWN_DOORS, ids=lambda door: f"{door.method} {door.path}")
async def test_a_door_opens_with_its_permission_alone(company: Company, door: Door) -> None:
    ask = company.running.client.request
    url, key = re.sub(r"\{\w*id\}", "there-is-none", door.path), {"Idempotency-Key": "door"}
    is_problem(await ask(door.method, url, json=door.body or {}, headers=key), 401, "unauthenticated")
    needed = door.needed("reseller")
    refused = await ask(
        door.method, url, json=door.body or {}, headers=company.headers(*(EVERYTHING - {*needed})) | key
    )
    is_problem(refused, 403, "forbidden")
    for permission in needed:
        opened = await ask(door.method, url, json=door.body or {}, headers=company.headers(permission) | key)
        assert opened.json().get("code") not in {"forbidden", "unauthenticated"}


FOREIGN = [door for door in OWN_DOORS if "{enrollment_id}" in door.path and door.needs != "enrollment:review"]
"""The doors of the program's staff alone lead to every organization."""


@pytest.mark.parametrize("door", FOREIGN, ids=lambda door: f"{door.method} {door.path}")
async def test_another_organizations_enrollment_does_not_exist(company: Company, other: Company, door: Door) -> None:
    await company.start()
    before = await company.get(company.path)
    url = (door.path + door.query).replace("{enrollment_id}", company.enrollment_id)
    headers = other.headers() | {"Idempotency-Key": "foreign"}
    answer = await other.running.client.request(door.method, url, json=door.body or {}, headers=headers)
    is_problem(answer, 404, "not-found")
    assert await company.get(company.path) == before


async def test_a_list_holds_ones_own_and_the_operators_queue_everybodys(
    running: Running, tokens: Tokens, company: Company, other: Company, mail: Mail
) -> None:
    for one in (company, other):
        await one.submit()
        await press(running, (await mail.links(one))[0], "confirm")
    mine = await company.get("/v1/enrollments")
    assert [item["enrollment_id"] for item in mine["items"]] == [company.enrollment_id]
    assert (await company.get("/v1/enrollments?status=draft"))["items"] == []

    queue: list[dict[str, Any]] = []
    cursor = ""
    while True:
        path = f"/v1/enrollments?status=in-review&limit=1{cursor}"
        page = (await running.client.get(path, headers=operator(tokens))).json()
        queue += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert {item["status"] for item in queue} == {"in-review"}
    found = [item["enrollment_id"] for item in queue]
    assert len(found) == len(set(found))
    assert {company.enrollment_id, other.enrollment_id} <= set(found)
    wrong = await running.client.get("/v1/enrollments?status=lost", headers=operator(tokens))
    is_problem(wrong, 422, "invalid", "status")


async def test_no_secret_is_kept_announced_or_logged(
    running: Running, company: Company, kafka: Topics, mongo: Documents, mail: Mail
) -> None:
    await company.submit()
    (link,) = await mail.links(company)
    await press(running, link, "confirm")
    token = link.partition("token=")[2].partition("&")[0]
    records = await kafka.read_all(running.topic("enrollment.events"))
    topic = b"".join(read.record.value or b"" for read in records).decode()
    kept = str(await mongo.all(running))
    logged = str(running.logs())
    for place in (topic, kept, logged):
        assert token not in place and CODE not in place
    assert company.email not in logged and "Nordstraße" not in topic and "+49 221 1234567" not in topic
