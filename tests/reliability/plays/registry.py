"""enrollment: another service keeps the membership registry by messages, and gets an answer to each."""

import time
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from reliability.client import Client, GivenUpError
from reliability.history import Entry, Expected, Poison
from reliability.plays.joining import new_partner_id
from reliability.plays.partnerships import until
from reliability.scene import Scene, expects

from kontor_contracts import Payload, encode, new_envelope
from kontor_contracts.enrollment import RetirePartnerProfile, UpsertPartnerProfile
from kontor_local.connected import connected

HERE, TOPIC, SOURCE = "enrollment", "enrollment.commands", "/unruh/registry"
TRIES = 3


async def keep_the_registry(client: Client, scene: Scene) -> None:
    """A profile is entered, renamed and retired; its id is used for another content, and an unknown profile is retired."""
    partner_id, unknown = new_partner_id(client), new_partner_id(client)
    account, word = f"{client.word()}@mitglied.example", client.word()
    imported = "partner-profile-imported"

    def wanted(name: str) -> UpsertPartnerProfile:
        return UpsertPartnerProfile(partner_id=partner_id, membership_account=account, company_name=name, country="DE")

    def answer(event: str, **where: Any) -> Expected:
        return expects(f"enrollment.{event}", **{"partner_id": partner_id} | where)

    first, second = f"Unruh {word}", f"Unruh {word} SE"
    id = await _send(client, scene, wanted(first), partner_id, answer(imported, company_name=first))
    await _send(client, scene, wanted(second), partner_id, answer(imported, company_name=second, status="active"))
    reused = answer("partner-profile-refused", reason="id-reused")
    await _send(client, scene, wanted(f"Fremd {word}"), partner_id, reused, id=id)
    retired = answer(imported, company_name=second, status="inactive")
    await _send(client, scene, RetirePartnerProfile(partner_id=partner_id), partner_id, retired)
    refused = answer("partner-profile-refused", partner_id=unknown, reason="profile-unknown")
    await _send(client, scene, RetirePartnerProfile(partner_id=unknown), unknown, refused)
    # In a list: the profile is there once its first message was read.
    listed, operator = f"/v1/partner-profiles?membership_account={account}&status=inactive", scene.stage.operator.token
    await until(client, listed, operator, lambda found: bool(found["items"]), at=HERE)
    path = f"/v1/partner-profiles/{partner_id}"
    await client.probe(HERE, path, scene.stranger, "program")


async def break_a_registry_command(client: Client, scene: Scene) -> None:
    """A command with the key of another profile changes nothing: it is a dead letter, and its sender gets an answer."""
    partner_id, id = new_partner_id(client), client.new_id()
    command = RetirePartnerProfile(partner_id=partner_id)
    refused = expects("enrollment.registry-command-refused", command_id=id, reason="rule-broken")
    await _send(client, scene, command, f"fremd-{client.word()}", refused, id=id, broken=True)


async def _send(
    client: Client, scene: Scene, command: Payload, subject: str, *events: Expected, id: str = "", broken: bool = False
) -> str:
    """The id of the message. A sender of its own, which sends nothing twice: each record of a refused command is answered."""
    id = id or client.new_id()
    envelope = new_envelope(command, id=id, source=SOURCE, subject=subject, time=datetime.now(UTC), correlationid=id)
    value, headers = encode(envelope)
    name = "break-command" if broken else command.TYPE.split(".")[2]
    entry = Entry(id=id, command=name, service=HERE, tenant="", sent=time.time())
    client.ledger.entries.append(entry)
    topic, key = scene.stage.stack.topic(TOPIC), envelope.partitionkey.encode()
    while True:
        entry.tries += 1
        try:
            async with connected(AIOKafkaProducer(**_where(scene))) as producer:
                await producer.send_and_wait(topic, value, key=key, headers=headers)
                break
        except KafkaError as error:
            # A broken one must be known to be there: the checker wants its dead letter.
            if not broken or entry.tries == TRIES:
                raise GivenUpError(f"{name} {id}") from error
    if broken:
        scene.poison.append(Poison(TOPIC, value))
    if entry.tries == 1:
        entry.events = events
        entry.acknowledged = time.time()
    return id


def _where(scene: Scene) -> dict[str, Any]:
    return {"bootstrap_servers": scene.stage.stack.kafka, "enable_idempotence": True, "request_timeout_ms": 20_000}
