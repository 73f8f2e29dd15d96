"""A program of many companies: it is loaded through the topics, and read by indexes, whatever there is beside it.

The sizes are small here. KONTOR_LOAD_CUSTOMERS, KONTOR_LOAD_RESELLERS and KONTOR_LOAD_PROVIDERS set larger ones.
"""

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx2
import pytest
from harness.documents import Documents
from harness.program import Program, announce, customer_records, partner_records, partnership_records, program
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from pymongo import monitoring
from service.conftest import Service
from service.relationships.stage import PERMISSIONS
from support import eventually

from kontor_contracts.values import Partner
from relationships.app import build
from relationships.domain.listing_words import sort_form
from relationships.settings import Settings

SIZES = {"customers": 600, "resellers": 20, "providers": 3}
GIVEN = {name: int(os.environ.get(f"KONTOR_LOAD_{name.upper()}", str(size))) for name, size in SIZES.items()}
PER_SECOND = 20
"""Customers that are there at least, on a machine that has other things to do."""
READS = {"find", "aggregate"}


class Queries(monitoring.CommandListener):
    """What the service asks of its collection, as the driver sends it."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self._listening = False

    @contextmanager
    def listening(self) -> Iterator[list[dict[str, Any]]]:
        self._listening, self.seen = True, []
        try:
            yield self.seen
        finally:
            self._listening = False

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if self._listening and event.command_name in READS:
            self.seen.append(dict(event.command))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


QUERIES = Queries()


@pytest.fixture(scope="module")
async def loaded(service: Service, kafka: Topics, mongo: Documents) -> AsyncIterator[tuple[Running, Program]]:
    """The service with the whole program, on topics and a database of its own."""
    made = program(20_261_128, **GIVEN)
    async with service("relationships") as running:
        for records, kind, count in (
            (partner_records(made), "partner", len(made.partners)),
            (partnership_records(made), "partnership", len(made.resellers)),
            (customer_records(made), "customer", len(made.customers)),
        ):
            await announce(kafka, running, records)

            async def there(kind: str = kind, count: int = count) -> bool:
                return await mongo.collection(running).count_documents({"kind": kind}) >= count

            await eventually(there, timeout=60 + count / PER_SECOND)
        yield running, made


@pytest.fixture(scope="module")
async def here(loaded: tuple[Running, Program]) -> AsyncIterator[httpx2.AsyncClient]:
    """The same service in this process, on the same documents, so that its queries can be seen."""
    env = {name.removeprefix("KONTOR_").lower(): value for name, value in loaded[0].env.items() if "KONTOR_" in name}
    settings = Settings.model_validate(
        {name: json.loads(value) if value.startswith(("[", "{")) else value for name, value in env.items()}
        # Each check reads: what is remembered is no query.
        | {"check_documents": 0}
    )
    before = list(monitoring._LISTENERS.command_listeners)
    monitoring.register(QUERIES)
    try:
        chassis, app = build(settings)
    finally:
        monitoring._LISTENERS.command_listeners[:] = before
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://here") as client:
        yield client
    chassis.store.close()


def bearer(tokens: Tokens, partner: Partner) -> dict[str, str]:
    kind = "provider" if partner.program == "indirect-provider" else "reseller"
    return tokens.bearer(partner.organization_id, organization_kind=kind, permissions=PERMISSIONS[kind])


def staff(tokens: Tokens) -> dict[str, str]:
    return tokens.bearer("staff", organization_kind="operator", permissions={"partners:read"})


async def items(client: httpx2.AsyncClient, headers: dict[str, str], path: str, **query: str) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    while True:
        answer = await client.get(path, params={"limit": "200"} | query, headers=headers)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if not (cursor := answer.json()["next_cursor"]):
            return found
        query = {**query, "cursor": cursor}


async def test_a_program_that_is_loaded_is_listed_whole(loaded: tuple[Running, Program], tokens: Tokens) -> None:
    running, made = loaded
    for partner in (made.resellers[0], made.resellers[-1], *made.providers):
        found = await items(running.client, bearer(tokens, partner), "/v1/customers")
        names = [one["name"] for one in found]
        assert sorted(names) == sorted(made.names_of(partner))
        assert names == sorted(names, key=sort_form)
    for provider in made.providers:
        own = [one.name for one in made.resellers if made.provider_of(one) == provider]
        found = await items(running.client, bearer(tokens, provider), "/v1/resellers")
        assert sorted(one["name"] for one in found) == sorted(own)
    largest = made.resellers[0]
    shared = [
        one.name
        for one in made.customers
        if {largest.partner_id, made.provider_of(largest).partner_id} <= set(one.partner_ids)
    ]
    path = f"/v1/providers/{made.provider_of(largest).organization_id}/customers"
    found = await items(running.client, bearer(tokens, largest), path)
    assert sorted(one["name"] for one in found) == sorted(shared)
    trade, _, place, _ = made.names_of(largest)[0].split()
    searched = await items(running.client, bearer(tokens, largest), "/v1/customers", q=f"{trade[:4]} {place[:4]}")
    wanted = [one for one in made.names_of(largest) if one.startswith(trade) and f" {place} " in one]
    assert wanted and sorted(one["name"] for one in searched) == sorted(wanted)


@pytest.mark.parametrize("sort", ["name", "-name"])
async def test_staff_read_all_partners_in_order(loaded: tuple[Running, Program], tokens: Tokens, sort: str) -> None:
    running, made = loaded
    found = await items(running.client, staff(tokens), "/v1/partners", sort=sort, limit="7")
    names = [one["name"] for one in found]
    assert sorted(names) == sorted(one.name for one in made.partners)
    assert names == sorted(names, key=sort_form, reverse=sort.startswith("-"))


@pytest.mark.parametrize("descending", [False, True])
async def test_lists_are_read_whole_by_date(loaded: tuple[Running, Program], tokens: Tokens, descending: bool) -> None:
    running, made = loaded
    largest, sort = made.resellers[0], "-since" if descending else "since"
    provider = made.provider_of(largest)
    for partner, path, names in (
        (largest, "/v1/customers", made.names_of(largest)),
        (provider, "/v1/customers", made.names_of(provider)),
        (provider, "/v1/resellers", [one.name for one in made.resellers if made.provider_of(one) == provider]),
    ):
        found = await items(running.client, bearer(tokens, partner), path, sort=sort, limit="7")
        assert sorted(one["name"] for one in found) == sorted(names)
        # The relationship that the list is about: a customer has others, with dates of their own.
        dates = [datetime.fromisoformat(one["since"]) for one in found]
        assert dates == sorted(dates, reverse=descending)


LISTS: dict[str, tuple[str, str]] = {
    "customers": ("largest", "/v1/customers?limit=50"),
    "customers, the last first": ("largest", "/v1/customers?limit=50&sort=-name"),
    "customers by date": ("largest", "/v1/customers?limit=50&sort=-since"),
    "customers by date and word": ("largest", "/v1/customers?sort=since&q=brauer&origin=imported"),
    "shared customers by date": ("provider", "/v1/resellers/{largest}/customers?sort=since"),
    "resellers by date": ("provider", "/v1/resellers?sort=-since&q=mey"),
    "customers by word": ("largest", "/v1/customers?q=brauer%20brem"),
    "customers by origin": ("largest", "/v1/customers?origin=imported&since_from=2026-01-01"),
    "ended customers": ("largest", "/v1/customers?state=ended"),
    "how many customers": ("largest", "/v1/customers?origin=imported&total=true&limit=1"),
    "shared customers": ("largest", "/v1/providers/{provider}/customers"),
    "customers of a reseller": ("provider", "/v1/resellers/{largest}/customers?q=gro"),
    "providers": ("largest", "/v1/providers"),
    "resellers": ("provider", "/v1/resellers?q=mey"),
    "resellers of record": ("provider", "/v1/resellers-of-record?q=sub"),
    "invitations": ("provider", "/v1/invitations?status=sent"),
    "requests to partner": ("provider", "/v1/partnership-requests"),
    "administrator grants": ("provider", "/v1/admin-grants?status=active"),
    "administrator grants of a customer by their end": (
        "provider",
        "/v1/admin-grants?customer_id={customer}&sort=expires_at",
    ),
    "partners": ("staff", "/v1/partners?standing=active&q=mey&sort=-name"),
    "directory": ("provider", "/v1/directory/providers?country=DE&q=mey"),
    "rights": ("largest", "/v1/authorizations/customers?action=administer"),
    "check": ("largest", "/v1/authorizations/check?customer_id={customer}&action=administer"),
}


@pytest.mark.parametrize("name", LISTS)
async def test_every_read_goes_by_an_index(
    name: str, loaded: tuple[Running, Program], here: httpx2.AsyncClient, mongo: Documents, tokens: Tokens
) -> None:
    """As the driver sends it. MongoDB reads a list in the order of its index; the embedded database sorts what it finds."""
    running, made = loaded
    largest = made.resellers[0]
    provider = made.provider_of(largest)
    who, path = LISTS[name]
    callers = {"largest": bearer(tokens, largest), "provider": bearer(tokens, provider), "staff": staff(tokens)}
    known = await items(running.client, bearer(tokens, largest), "/v1/customers", q="brauer")
    path = path.format(
        provider=provider.organization_id, largest=largest.organization_id, customer=known[0]["customer_id"]
    )
    with QUERIES.listening() as asked:
        answer = await here.get(path, headers=callers[who])
    assert answer.status_code == 200, answer.text
    queries = [one for one in asked if _is_search(one)]
    assert queries or name == "check", asked
    for query in queries:
        plan = await _plan(mongo, running, query)
        assert "COLLSCAN" not in plan and "IXSCAN" in plan, (query, plan)
        # The other order of a list is found by the key, and by an index of its own on MongoDB alone.
        if os.environ.get("KONTOR_TEST_MONGO") and "ls.k" in str(query):
            assert "'SORT'" not in plan, (query, plan)


def _is_search(query: dict[str, Any]) -> bool:
    """Not a look at documents by their ids."""
    return set(query.get("filter", {})) != {"_id"}


async def _plan(mongo: Documents, running: Running, query: dict[str, Any]) -> str:
    sent = {name: value for name, value in query.items() if name not in {"lsid", "$db", "$clusterTime", "txnNumber"}}
    database = mongo.collection(running).database
    return str(await database.command("explain", sent, verbosity="queryPlanner"))
