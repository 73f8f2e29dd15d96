"""Lists of customers: search, filters, order, pages, export. One indexed query each, and no other partner's customer."""

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from harness.documents import Documents
from harness.running import Running
from service.relationships.stage import Company, Stage, problem
from service.relationships.test_imports import importing

from kontor_contracts.relationships import CustomerImported

pytest_plugins = ("service.relationships.fixtures",)

NAMES = ("Äpfel & Birnen", "Bäckerei Süß", "Brauhaus Žižka", "Café Óbidos", "Zoo Handel")


@pytest.fixture
async def listed(stage: Stage, reseller: Company) -> Company:
    """A reseller with five customers of another portal, and a stranger with one of a similar name."""
    stranger = await stage.partner("reseller")
    wanted = [*((reseller, name) for name in NAMES), (stranger, "Bäckerei Fremd")]
    numbers = {f"K-{uuid4()}" for _ in wanted}
    for (partner, name), number in zip(wanted, numbers, strict=True):
        await stage.ask_for_import(importing(partner, number, name=name))
    await stage.events(CustomerImported.TYPE, lambda data: data.external_id in numbers, count=len(wanted))
    return reseller


async def names(stage: Stage, who: Company, path: str = "/v1/customers", **query: str) -> list[str]:
    answer = await stage.get(who, path, **query)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


async def test_customers_are_listed_by_name_in_pages(stage: Stage, listed: Company) -> None:
    assert await names(stage, listed) == list(NAMES)
    assert await names(stage, listed, sort="-name") == list(reversed(NAMES))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for _ in NAMES:
        answer = (await stage.get(listed, "/v1/customers", limit="2", total="true", **cursor)).json()
        assert answer["total"] == len(NAMES)
        seen += [one["name"] for one in answer["items"]]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert seen == list(NAMES)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "back"}, ["Bäckerei Süß"]),
        ({"q": "b"}, ["Äpfel & Birnen", "Bäckerei Süß", "Brauhaus Žižka"]),
        ({"q": "ziz brau"}, ["Brauhaus Žižka"]),
        ({"q": "handel"}, ["Zoo Handel"]),
        ({"q": "andel"}, []),
        ({"q": "obidos", "origin": "imported"}, ["Café Óbidos"]),
        ({"origin": "invitation"}, []),
        ({"state": "ended"}, []),
        ({"since_to": "2020-01-01"}, []),
        ({"since_from": "2020-01-01", "q": "zoo"}, ["Zoo Handel"]),
    ],
)
async def test_customers_are_searched_and_filtered(
    stage: Stage, listed: Company, query: dict[str, str], found: list[str]
) -> None:
    assert await names(stage, listed, **query) == found


async def test_a_customer_shows_contact_channel_and_partners(
    stage: Stage, provider: Company, reseller: Company, customer: Company
) -> None:
    await stage.connected(provider, reseller)
    sent = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    await stage.accept(customer, sent)
    await stage.listed(reseller, "/v1/customers")
    path = f"/v1/customers/{customer.organization_id}"
    noted = await stage.put(reseller, f"{path}/channel", {"channel": "referral"})
    assert noted.status_code == 200, noted.text
    shown = (await stage.get(reseller, path)).json()
    assert (shown["channel"], shown["permissions"], shown["contact"]["name"]) == (
        "referral",
        ["administer"],
        "Käthe Süß",
    )
    assert {one["name"] for one in shown["partners"]} == {provider.name, reseller.name}
    assert (await stage.get(provider, path)).json()["channel"] is None
    assert await names(stage, reseller, channel="referral") == [customer.name]
    assert await names(stage, provider, channel="referral") == []
    assert problem(await stage.put(await stage.partner("reseller"), f"{path}/channel", {"channel": None}))[0] == 404


async def test_provider_and_reseller_see_the_customers_they_share(
    stage: Stage, provider: Company, reseller: Company, customer: Company
) -> None:
    await stage.connected(provider, reseller)
    sent = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    await stage.accept(customer, sent)
    alone = stage.company("customer", name="Nur beim Händler")
    await stage.accept(alone, await stage.invited(reseller, "customer"))
    await stage.listed(reseller, "/v1/customers", 2)
    shared = [customer.name]
    assert await names(stage, provider, f"/v1/resellers/{reseller.organization_id}/customers") == shared
    assert await names(stage, reseller, f"/v1/providers/{provider.organization_id}/customers") == shared
    assert await names(stage, provider, partner=reseller.organization_id) == shared
    assert await names(stage, reseller, partner=provider.organization_id) == shared
    noted = {"channel": "referral"}
    assert (await stage.put(reseller, f"/v1/customers/{customer.organization_id}/channel", noted)).is_success
    # What the reseller notes is its own, also where the provider looks at the reseller's list.
    assert await names(stage, provider, f"/v1/resellers/{reseller.organization_id}/customers", **noted) == []
    assert await names(stage, reseller, f"/v1/providers/{provider.organization_id}/customers", **noted) == shared
    stranger = await stage.partner("provider")
    mirror = await stage.get(stranger, f"/v1/resellers/{reseller.organization_id}/customers")
    filtered = await stage.get(stranger, "/v1/customers", partner=reseller.organization_id)
    assert problem(mirror)[:2] == problem(filtered)[:2] == (404, "not-found")


async def test_an_ended_customer_is_listed_without_what_is_its_own(
    stage: Stage, reseller: Company, customer: Company
) -> None:
    await stage.accept(customer, await stage.invited(reseller, "customer"))
    await stage.listed(reseller, "/v1/customers")
    await stage.post(customer, f"/v1/me/resellers/{reseller.partner_id}/end", {"reason": "Schluss."})
    (ended,) = (await stage.get(reseller, "/v1/customers", state="ended")).json()["items"]
    assert (ended["state"], ended["ended_by"], ended["ended_reason"]) == ("ended", "customer", "Schluss.")
    assert (ended["contact"], ended["partners"], ended["permissions"], ended["domain"]) == (None, [], [], None)
    assert await names(stage, await stage.partner("reseller"), state="ended") == []


async def test_customers_are_exported_as_csv(stage: Stage, listed: Company) -> None:
    answer = await stage.get(listed, "/v1/customers/export", separator="semicolon")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["name"] for row in rows] == list(NAMES)
    assert {row["origin"] for row in rows} == {"imported"} and rows[0]["partners"] == listed.name
    filtered = await stage.get(listed, "/v1/customers/export", q="zoo")
    assert len(filtered.text.strip().splitlines()) == 2


async def test_unknown_filters_are_refused(stage: Stage, listed: Company) -> None:
    for query, field in (
        ({"state": "gone"}, "state"),
        ({"sort": "size"}, "sort"),
        ({"since_from": "soon"}, "since_from"),
    ):
        assert problem(await stage.get(listed, "/v1/customers", **query)) == (422, "invalid", [field])


async def test_a_page_is_one_query_by_the_index_of_lists(
    stage: Stage, relationships: Running, mongo: Documents, listed: Company
) -> None:
    """As the driver sends it: the plan enters by the list's index and reads no other partner's documents."""
    key = f"{listed.partner_id}|active"
    collection = mongo.collection(relationships)
    query: dict[str, Any] = {"kind": "customer", "ls.k": key, "ls.o": {"$gt": "a"}}
    plan = await collection.find(query).sort("ls.o", 1).limit(51).explain()
    scan = plan["queryPlanner"]["winningPlan"]
    while "inputStage" in scan:
        scan = scan["inputStage"]
    assert (scan["stage"], scan["indexName"]) == ("IXSCAN", "listed")
    indexes = await collection.index_information()
    assert indexes["listed"]["key"] == [("kind", 1), ("ls.k", 1), ("ls.o", 1)]
    assert indexes["listed_second"]["key"] == [("ls.s.$**", 1)]


async def test_customers_are_exported_by_date(stage: Stage, listed: Company) -> None:
    exported = []
    for sort in ("since", "-since"):
        answer = await stage.get(listed, "/v1/customers/export", sort=sort, separator="semicolon")
        assert answer.status_code == 200, answer.text
        rows = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";")
        exported.append([row["since"] for row in rows])
    assert exported[0] and exported[0] == sorted(exported[0]) == exported[1][::-1]
