"""Messages that make notifications write mails, each about an aggregate of its own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from harness.running import Running
from harness.topics import Topics
from support import eventually

from chassis.crypto.sealing import Sealer
from kontor_contracts import Envelope, Payload, new_envelope
from kontor_contracts.enrollment import ContactVerificationRequested, ContactVerified
from kontor_contracts.notifications import MailAbandoned, MailSent
from kontor_contracts.values import Recipient

TOPIC = "enrollment.events"


def verified(email: str, *, organization_id: str = "organization-1") -> Envelope[ContactVerified]:
    """Leads to a mail without a link."""
    enrollment_id = str(uuid4())
    event = ContactVerified(
        enrollment_id=enrollment_id,
        organization_id=organization_id,
        company_name="Müller & Söhne GmbH",
        contact=Recipient(name="Jürgen Müller", email=email, culture="de-DE"),
    )
    return _enveloped(event, enrollment_id, organization_id)


def requested(
    email: str, sealed_link: str, *, expires_in: timedelta = timedelta(days=7)
) -> Envelope[ContactVerificationRequested]:
    """Leads to a mail with a link."""
    enrollment_id = str(uuid4())
    event = ContactVerificationRequested(
        enrollment_id=enrollment_id,
        organization_id="organization-1",
        company_name="Harbour & Finch Ltd",
        contact=Recipient(name="Siân O'Connor", email=email, culture="en-GB"),
        sealed_link=sealed_link,
        expires_at=datetime.now(UTC) + expires_in,
    )
    return _enveloped(event, enrollment_id, "organization-1")


def sealed(key: Path, link: str) -> str:
    return Sealer(key).seal(link)


async def fate(kafka: Topics, running: Running, message: Envelope[Any], within: float = 60.0) -> Payload:
    """The end of the mail that this message led to: MailSent or MailAbandoned."""

    async def found() -> Payload | None:
        for envelope in await kafka.envelopes(running.topic("notifications.events")):
            if isinstance(envelope.data, MailSent | MailAbandoned) and envelope.data.cause_id == message.id:
                return envelope.data
        return None

    payload = await eventually(found, within, every=0.1)
    assert payload is not None
    return payload


def _enveloped(event: Any, enrollment_id: str, organization_id: str) -> Envelope[Any]:
    return new_envelope(
        event,
        id=str(uuid4()),
        source="/kontor/enrollment",
        subject=f"enrollment:{enrollment_id}",
        time=datetime.now(UTC),
        sequence=1,
        correlationid=str(uuid4()),
        tenantid=organization_id,
        actor="user:somebody",
    )
