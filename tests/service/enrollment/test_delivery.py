"""An enrollment follows its mails, which notifications announces."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import Company, new_company
from support import eventually

from kontor_contracts import Payload, new_envelope
from kontor_contracts.notifications import MailAbandoned, MailQueued

pytest_plugins = ("service.enrollment.fixtures",)


@pytest.fixture(scope="module")
def running(enrollment: Running) -> Running:
    return enrollment


async def tell(running: Running, kafka: Topics, message: Payload, mail_id: str, sequence: int) -> None:
    envelope = new_envelope(
        message,
        id=str(uuid4()),
        source="/kontor/notifications",
        subject=f"mail:{mail_id}",
        time=datetime.now(UTC),
        sequence=sequence,
        correlationid="mail",
    )
    await kafka.produce(running.topic("notifications.events"), envelope)


async def shown(company: Company, state: str) -> Any:
    timeline = await company.get(f"{company.path}/timeline")
    return timeline if [mail["state"] for mail in timeline["mails"]] == [state] else None


async def test_a_contact_without_mailbox_is_to_be_corrected(running: Running, kafka: Topics, tokens: Tokens) -> None:
    company, mail_id = new_company(running, tokens), str(uuid4())
    await company.submit()
    of: dict[str, Any] = {
        "mail_id": mail_id,
        "template": "contact-verification",
        "cause_id": "c-1",
        "cause_subject": f"enrollment:{company.enrollment_id}",
    }
    await tell(running, kafka, MailQueued(**of), mail_id, 1)
    queued = await eventually(lambda: shown(company, "queued"))
    assert (queued["next_actor"], queued["last_mail"]["mail_id"]) == ("contact", mail_id)
    refused = MailAbandoned(**of, attempts=1, reason="refused-by-server", detail="550 no such user")
    await tell(running, kafka, refused, mail_id, 2)
    undeliverable = await eventually(lambda: shown(company, "undeliverable"))
    assert (undeliverable["next_actor"], undeliverable["next_action"]) == ("company", "correct-contact")
    assert undeliverable["last_mail"]["reason"] == "refused-by-server"

    async def announced() -> bool:
        events = await kafka.envelopes(running.topic("enrollment.events"))
        mine = [e for e in events if e.subject == f"enrollment:{company.enrollment_id}"]
        return any(e.type.endswith("contact-undeliverable.v1") for e in mine)

    await eventually(announced)
    contact = {"name": "Anna Schäfer", "email": f"schaefer@{company.organization_id}.example"}
    corrected = await company.put(
        f"{company.path}/primary-contact", contact | {"phone": "+49 221 1234567", "culture": "de"}
    )
    assert corrected.json()["status"] == "contact-pending"
