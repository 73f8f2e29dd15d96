"""A provider checks resellers of record, many at a time."""

from service.relationships.stage import Company, Stage, problem

pytest_plugins = ("service.relationships.fixtures",)

VALIDATE = "/v1/resellers/validate"


async def test_many_resellers_are_judged_in_order(
    stage: Stage, provider: Company, reseller: Company, customer: Company
) -> None:
    stranger = await stage.partner("reseller")
    await stage.connected(provider, reseller)
    joint = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    await stage.accept(customer, joint)
    await stage.listed(provider, "/v1/customers")
    asked = [stranger.partner_id, "99999999", reseller.partner_id, provider.partner_id, reseller.partner_id]
    answer = await stage.post(provider, VALIDATE, {"partner_ids": asked, "customer_id": customer.organization_id})
    assert answer.status_code == 200, answer.text
    assert [(one["partner_id"], one["code"]) for one in answer.json()["resellers"]] == list(
        zip(asked, ["partnership-missing", "partner-id-unknown", "valid", "not-a-reseller", "valid"], strict=True)
    )
    other = await stage.post(provider, VALIDATE, {"partner_ids": [reseller.partner_id], "customer_id": "nobody"})
    assert other.json()["resellers"][0] == {
        "partner_id": reseller.partner_id,
        "valid": False,
        "code": "customer-not-shared",
    }


async def test_only_a_provider_validates_resellers(stage: Stage, reseller: Company, provider: Company) -> None:
    assert problem(await stage.post(reseller, VALIDATE, {"partner_ids": ["4711001"]}))[:2] == (403, "forbidden")
    assert problem(await stage.post(provider, VALIDATE, {"partner_ids": []}))[:2] == (422, "invalid")
