"""Who may ask what of relationships: authorizations, and every route under the wrong caller."""

from typing import Any
from uuid import uuid4

import pytest
from service.relationships.stage import ALL, Company, Stage, problem, token_of

pytest_plugins = ("service.relationships.fixtures",)


# -- who may ask what


async def test_partners_and_customers_ask_about_themselves_operators_about_all(
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
        assert (answer.json()["allowed"], answer.json()["reason"]) == (True, "granted")

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
    ("GET", "/v1/directory/profile"),
    ("GET", "/v1/authorizations/check?customer_id={customer}&action=order"),
    ("POST", "/v1/authorizations/check-batch"),
]
BODIES = {
    "/v1/invitations": {"kind": "customer", "recipient": {"name": "Käthe", "email": "k@kunde.example"}},
    "/v1/invitations/{invitation}/mail": {"subject": "Hallo", "body": "{link}"},
    "/v1/invitations/{invitation}/accept": {"token": "?", "consent": True},
    "/v1/authorizations/check-batch": {"checks": [{"customer_id": "c", "action": "order"}]},
}
OPEN_TO_ALL: set[str] = set()
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


async def test_a_route_needs_a_token_the_permission_and_the_own_company(
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


async def test_a_change_needs_an_idempotency_key(stage: Stage, reseller: Company) -> None:
    for path in ("/v1/invitations", "/v1/invitations/x/send", "/v1/invitations/x/accept"):
        body = {"token": "?", "consent": True} if path.endswith("accept") else BODIES["/v1/invitations"]
        answer = await stage.running.client.post(path, json=body, headers=stage.token(reseller))
        assert problem(answer) == (400, "idempotency-key-missing", ["Idempotency-Key"])
