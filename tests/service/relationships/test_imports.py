"""Customers of other portals, over Kafka."""

import json
from asyncio import gather
from pathlib import Path
from typing import Any
from uuid import uuid4

from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.relationships.stage import WITHIN, Company, Stage
from support import eventually

from kontor_contracts.relationships import (
    CustomerImported,
    CustomerImportRefused,
    ImportCustomer,
)

pytest_plugins = ("service.relationships.fixtures",)


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
    # A timer carries the import out, a moment after the partner is known to be active.
    (appeared,) = await stage.listed(newcomer, "/v1/customers")
    assert (appeared["name"], appeared["origin"]) == ("Fahrräder Köhler oHG", "imported")
    (partner,) = appeared["partners"]
    assert (partner["organization_id"], partner["name"]) == (newcomer.organization_id, newcomer.name)
    assert (partner["role"], partner["permissions"]) == ("reseller", ["administer"])
    assert await stage.may(newcomer, appeared["customer_id"], "administer") == (True, "granted")
    assert await stage.may(newcomer, own["customer_id"], "administer") == (False, "no-relationship")


async def test_a_late_import_read_again_brings_no_old_name_back(
    stage: Stage, relationships: Running, mongo: Documents
) -> None:
    newcomer, number, id = stage.company("reseller", name="Spät & Söhne GmbH"), f"K-{uuid4()}", str(uuid4())
    old, new = importing(newcomer, number, name="Der alte Name"), importing(newcomer, number, name="Der neue Name")
    newest = importing(newcomer, number, name="Der neueste Name")
    await stage.ask_for_import(old, id=id)
    await stage.ask_for_import(new)

    async def waits() -> bool:
        found = await waiting_imports(mongo, relationships, newcomer)
        return [one["wanted"]["name"] for one in found or ()] == ["Der neue Name"]

    await eventually(waits, timeout=WITHIN)
    await stage.activate(newcomer)
    await stage.listed(newcomer, "/v1/customers")
    for command, again in ((old, id), (newest, None)):
        await stage.ask_for_import(command, id=again)
    imported = await stage.events(CustomerImported.TYPE, lambda data: data.external_id == number, count=2)
    assert [event.name for event in imported] == ["Der neue Name", "Der neueste Name"]


async def test_imports_around_the_activation_keep_their_order(stage: Stage) -> None:
    newcomer, number = stage.company("reseller", name="Gleichzeitig GmbH"), f"K-{uuid4()}"
    names = [f"Name {n}" for n in range(30)]

    async def send() -> None:
        for name in names:
            await stage.ask_for_import(importing(newcomer, number, name=name))

    await gather(send(), stage.activate(newcomer))

    async def is_newest() -> bool:
        found = (await stage.get(newcomer, "/v1/customers")).json()["items"]
        return [one["name"] for one in found] == names[-1:]

    await eventually(is_newest, timeout=WITHIN)
    imported = await stage.events(CustomerImported.TYPE, lambda data: data.external_id == number)
    seen = [names.index(event.name) for event in imported]
    assert seen == sorted(set(seen))


async def waiting_imports(mongo: Documents, relationships: Running, partner: Company) -> list[Any] | None:
    """None where none has waited for this partner yet."""
    found = await mongo.all(relationships, "waiting-imports")
    mine = (one for one in found if one["_id"] == f"waiting-imports:{partner.partner_id}")
    return next((one["state"]["imports"] for one in mine), None)


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
    imported = await stage.events(CustomerImported.TYPE, lambda data: data.external_id == number, count=2)
    assert [event.name for event in imported] == ["Fahrräder Köhler oHG", "Köhler Räder"]
    (refused,) = await stage.events(CustomerImportRefused.TYPE, lambda data: data.external_id == number)
    assert refused.reason == "country-changed"


async def test_an_import_with_a_used_id_is_refused_by_an_event(stage: Stage, reseller: Company) -> None:
    number, id = f"K-{uuid4()}", str(uuid4())
    first = importing(reseller, number, name="Köhler Räder")
    await stage.ask_for_import(first, id=id)
    await stage.ask_for_import(first, id=id)
    await stage.ask_for_import(importing(reseller, number, name="Ganz anders"), id=id)
    (refused,) = await stage.events(CustomerImportRefused.TYPE, lambda data: data.external_id == number)
    assert refused.reason == "id-reused"
    (imported,) = await stage.events(CustomerImported.TYPE, lambda data: data.external_id == number)
    assert imported.name == "Köhler Räder"


async def test_an_import_again_after_61_others_brings_no_old_name_back(stage: Stage, reseller: Company) -> None:
    number, id = f"K-{uuid4()}", str(uuid4())
    first = importing(reseller, number, name="Der alte Name")
    await stage.ask_for_import(first, id=id)
    for n in range(61):
        await stage.ask_for_import(importing(reseller, number, name=f"Name {n}"))
    await stage.ask_for_import(first, id=id)
    await stage.ask_for_import(importing(reseller, number, name="Der neue Name"))
    imported = await stage.events(CustomerImported.TYPE, lambda data: data.external_id == number, count=63)
    assert [event.name for event in imported].count("Der alte Name") == 1
    assert imported[-1].name == "Der neue Name"


async def test_what_follows_from_an_import_names_the_portal_as_its_actor(stage: Stage, reseller: Company) -> None:
    number = f"K-{uuid4()}"
    await stage.ask_for_import(importing(reseller, number), actor="user:somebody-important")

    async def actors() -> list[str | None]:
        envelopes = await stage.kafka.envelopes(stage.running.topic("relationships.events"))
        return [one.actor for one in envelopes if getattr(one.data, "external_id", None) == number]

    assert await eventually(actors, timeout=WITHIN) == ["portal:office-portal"]


async def test_an_import_under_a_foreign_key_is_parked(stage: Stage, relationships: Running, reseller: Company) -> None:
    number = f"K-{uuid4()}"
    await stage.ask_for_import(importing(reseller, number), subject="office:somebody-else")

    async def parked() -> list[Any]:
        records = await stage.kafka.read_all(relationships.topic("relationships.dlq"))
        return [read for read in records if number.encode() in (read.record.value or b"")]

    (record,) = await eventually(parked, timeout=WITHIN)
    assert record.headers["dlq-stage"] == b"validate"
    assert (await stage.get(reseller, "/v1/customers")).json()["items"] == []


async def test_an_import_for_an_unknown_partner_id_makes_no_customer(
    stage: Stage, relationships: Running, mongo: Documents
) -> None:
    newcomer = stage.company("reseller", name="Später GmbH")
    number = f"K-{uuid4()}"
    await stage.ask_for_import(importing(newcomer, number))

    async def waits() -> list[Any] | None:
        return await waiting_imports(mongo, relationships, newcomer)

    waiting = await eventually(waits, timeout=WITHIN)
    assert waiting is not None and len(waiting) == 1
    customer_id = waiting[0]["wanted"]["customer_id"]
    assert not [one for one in await mongo.all(relationships, "customer") if number in str(one)]
    await stage.activate(newcomer)
    (imported,) = await stage.events(CustomerImported.TYPE, lambda data: data.external_id == number)
    assert imported.customer_id == customer_id
    await stage.listed(newcomer, "/v1/customers")
    assert await stage.may(newcomer, customer_id, "administer") == (True, "granted")

    async def left() -> bool:
        return await waits() == []

    await eventually(left, timeout=WITHIN)


async def test_a_portal_is_believed_for_its_own_partners_alone(
    service: Any, kafka: Topics, tokens: Tokens, tmp_path: Path
) -> None:
    file = tmp_path / "portals.json"
    portals = {"office": {"source": "/office-portal", "partner_ids": []}, "else": {"source": "/portals/else"}}
    file.write_text(json.dumps(portals))
    async with service("relationships", KONTOR_PORTALS_FILE=file) as running:
        stage = Stage(running, kafka, tokens)
        reseller = await stage.partner("reseller")
        await stage.ask_for_import(importing(reseller, "K-1"))
        (refused,) = await stage.events(CustomerImportRefused.TYPE, lambda data: data.external_id == "K-1")
        assert refused.reason == "portal-not-entitled"
        await stage.ask_for_import(importing(reseller, "K-2", portal="else"))

        async def parked() -> bool:
            return bool(await running.metric("kontor_writer_faults_total", source="/office-portal") == 1)

        await eventually(parked, timeout=WITHIN)
        assert (await stage.get(reseller, "/v1/customers")).json()["items"] == []
