"""The directory of providers: edited and published by its provider, searched by everybody without an account."""

from typing import Any
from uuid import uuid4

import pytest
from harness.documents import Documents
from harness.running import Running
from service.relationships.stage import Company, Stage, problem
from service.relationships.test_suspension import reinstate, suspend
from support import eventually

from kontor_contracts.directory import ProfilePublished, ProfileUnpublished

pytest_plugins = ("service.relationships.fixtures",)

DIRECTORY = "/v1/directory/providers"
PROFILE = "/v1/directory/profile"
WHOLE: dict[str, Any] = {
    "description": "Wolken für das Handwerk",
    "website": "https://nord.example/partner",
    "phone": "+49 421 555 0",
    "languages": ["de", "en"],
    "countries_served": ["DE", "AT"],
    "services": ["training", "financing"],
    "support_level": "extended-hours",
    "industries": ["Handwerk"],
    "products": ["Office"],
    "customer_sizes": ["small"],
    "locations": [{"country": "DE", "city": "Bremen", "address": "Am Wall 1"}],
    "logo_url": "https://www.nord.example/logo.png",
    "lead_contact": {"name": "Vertrieb Nord", "email": "partner@provider.example", "phone": "+49 421 555 1"},
}


async def searched(running: Running, **query: str) -> list[str]:
    """By somebody without an account."""
    answer = await running.client.get(DIRECTORY, params=query)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


async def test_a_published_profile_is_public_and_an_unpublished_one_is_not(
    stage: Stage, relationships: Running, provider: Company
) -> None:
    one = f"{DIRECTORY}/{provider.organization_id}"
    written = await stage.put(provider, PROFILE, WHOLE)
    assert written.status_code == 200, written.text
    assert (written.json()["published"], written.json()["listed"]) == (False, False)
    assert (await relationships.client.get(one)).status_code == 404
    published = await stage.post(provider, f"{PROFILE}/publish")
    assert published.json()["listed"] is True
    shown = (await relationships.client.get(one)).json()
    assert shown["name"] == provider.name and shown["profile"] == {**WHOLE, "linkedin": None}
    # The contact for leads is published; the primary contact of the enrollment is not.
    assert provider.partner.contact.email not in str(shown)
    (event,) = await stage.events(ProfilePublished.TYPE, lambda data: data.organization_id == provider.organization_id)
    assert event.profile.services == ("training", "financing")
    assert (await stage.post(provider, f"{PROFILE}/unpublish")).json()["published"] is False
    assert (await relationships.client.get(one)).status_code == 404
    assert (await stage.get(provider, PROFILE)).json()["profile"]["description"] == WHOLE["description"]
    assert await stage.events(ProfileUnpublished.TYPE, lambda data: data.organization_id == provider.organization_id)


async def test_everybody_searches_filters_and_pages_the_directory(
    stage: Stage, relationships: Running, mongo: Documents
) -> None:
    mark = f"x{uuid4().hex[:10]}"
    names = [f"Äpfel {mark}", f"Straßen {mark}", f"Zentrum {mark}"]
    first, second, third = [await stage.partner("provider", name=name) for name in names]
    await stage.published(third, services=["marketing"], products=["Telefonie"])
    await stage.published(second, countries_served=["DE", "AT"], languages=["de", "fr"], services=["training"])
    await stage.published(first, support_level="around-the-clock")

    async def found(**query: str) -> list[str]:
        return await searched(relationships, q=f"{query.pop('q', '')} {mark}", **query)

    assert await found() == names
    assert await found(sort="-name") == list(reversed(names))
    assert await found(q="STRASS") == [names[1]]
    assert await found(q="tele") == [names[2]]
    assert await found(country="AT") == [names[1]]
    assert await found(language="fr", country="DE") == [names[1]]
    assert await found(service="marketing") == [names[2]]
    assert await found(support_level="around-the-clock") == [names[0]]
    assert await found(service="training", language="en") == []
    page = (await relationships.client.get(DIRECTORY, params={"q": mark, "limit": "2"})).json()
    rest = await relationships.client.get(DIRECTORY, params={"q": mark, "limit": "2", "cursor": page["next_cursor"]})
    assert [item["name"] for item in (*page["items"], *rest.json()["items"])] == names
    assert rest.json()["next_cursor"] is None

    query = {"kind": "profile", "ls.k": "directory|country=DE"}
    scan = (await mongo.collection(relationships).find(query).sort("ls.o", 1).limit(51).explain())["queryPlanner"]
    plan = scan["winningPlan"]
    while "inputStage" in plan:
        plan = plan["inputStage"]
    assert (plan["stage"], plan["indexName"]) == ("IXSCAN", "listed")


async def test_a_suspended_provider_leaves_the_directory_and_comes_back(stage: Stage, relationships: Running) -> None:
    name = f"Ruhend {uuid4().hex[:10]}"
    provider = await stage.partner("provider", name=name)
    await stage.published(provider)
    await suspend(stage, provider)
    assert await searched(relationships, q=name) == []
    assert (await stage.post(provider, f"{PROFILE}/publish")).status_code == 409
    await reinstate(stage, provider)

    async def back() -> bool:
        return await searched(relationships, q=name) == [name]

    await eventually(back, timeout=30.0)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"countries_served": ["DE", "US"]}, "country-outside-region", "countries_served"),
        ({"locations": [{"country": "DE", "city": f"Ort {n}"} for n in range(6)]}, "too-many-locations", "locations"),
        ({"description": "x" * 2501}, "invalid", "description"),
        ({"website": "http://nord.example"}, "invalid", "website"),
        ({"website": "https://bank.example@nord.example/"}, "invalid", "website"),
        ({"languages": ["de-DE"]}, "invalid", "languages.0"),
        ({"products": ["https://spam.example"]}, "invalid", "products.0"),
        ({"logo": "x"}, "invalid", "logo"),
        ({"logo_url": "https://nord.example/logo.svg"}, "invalid", "logo_url"),
        ({"logo_url": "https://elsewhere.example/logo.png"}, "invalid", "logo_url"),
        ({"logo_url": "https://nord.example.elsewhere.example/logo.png"}, "invalid", "logo_url"),
        ({"logo_url": "http://nord.example/logo.png"}, "invalid", "logo_url"),
        ({"website": None}, "invalid", "logo_url"),
        ({"lead_contact": {"name": "Vertrieb", "email": "no address"}}, "invalid", "lead_contact.email"),
        (
            {"lead_contact": {"name": "see https://spam.example", "email": "a@nord.example"}},
            "invalid",
            "lead_contact.name",
        ),
    ],
)
async def test_a_profile_keeps_to_its_limits(
    change: dict[str, Any], code: str, field: str, stage: Stage, provider: Company
) -> None:
    answer = await stage.put(provider, PROFILE, {**WHOLE, **change})
    assert problem(answer) == (422, code, [field])


async def test_an_incomplete_profile_is_not_published(stage: Stage, provider: Company) -> None:
    assert problem(await stage.post(provider, f"{PROFILE}/publish"))[:2] == (409, "profile-missing")
    await stage.put(provider, PROFILE, {"description": "Wolken"})
    assert problem(await stage.post(provider, f"{PROFILE}/publish")) == (422, "profile-incomplete", ["languages"])
    await stage.put(provider, PROFILE, WHOLE)
    await stage.post(provider, f"{PROFILE}/publish")
    refused = await stage.put(provider, PROFILE, {**WHOLE, "description": None})
    assert problem(refused) == (422, "profile-incomplete", ["description"])


async def test_only_a_provider_has_a_profile(stage: Stage, reseller: Company, relationships: Running) -> None:
    assert problem(await stage.put(reseller, PROFILE, WHOLE))[:2] == (403, "forbidden")
    assert (await relationships.client.get(f"{DIRECTORY}/{reseller.organization_id}")).status_code == 404
