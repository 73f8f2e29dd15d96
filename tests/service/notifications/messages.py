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
from kontor_contracts.identity import UserAddressChanged
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


async def announced(kafka: Topics, running: Running, kind: type[Any], **values: Any) -> Envelope[Any]:
    async def found() -> Envelope[Any] | None:
        for envelope in await kafka.envelopes(running.topic("notifications.events")):
            data = envelope.data
            if isinstance(data, kind) and all(getattr(data, name) == value for name, value in values.items()):
                return envelope
        return None

    envelope: Envelope[Any] | None = await eventually(found, timeout=60.0)
    assert envelope is not None
    return envelope


def address_changed(user_id: str, old: str, new: str) -> Envelope[UserAddressChanged]:
    """On identity's topic."""
    event = UserAddressChanged(
        user_id=user_id,
        organization_id="organization-1",
        full_name="Zoë Brown",
        email=new,
        previous=Recipient(name="Zoë Brown", email=old),
    )
    return _enveloped(event, user_id, "organization-1", service="identity", kind="user")


def _enveloped(
    event: Any, id: str, organization_id: str, service: str = "enrollment", kind: str = "enrollment"
) -> Envelope[Any]:
    return new_envelope(
        event,
        id=str(uuid4()),
        source=f"/kontor/{service}",
        subject=f"{kind}:{id}",
        time=datetime.now(UTC),
        sequence=1,
        correlationid=str(uuid4()),
        tenantid=organization_id,
        actor="user:somebody",
    )
