"""The relationships service as a process: both ways of inviting, customers of other portals, and who sees what."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from harness.documents import Documents
from harness.running import Running, Services
from harness.tokens import Tokens
from harness.topics import Topics
from service.conftest import Service
from service.relationships_stage import ALL, WITHIN, Company, Stage, problem, token_of
from support import eventually

from chassis.sealing import Sealer
from kontor_contracts.relationships import (
    CustomerImported,
    CustomerImportRefused,
    ImportCustomer,
    InvitationAccepted,
    InvitationSent,
    PartnershipEstablished,
    ResellersAuthorized,
)
from kontor_local.keys import SEALING_PRIVATE

NINETY_ONE_DAYS = 91 * 24 * 3600


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("relationships") as running:
        yield running


@pytest.fixture
def stage(running: Running, kafka: Topics, tokens: Tokens) -> Stage:
    return Stage(running, kafka, tokens)


@pytest.fixture
async def provider(stage: Stage) -> Company:
    return await stage.partner("provider", name="Großhandel Nord AG")


@pytest.fixture
async def reseller(stage: Stage) -> Company:
    return await stage.partner("reseller", name="Müller & Söhne GmbH")


@pytest.fixture
def customer(stage: Stage) -> Company:
    return stage.company("customer", name="Bäckerei Süß KG", country="AT")


# -- a partnership


async def test_a_provider_invites_and_a_reseller_authorizes_it(
    stage: Stage, provider: Company, reseller: Company, keys: Any
) -> None:
    draft = await stage.invite(provider, "partnership")
    assert (draft["status"], draft["expires_at"], draft["accepted_by"]) == ("draft", None, None)
    path = f"/v1/invitations/{draft['invitation_id']}"
    without = {"subject": "Hallo", "body": "Kommt zu uns."}
    assert problem(await stage.put(provider, f"{path}/mail", without)) == (422, "link-missing", ["body"])
    mail = {"subject": "Zusammenarbeit", "body": "Grüße aus Köln!\n\n{link}\n"}
    assert (await stage.put(provider, f"{path}/mail", mail)).json()["mail"] == mail

    sent = (await stage.post(provider, f"{path}/send")).json()
    assert sent["status"] == "sent" and sent["link"] == draft["link"]
    (event,) = await stage.events(InvitationSent.TYPE, lambda data: data.invitation_id == draft["invitation_id"])
    assert (event.mail_subject, event.mail_body, event.recipient.email) == (*mail.values(), draft["recipient"]["email"])
    assert Sealer(keys / SEALING_PRIVATE).open(event.sealed_link) == draft["link"]

    wrong = await stage.accept(reseller, sent, token=token_of(sent)[:-1] + "-")
    assert problem(wrong) == (403, "link-invalid", [])
    assert problem(await stage.accept(reseller, sent, consent=False)) == (422, "consent-missing", ["consent"])
    accepted = await stage.accept(reseller, sent)
    assert accepted.status_code == 200
    assert accepted.json()["accepted_by"] == reseller.organization_id and accepted.json()["link"] is None

    (theirs,) = await stage.listed(reseller, "/v1/providers")
    (ours,) = await stage.listed(provider, "/v1/resellers")
    assert (theirs["organization_id"], theirs["name"]) == (provider.organization_id, provider.name)
    assert (ours["partner_id"], ours["country"], ours["admin_access"]) == (reseller.partner_id, "DE", True)
    assert (await stage.get(reseller, "/v1/resellers")).json()["items"] == []
    (event,) = await stage.events(
        PartnershipEstablished.TYPE, lambda data: data.reseller.organization_id == reseller.organization_id
    )
    assert event.partnership_id == f"{provider.organization_id}.{reseller.organization_id}"
    assert (await stage.get(provider, "/v1/customers")).json()["items"] == []


async def test_an_acceptance_repeated_has_the_same_answer_and_another_company_is_too_late(
    stage: Stage, provider: Company, reseller: Company
) -> None:
    sent = await stage.invited(provider, "partnership")
    first = await stage.accept(reseller, sent)
    assert (await stage.accept(reseller, sent)).json() == first.json()
    late = await stage.accept(await stage.partner("reseller"), sent)
    assert problem(late) == (409, "already-accepted", [])


async def test_of_many_who_accept_at_once_one_is_accepted(stage: Stage, reseller: Company) -> None:
    sent = await stage.invited(reseller, "customer")
    companies = [stage.company("customer") for _ in range(6)]
    answers = await asyncio.gather(*(stage.accept(one, sent) for one in companies))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    winner = next(one for one, answer in zip(companies, answers, strict=True) if answer.status_code == 200)
    accepted = await stage.events(InvitationAccepted.TYPE, lambda data: data.invitation_id == sent["invitation_id"])
    assert [event.accepting_organization_id for event in accepted] == [winner.organization_id]


async def test_a_partnership_stays_in_one_region(stage: Stage, provider: Company) -> None:
    abroad = await stage.partner("reseller", country="US", region="united-states")
    sent = await stage.invited(provider, "partnership")
    assert problem(await stage.accept(abroad, sent)) == (409, "region-differs", [])


async def test_only_an_active_reseller_authorizes_a_provider(stage: Stage, provider: Company) -> None:
    sent = await stage.invited(provider, "partnership")
    for one in (stage.company("reseller"), stage.company("customer"), await stage.partner("provider")):
        assert problem(await stage.accept(one, sent)) == (403, "not-a-reseller", [])
    assert problem(await stage.accept(provider, sent)) == (403, "own-organization", [])


# -- customers


async def test_a_customer_authorizes_reseller_and_provider_in_one_step(
    stage: Stage, provider: Company, reseller: Company, customer: Company
) -> None:
    await stage.connected(provider, reseller)
    sent = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    assert sent["provider_id"] == provider.organization_id
    assert (await stage.accept(customer, sent)).status_code == 200

    (shared,) = await stage.listed(reseller, f"/v1/providers/{provider.organization_id}/customers")
    (listed,) = await stage.listed(provider, "/v1/customers")
    assert shared == listed == (await stage.get(reseller, f"/v1/customers/{customer.organization_id}")).json()
    assert (listed["customer_id"], listed["country"], listed["origin"]) == (
        customer.organization_id,
        "AT",
        "invitation",
    )
    granted = {(one["partner_id"], one["role"], *one["permissions"]) for one in listed["partners"]}
    assert granted == {(reseller.partner_id, "reseller", "administer"), (provider.partner_id, "provider", "order")}
    (event,) = await stage.events(ResellersAuthorized.TYPE, lambda data: data.customer_id == customer.organization_id)
    assert {grant.partner.partner_id for grant in event.grants} == {reseller.partner_id, provider.partner_id}

    id = customer.organization_id
    assert await stage.may(reseller, id, "administer") == (True, "granted")
    assert await stage.may(reseller, id, "order") == (False, "not-permitted")
    assert await stage.may(provider, id, "order") == (True, "granted")
    assert await stage.may(provider, id, "administer") == (False, "not-permitted")


async def test_a_customer_of_one_partner_is_seen_by_no_other(
    stage: Stage, provider: Company, reseller: Company, customer: Company
) -> None:
    await stage.connected(provider, reseller)
    assert (await stage.accept(customer, await stage.invited(reseller, "customer"))).status_code == 200
    (own,) = await stage.listed(reseller, "/v1/customers")
    assert [one["partner_id"] for one in own["partners"]] == [reseller.partner_id]
    assert (await stage.get(provider, "/v1/customers")).json()["items"] == []
    assert problem(await stage.get(provider, f"/v1/customers/{customer.organization_id}"))[0] == 404
    shared = await stage.get(reseller, f"/v1/providers/{provider.organization_id}/customers")
    assert shared.json()["items"] == []
    unrelated = await stage.get(await stage.partner("reseller"), f"/v1/providers/{provider.organization_id}/customers")
    assert problem(unrelated)[0] == 404


async def test_two_partners_of_one_customer_do_not_see_each_other(
    stage: Stage, provider: Company, reseller: Company, customer: Company
) -> None:
    for partner in (reseller, provider):
        assert (await stage.accept(customer, await stage.invited(partner, "customer"))).status_code == 200
    for partner, permission in ((reseller, "administer"), (provider, "order")):
        (seen,) = await stage.listed(partner, "/v1/customers")
        assert [(one["partner_id"], one["permissions"]) for one in seen["partners"]] == [
            (partner.partner_id, [permission])
        ]


async def test_a_joint_invitation_needs_a_provider_one_works_with(
    stage: Stage, provider: Company, reseller: Company
) -> None:
    recipient = {"name": "Käthe", "email": "k@kunde.example"}

    async def draft(kind: str, **more: str) -> tuple[int, str, list[str]]:
        return problem(await stage.post(reseller, "/v1/invitations", {"kind": kind, "recipient": recipient, **more}))

    unconnected = await draft("customer-joint", provider_id=provider.organization_id)
    assert unconnected == (409, "partnership-missing", [])
    assert await draft("customer-joint") == (422, "provider-missing", ["provider_id"])
    named = await draft("customer", provider_id=provider.organization_id)
    assert named == (422, "provider-unexpected", ["provider_id"])


async def test_a_customer_abroad_or_where_there_is_no_market_cannot_accept(stage: Stage, reseller: Company) -> None:
    sent = await stage.invited(reseller, "customer")
    for country in ("US", "KP"):
        answer = await stage.accept(stage.company("customer", country=country), sent)
        assert problem(answer) == (409, "region-differs", [])


@pytest.mark.parametrize("address", ["kein-klammeraffe", "a@b", "a@@b.example", "a b@c.example", "x@kunde.invalid"])
async def test_an_address_that_cannot_be_one_is_refused(stage: Stage, reseller: Company, address: str) -> None:
    body = {"kind": "customer", "recipient": {"name": "Käthe", "email": address}}
    status, _, fields = problem(await stage.post(reseller, "/v1/invitations", body))
    assert (status, fields) == (422, ["recipient.email"])


async def test_a_customer_at_the_partners_own_domain_is_refused(stage: Stage, reseller: Company) -> None:
    body = {"kind": "customer", "recipient": {"name": "Chef", "email": f"chef@{reseller.partner_id}.Example"}}
    answer = await stage.post(reseller, "/v1/invitations", body)
    assert problem(answer) == (422, "own-domain", ["recipient.email"])


async def test_a_company_that_is_not_active_invites_nobody_and_has_no_customers(stage: Stage) -> None:
    newcomer = stage.company("reseller")
    body = {"kind": "customer", "recipient": {"name": "Käthe", "email": "k@kunde.example"}}
    assert problem(await stage.post(newcomer, "/v1/invitations", body)) == (409, "partner-not-active", [])
    assert (await stage.get(newcomer, "/v1/customers")).json()["items"] == []


# -- an invitation's life


async def test_a_request_repeated_with_its_key_has_the_first_answer(
    stage: Stage, running: Running, mongo: Documents, reseller: Company
) -> None:
    body = {"kind": "customer", "recipient": {"name": "Käthe", "email": "k@kunde.example"}}
    draft = (await stage.post(reseller, "/v1/invitations", body, key="k1")).json()
    path = f"/v1/invitations/{draft['invitation_id']}"
    sent = (await stage.post(reseller, f"{path}/send", key="k2")).json()
    assert (await stage.post(reseller, f"{path}/revoke")).json()["status"] == "revoked"
    assert (await stage.post(reseller, "/v1/invitations", body, key="k1")).json() == draft
    assert (await stage.post(reseller, f"{path}/send", key="k2")).json() == sent
    other = await stage.post(reseller, "/v1/invitations", body | {"kind": "partnership"}, key="k1")
    assert other.status_code == 403
    assert (await stage.get(reseller, path)).json()["status"] == "revoked"
    document = await mongo.one(running, f"invitation:{draft['invitation_id']}")
    assert token_of(draft) not in json.dumps(document, default=str)


async def test_a_sent_invitation_can_be_taken_back_and_not_changed(stage: Stage, reseller: Company) -> None:
    sent = await stage.invited(reseller, "customer")
    path = f"/v1/invitations/{sent['invitation_id']}"
    mail = {"subject": "Neu", "body": "{link}"}
    assert problem(await stage.put(reseller, f"{path}/mail", mail)) == (409, "not-a-draft", [])
    assert (await stage.post(reseller, f"{path}/revoke")).json()["status"] == "revoked"
    assert problem(await stage.accept(stage.company("customer"), sent)) == (410, "invitation-revoked", [])
    assert problem(await stage.post(reseller, f"{path}/send")) == (409, "not-a-draft", [])


async def test_a_draft_is_not_open_yet(stage: Stage, reseller: Company, customer: Company) -> None:
    draft = await stage.invite(reseller, "customer")
    assert problem(await stage.accept(customer, draft)) == (409, "not-sent", [])


async def test_an_invitation_expires_by_itself(
    service: Service, services: Services, kafka: Topics, tokens: Tokens
) -> None:
    async with service("relationships") as running:
        stage = Stage(running, kafka, tokens)
        reseller = await stage.partner("reseller")
        draft = await stage.invite(reseller, "customer")
        sent = await stage.invited(reseller, "customer")
        async with services.another(running, KONTOR_CLOCK_SKEW=NINETY_ONE_DAYS):

            async def expired() -> bool:
                answer = await stage.get(reseller, f"/v1/invitations/{sent['invitation_id']}")
                return bool(answer.json()["status"] == "expired")

            await eventually(expired, timeout=WITHIN)
        answer = await stage.accept(stage.company("customer"), sent)
        assert problem(answer) == (410, "invitation-expired", [])
        assert (await stage.get(reseller, f"/v1/invitations/{draft['invitation_id']}")).json()["status"] == "draft"
        await stage.partner("reseller")  # the instance that stays reads on


# -- the page


async def test_the_page_says_who_invites_and_what_it_means_and_changes_nothing(
    stage: Stage, running: Running, mongo: Documents, provider: Company
) -> None:
    sent = await stage.invited(provider, "partnership")
    before = (await mongo.one(running, f"invitation:{sent['invitation_id']}"))["v"]
    address = urlsplit(sent["link"])
    for _ in range(2):
        page = await running.client.get(f"{address.path}?{address.query}")
    assert page.status_code == 200
    assert "Großhandel Nord AG möchte Ihr indirekter Provider sein" in page.text
    assert "Administratorzugriff" in page.text and 'lang="de"' in page.text
    assert f'data-accept-url="../v1/invitations/{sent["invitation_id"]}/accept"' in page.text
    assert f'data-token-url="{running.env["KONTOR_IDENTITY_URL"]}/v1/token"' in page.text
    english = await running.client.get(address.path, params={"token": token_of(sent), "lang": "en"})
    assert "Authorize indirect provider" in english.text
    assert page.headers["referrer-policy"] == "no-referrer" and page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert (await mongo.one(running, f"invitation:{sent['invitation_id']}"))["v"] == before


async def test_a_link_that_leads_nowhere_says_why_in_friendly_words(
    stage: Stage, running: Running, reseller: Company, customer: Company
) -> None:
    async def page(id: str, token: str, lang: str = "de") -> tuple[int, str]:
        answer = await running.client.get(f"/invitations/{id}", params={"token": token, "lang": lang})
        assert answer.headers["content-type"].startswith("text/html")
        assert reseller.name not in answer.text
        return answer.status_code, answer.text

    draft = await stage.invite(reseller, "customer")
    id, token = draft["invitation_id"], token_of(draft)
    assert (await page(id, "falsch"))[0] == (await page(str(uuid4()), token))[0] == 403
    assert (await page(id, token))[0] == 409
    await stage.post(reseller, f"/v1/invitations/{id}/send")
    await stage.accept(customer, draft)
    status, text = await page(id, token)
    assert status == 410 and "bereits angenommen" in text
    status, text = await page(id, token, "en")
    assert status == 410 and "has been accepted" in text
    other = await stage.invited(reseller, "customer")
    await stage.post(reseller, f"/v1/invitations/{other['invitation_id']}/revoke")
    status, text = await page(other["invitation_id"], token_of(other))
    assert status == 410 and "zurückgezogen" in text


async def test_no_token_of_a_link_is_in_the_log_or_in_a_topic(
    stage: Stage, running: Running, reseller: Company, customer: Company
) -> None:
    sent = await stage.invited(reseller, "customer")
    address = urlsplit(sent["link"])
    await running.client.get(f"{address.path}?{address.query}")
    await stage.accept(customer, sent)
    await stage.listed(reseller, "/v1/customers")
    secret = token_of(sent)
    assert secret not in running.process.log.read_text()
    records = await stage.kafka.read_all(running.topic("relationships.events"))
    assert not [read for read in records if secret.encode() in (read.record.value or b"")]


# -- customers of other portals


def importing(partner: Company, external_id: str, **changes: Any) -> ImportCustomer:
    facts = {"portal": "office", "name": "Fahrräder Köhler oHG", "country": "DE", "partner_id": partner.partner_id}
    return ImportCustomer.model_validate(facts | {"external_id": external_id} | changes)


async def test_customers_of_another_portal_appear_with_the_enrollment(stage: Stage, reseller: Company) -> None:
    newcomer = stage.company("reseller", name="Neu & Klein GmbH")
    await stage.ask_for_import(importing(newcomer, f"K-{uuid4()}"))
    await stage.ask_for_import(importing(reseller, f"K-{uuid4()}"))
    (own,) = await stage.listed(reseller, "/v1/customers")
    assert (await stage.get(newcomer, "/v1/customers")).json()["items"] == []
    await stage.activate(newcomer)
    (appeared,) = (await stage.get(newcomer, "/v1/customers")).json()["items"]
    assert (appeared["name"], appeared["origin"]) == ("Fahrräder Köhler oHG", "imported")
    (partner,) = appeared["partners"]
    assert (partner["organization_id"], partner["name"]) == (newcomer.organization_id, newcomer.name)
    assert (partner["role"], partner["permissions"]) == ("reseller", ["administer"])
    assert await stage.may(newcomer, appeared["customer_id"], "administer") == (True, "granted")
    assert await stage.may(newcomer, own["customer_id"], "administer") == (False, "no-relationship")


async def test_an_import_sent_again_updates_the_name_and_never_the_country(stage: Stage, reseller: Company) -> None:
    number = f"K-{uuid4()}"
    await stage.ask_for_import(importing(reseller, number))
    await stage.ask_for_import(importing(reseller, number))
    await stage.ask_for_import(importing(reseller, number, country="AT", name="Anderswo"))
    await stage.ask_for_import(importing(reseller, number, name="Köhler Räder"))

    async def renamed() -> bool:
        (customer,) = await stage.listed(reseller, "/v1/customers")
        return bool(customer["name"] == "Köhler Räder" and customer["country"] == "DE")

    await eventually(renamed, timeout=WITHIN)
    imported = await stage.events(CustomerImported.TYPE, lambda data: data.external_id == number)
    assert [event.name for event in imported] == ["Fahrräder Köhler oHG", "Köhler Räder"]
    (refused,) = await stage.events(CustomerImportRefused.TYPE, lambda data: data.external_id == number)
    assert refused.reason == "country-changed"


async def test_an_import_under_a_foreign_key_is_parked(stage: Stage, running: Running, reseller: Company) -> None:
    number = f"K-{uuid4()}"
    await stage.ask_for_import(importing(reseller, number), subject="office:somebody-else")

    async def parked() -> list[Any]:
        records = await stage.kafka.read_all(running.topic("relationships.dlq"))
        return [read for read in records if number.encode() in (read.record.value or b"")]

    (record,) = await eventually(parked, timeout=WITHIN)
    assert record.headers["dlq-stage"] == b"validate"
    assert (await stage.get(reseller, "/v1/customers")).json()["items"] == []


# -- the directory


async def test_anybody_who_is_signed_in_finds_active_providers(stage: Stage, reseller: Company) -> None:
    mark = uuid4().hex[:12]
    names = [f"Straßen (+.*) {mark} {number}" for number in range(3)]
    austrian = await stage.partner("provider", name=names[0], country="AT")
    for name in names[1:]:
        await stage.partner("provider", name=name)
    await stage.partner("reseller", name=f"Reseller {mark}")

    async def search(**query: str) -> set[str]:
        answer = await stage.get(reseller, "/v1/directory/providers", **query)
        return {item["name"] for item in answer.json()["items"]}

    assert await search(q=mark) == set(names)
    assert await search(q=f"STRASSEN (+.*) {mark.upper()}") == set(names)
    assert await search(q=mark, country="AT") == {austrian.name}
    assert await search(q=f"{mark}.*") == set()
    first = (await stage.get(reseller, "/v1/directory/providers", q=mark, limit="2")).json()
    second = (await stage.get(reseller, "/v1/directory/providers", q=mark, cursor=first["next_cursor"])).json()
    assert {item["name"] for item in first["items"] + second["items"]} == set(names)
    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (2, 1, None)


# -- who may ask what


async def test_a_partner_asks_about_itself_a_customer_about_itself_an_operator_about_anything(
    stage: Stage, reseller: Company, customer: Company
) -> None:
    await stage.accept(customer, await stage.invited(reseller, "customer"))
    await stage.listed(reseller, "/v1/customers")
    id, other = customer.organization_id, await stage.partner("reseller")
    operator = stage.company("operator")
    about = {"customer_id": id, "action": "administer", "organization_id": reseller.organization_id}

    assert problem(await stage.get(other, "/v1/authorizations/check", **about))[:2] == (403, "forbidden")
    foreign = await stage.get(stage.company("customer"), "/v1/authorizations/check", **about)
    assert problem(foreign)[:2] == (403, "forbidden")
    for asker in (customer, operator, reseller):
        answer = await stage.get(asker, "/v1/authorizations/check", **about)
        assert answer.json() == {"allowed": True, "reason": "granted"}

    # A stranger learns the same of a customer and of nobody.
    assert await stage.may(other, id, "administer") == (False, "no-relationship")
    assert await stage.may(other, str(uuid4()), "administer") == (False, "no-relationship")
    assert await stage.may(stage.company("reseller"), id, "administer") == (False, "partner-not-active")
    unknown = await stage.may(operator, "nobody", "order", organization_id=reseller.organization_id)
    assert unknown == (False, "unknown-customer")


ROUTES = [
    ("POST", "/v1/invitations"),
    ("GET", "/v1/invitations"),
    ("GET", "/v1/invitations/{invitation}"),
    ("PUT", "/v1/invitations/{invitation}/mail"),
    ("POST", "/v1/invitations/{invitation}/send"),
    ("POST", "/v1/invitations/{invitation}/revoke"),
    ("POST", "/v1/invitations/{invitation}/accept"),
    ("GET", "/v1/providers"),
    ("GET", "/v1/resellers"),
    ("GET", "/v1/providers/{provider}/customers"),
    ("GET", "/v1/customers"),
    ("GET", "/v1/customers/{customer}"),
    ("GET", "/v1/directory/providers"),
    ("GET", "/v1/authorizations/check?customer_id={customer}&action=order"),
]
BODIES = {
    "/v1/invitations": {"kind": "customer", "recipient": {"name": "Käthe", "email": "k@kunde.example"}},
    "/v1/invitations/{invitation}/mail": {"subject": "Hallo", "body": "{link}"},
    "/v1/invitations/{invitation}/accept": {"token": "?", "consent": True},
}
OPEN_TO_ALL = {"/v1/directory/providers"}
FOREIGN = [(method, path) for method, path in ROUTES if "{" in path and not path.endswith(("accept", "action=order"))]


@pytest.fixture
async def places(stage: Stage, reseller: Company, provider: Company, customer: Company) -> dict[str, str]:
    await stage.connected(provider, reseller)
    sent = await stage.invited(reseller, "customer")
    await stage.accept(customer, await stage.invited(reseller, "customer"))
    await stage.listed(reseller, "/v1/customers")
    return {
        "invitation": sent["invitation_id"],
        "provider": provider.organization_id,
        "customer": customer.organization_id,
        "token": token_of(sent),
    }


async def _request(stage: Stage, method: str, path: str, places: dict[str, str], headers: dict[str, str]) -> Any:
    body = BODIES.get(path)
    if path.endswith("accept"):
        body = {"token": places["token"], "consent": True}
    headers = headers | {"Idempotency-Key": str(uuid4())}
    return await stage.running.client.request(method, path.format(**places), json=body, headers=headers)


async def test_no_route_answers_without_a_token_or_the_permission_or_to_another_company(
    stage: Stage, reseller: Company, places: dict[str, str]
) -> None:
    stranger, bystander = await stage.partner("reseller"), stage.company("customer")
    for method, path in ROUTES:
        answer = await _request(stage, method, path, places, {})
        assert (path, *problem(answer)[:2]) == (path, 401, "unauthenticated")
        asker = bystander if path.endswith("accept") else reseller
        if path not in OPEN_TO_ALL:
            answer = await _request(stage, method, path, places, stage.token(asker, ["organization:read"]))
            assert (path, *problem(answer)[:2]) == (path, 403, "forbidden")
    for method, path in FOREIGN:
        answer = await _request(stage, method, path, places, stage.token(stranger, ALL))
        assert (path, *problem(answer)[:2]) == (path, 404, "not-found")
    for path in ("/v1/invitations", "/v1/providers", "/v1/resellers", "/v1/customers"):
        answer = await stage.running.client.get(path, headers=stage.token(stranger, ALL))
        assert (path, answer.json()["items"]) == (path, [])


async def test_every_route_is_in_the_table_of_the_permission_test(running: Running) -> None:
    paths = (await running.client.get("/openapi.json")).json()["paths"]
    known = {path.partition("?")[0] for _, path in ROUTES} | {"/invitations/{invitation}"}
    named = {path.replace("_id}", "}") for path in paths}
    assert named == known


async def test_a_change_needs_an_idempotency_key(stage: Stage, reseller: Company) -> None:
    for path in ("/v1/invitations", "/v1/invitations/x/send", "/v1/invitations/x/accept"):
        body = {"token": "?", "consent": True} if path.endswith("accept") else BODIES["/v1/invitations"]
        answer = await stage.running.client.post(path, json=body, headers=stage.token(reseller))
        assert problem(answer) == (400, "idempotency-key-missing", ["Idempotency-Key"])
