"""The operators' console in a real browser: a record that was set aside is seen, replayed and applied, and its story told.

Skipped where Chromium or its driver is missing (apt-get install chromium chromium-driver). Screenshots are kept in the
folder that KONTOR_SHOTS names.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from harness.forkserver import fork
from journeys.test_browser import Window, pytestmark, window  # noqa: F401  a mark and a fixture
from support import eventually

from kontor_contracts import Envelope, encode, new_envelope
from kontor_contracts.enrollment import ContactVerified
from kontor_contracts.values import Recipient
from kontor_local.stack import Stack

FAR_AHEAD = 2_000_000_000
"""Of a sequence. A number like that is set aside, until an operator says that it is right."""
ADDRESS = "jana.beispiel@mueller-soehne.example"


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    root = tmp_path_factory.mktemp("console")
    async with Stack(root, ("notifications",), starter=fork, one_host=True, console=True) as stack:
        yield stack


def contact_verified(sequence: int) -> Envelope[Any]:
    enrollment_id = str(uuid4())
    event = ContactVerified(
        enrollment_id=enrollment_id,
        organization_id="organization-1",
        company_name="Müller & Söhne GmbH",
        contact=Recipient(name="Jana Beispiel", email=ADDRESS, culture="de-DE"),
    )
    return new_envelope(
        event,
        id=str(uuid4()),
        source="/kontor/enrollment",
        subject=f"enrollment:{enrollment_id}",
        time=datetime.now(UTC),
        sequence=sequence,
        correlationid=str(uuid4()),
        tenantid="organization-1",
        actor="user:somebody",
    )


async def publish(stack: Stack, envelope: Envelope[Any]) -> None:
    value, headers = encode(envelope)
    async with AIOKafkaProducer(bootstrap_servers=stack.kafka) as producer:
        key = envelope.subject.encode()
        await producer.send_and_wait(stack.topic("enrollment.events"), value, key=key, headers=list(headers))


async def test_a_poison_record_is_seen_replayed_and_applied(stack: Stack, window: Window) -> None:  # noqa: F811
    poison = contact_verified(FAR_AHEAD)
    await publish(stack, poison)
    console = stack.console
    assert console is not None

    await window.open(f"{stack.public_url('identity')}/?lang=en")
    await window.click(f'a[href^="{console.url}"]')
    await window.see("Sign in")
    await window.shoot("console-1-sign-in")
    await window.type(token="not one of the tokens")
    await window.click("button.primary")
    await window.see("none of the console's tokens")
    await window.type(token=console.token)
    await window.click("button.primary")
    await window.see("Live, ")
    await window.see("notifications.dlq")
    await window.shoot("console-2-topics")

    await window.click('a[href="/dead-letters"]')
    await window.see("SequenceJumpError")
    await window.shoot("console-3-dead-letters")
    await window.click(".card a")
    shown = await window.see("(open)")
    assert ADDRESS not in shown
    assert poison.correlationid in shown
    await window.shoot("console-4-dead-letter")
    await window.click('form[action="/replay"] button')
    await window.see("applied")
    await window.click('a[href="/dead-letters"]')
    await window.see("No dead letter is open.")

    async def mail_is_sent() -> bool:
        await window.open(f"{console.url}/story?id={poison.correlationid}")
        return "mail-sent" in await window.see("contact-verified")

    await eventually(mail_is_sent, 60, every=1)
    told = await window.see("mail-sent")
    for word in ("contact-verified", "Parked by notifications (applied)", "mail-queued"):
        assert word in told
    await window.shoot("console-5-story")
    assert await window.complaints() == []
