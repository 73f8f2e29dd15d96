"""A writer of commands names a topic of its own: what becomes of its commands, it reads there."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.conftest import Service
from service.relationships.stage import WITHIN, Company, Stage
from support import eventually

from kontor_contracts import Payload, new_envelope
from kontor_contracts.customers import ReportSubscriptions
from kontor_contracts.relationships import ImportCustomer
from kontor_contracts.topics import BY_NAME

SOURCE, ANSWERS = "/portals/office", "office.answers"


@pytest.fixture(scope="module")
async def running(service: Service, kafka: Topics) -> AsyncIterator[Running]:
    """With a topic that is registered for a source."""
    answers = f"{ANSWERS}.{uuid4()}"
    await kafka.create(answers)
    registered = f'{{"{SOURCE}": ["{answers}"]}}'
    async with service("relationships", KONTOR_REPLY_TOPICS=registered) as running:
        running.env["ANSWERS"] = answers
        yield running


@pytest.fixture
def stage(running: Running, kafka: Topics, tokens: Tokens) -> Stage:
    return Stage(running, kafka, tokens)


def imported(partner: Company, **more: Any) -> ImportCustomer:
    facts = {"portal": "office", "external_id": f"K-{uuid4()}", "name": "Köhler", "country": "DE"}
    return ImportCustomer.model_validate(facts | {"partner_id": partner.partner_id} | more)


async def send(stage: Stage, command: Payload, about: str, *, replyto: str | None, source: str = SOURCE) -> str:
    """The id of the command."""
    id = str(uuid4())
    envelope = new_envelope(
        command,
        id=id,
        source=source,
        subject=f"office:{about}",
        time=datetime.now(UTC),
        correlationid=f"night-{id}",
        replyto=replyto,
    )
    await stage.kafka.produce(stage.running.topic("relationships.commands"), envelope)
    return id


async def answers_to(stage: Stage, topic: str, id: str) -> list[Any]:
    """Once there is one."""

    async def found() -> list[Any]:
        return [one for one in await stage.kafka.read_all(topic) if one.envelope and one.envelope.causationid == id]

    return await eventually(found, timeout=WITHIN)


async def test_the_answer_goes_to_the_topic_named_for_it(stage: Stage) -> None:
    reseller, mine = await stage.partner("reseller"), stage.running.env["ANSWERS"]
    fact = imported(reseller)
    for command, about, type_ in (
        (fact, fact.external_id, "customer-imported"),
        (
            ReportSubscriptions(portal="office", customer_id="nobody", partner_id=reseller.partner_id, active=1),
            "nobody",
            "subscriptions-refused",
        ),
    ):
        id = await send(stage, command, about, replyto=mine)
        reply = (await answers_to(stage, mine, id))[0]
        event = (await answers_to(stage, stage.running.topic("relationships.events"), id))[0]
        assert reply.envelope.type == f"kontor.relationships.{type_}.v1"
        assert (reply.record.key, reply.record.value) == (event.record.key, event.record.value)
        assert reply.headers == event.headers
        assert reply.envelope.correlationid == f"night-{id}"


async def test_an_answer_that_waits_for_its_partner_goes_there_too(stage: Stage) -> None:
    reseller, mine = stage.company("reseller"), stage.running.env["ANSWERS"]
    command = imported(reseller)
    id = await send(stage, command, command.external_id, replyto=mine)

    async def waits() -> bool:
        return await stage.kafka.unread(stage.running.group, stage.running.topic("relationships.commands")) == 0

    await eventually(waits, timeout=WITHIN)
    await stage.activate(reseller)
    assert (await answers_to(stage, mine, id))[0].envelope.type.endswith(".customer-imported.v1")


async def test_a_command_without_a_topic_is_answered_on_the_events_alone(stage: Stage) -> None:
    reseller, mine = await stage.partner("reseller"), stage.running.env["ANSWERS"]
    quiet, loud = imported(reseller), imported(reseller)
    first = await send(stage, quiet, quiet.external_id, replyto=None)
    await answers_to(stage, stage.running.topic("relationships.events"), first)
    last = await send(stage, loud, loud.external_id, replyto=mine)
    await answers_to(stage, mine, last)
    assert first not in [one.causationid for one in await stage.kafka.envelopes(mine)]


@pytest.mark.parametrize(
    ("replyto", "source"), [("relationships.events", SOURCE), ("somebody.answers", SOURCE), (None, "/portals/other")]
)
async def test_another_topic_is_refused_and_named(stage: Stage, replyto: str | None, source: str) -> None:
    """Also one that is registered, for another source."""
    reseller, mine = await stage.partner("reseller"), stage.running.env["ANSWERS"]
    command = imported(reseller)
    before = await refusals(stage, source, "rule-broken")
    id = await send(stage, command, command.external_id, replyto=replyto or mine, source=source)
    refused = (await answers_to(stage, stage.running.topic("relationships.events"), id))[0].envelope.data
    assert (refused.reason, refused.field) == ("rule-broken", "replyto")
    assert "KONTOR_REPLY_TOPICS" in refused.detail
    assert await refusals(stage, source, "rule-broken") == before + 1
    assert id not in [one.causationid for one in await stage.kafka.envelopes(mine)]


async def test_a_broken_command_is_answered_where_it_asked(stage: Stage) -> None:
    reseller, mine = await stage.partner("reseller"), stage.running.env["ANSWERS"]
    command = imported(reseller)
    id = await send(stage, command, "K-another", replyto=mine)
    refused = (await answers_to(stage, mine, id))[0].envelope.data
    assert (refused.command_id, refused.field) == (id, "partitionkey")


async def refusals(stage: Stage, source: str, reason: str) -> float:
    topic = stage.running.topic("relationships.commands")
    return await stage.running.metric("kontor_command_refusals_total", topic=topic, source=source, reason=reason)


def test_no_topic_of_kontor_s_is_a_reply_topic() -> None:
    from chassis.configuration.values import foreign_topic  # noqa: PLC0415

    for name in BY_NAME:
        for prefix in ("", "kontor.", "test-1."):
            with pytest.raises(ValueError, match="may be Kontor's own"):
                foreign_topic(prefix + name)
    assert foreign_topic("office.answers") == "office.answers"
