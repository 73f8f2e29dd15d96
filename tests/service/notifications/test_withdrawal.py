"""Mails that wait are withdrawn once their invitation is over."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from harness.running import Running
from harness.topics import Topics
from service.notifications.messages import sealed
from service.notifications.server import SilentMailbox
from support import eventually

from kontor_contracts import Envelope, Payload, new_envelope
from kontor_contracts.identity import AddressChangeRequested, PasswordResetRequested, UserPasswordChanged
from kontor_contracts.notifications import MailQueued, MailSent, MailWithdrawn
from kontor_contracts.relationships import InvitationDeclined, InvitationSent
from kontor_contracts.values import Partner, Recipient
from kontor_local.keys import SEALING_PUBLIC

Service = Callable[..., AbstractAsyncContextManager[Running]]
LINK = "https://kontor.example/invitations/7f1?token=canary-Zm9vYmFy"
RESELLER = Partner(
    organization_id="res",
    partner_id="471101",
    name="Müller & Söhne GmbH",
    program="indirect-reseller",
    contact=Recipient(name="Anna Schäfer", email="anna@mueller.example", culture="de"),
)


class Told:
    """Messages about one subject, and what becomes of the mails that they lead to."""

    source = "relationships"
    kind = "invitation"

    def __init__(self, running: Running, kafka: Topics, keys: Path) -> None:
        self._running = running
        self._kafka = kafka
        self._link = sealed(keys / SEALING_PUBLIC, LINK)
        self._id = str(uuid4())
        self._number = 0
        self.recipient = Recipient(name="Käthe Süß", email=f"{self._id}@kunde.example", culture="de")

    @property
    def subject(self) -> str:
        return f"{self.kind}:{self._id}"

    async def _announce(self, event: Payload) -> str:
        self._number += 1
        message: Envelope[Any] = new_envelope(
            event,
            id=str(uuid4()),
            source=f"/kontor/{self.source}",
            subject=self.subject,
            time=datetime.now(UTC),
            sequence=self._number,
            correlationid=str(uuid4()),
        )
        await self._kafka.produce(self._running.topic(f"{self.source}.events"), message)
        return message.id

    async def fates(self, kind: type[Payload], count: int) -> list[Any]:
        """Events of this kind about mails of the invitation, once there are as many."""

        async def found() -> list[Any]:
            envelopes = await self._kafka.envelopes(self._running.topic("notifications.events"))
            about = (one.data for one in envelopes if getattr(one.data, "cause_subject", "") == self.subject)
            picked = [data for data in about if isinstance(data, kind)]
            return picked if len(picked) >= count else []

        return await eventually(found, timeout=60.0)


class Account(Told):
    """One user, as identity announces it."""

    source = "identity"
    kind = "user"

    async def asks(self, kind: type[PasswordResetRequested | AddressChangeRequested]) -> str:
        expires_at = datetime.now(UTC) + timedelta(hours=1)
        link = {"sealed_link": self._link, "expires_at": expires_at, "recipient": self.recipient}
        return await self._announce(kind.model_validate({**self._about(), **link}))

    async def changes_the_password(self) -> str:
        named = {"organization_name": "Süß GmbH", "contact": self.recipient}
        return await self._announce(UserPasswordChanged.model_validate({**self._about(), **named}))

    def _about(self) -> dict[str, Any]:
        return {"user_id": self._id, "organization_id": "organization-1"}


class Story(Told):
    """One invitation, as relationships announces it."""

    async def sent(self, attempt: int = 1) -> str:
        return await self._announce(
            InvitationSent(
                **self._about(),
                mail_subject=f"Versuch {attempt}",
                mail_body="Hier: {link}",
                sealed_link=self._link,
                expires_at=datetime.now(UTC) + timedelta(days=90),
                attempt=attempt,
            )
        )

    async def declined(self) -> str:
        notify = Recipient(name="Ida Vogt", email=f"ida-{self._id}@mueller.example", culture="de")
        event = InvitationDeclined(**self._about(), notify=notify, previous="sent", at=datetime.now(UTC))
        return await self._announce(event)

    def _about(self) -> dict[str, Any]:
        return {"invitation_id": self._id, "kind": "customer", "inviter": RESELLER, "recipient": self.recipient}


@pytest.fixture
async def post(tmp_path: Path) -> Any:
    post = SilentMailbox(tmp_path)
    await post.start()
    yield post
    await post.stop()


async def test_the_mail_of_a_declined_or_resent_invitation_is_withdrawn(
    service: Service, kafka: Topics, keys: Path, post: SilentMailbox
) -> None:
    await post.stop()
    quick = {"KONTOR_TIMER_INTERVAL": 0.1, "KONTOR_SMTP_TIMEOUT": 1}
    async with service("notifications", KONTOR_SMTP_PORT=post.port.number, **quick) as running:
        declined, resent = Story(running, kafka, keys), Story(running, kafka, keys)
        first = await declined.sent()
        older = await resent.sent()
        await declined.fates(MailQueued, 1)
        answer, newer = await declined.declined(), await resent.sent(attempt=2)
        (gone,) = await declined.fates(MailWithdrawn, 1)
        assert (gone.cause_id, gone.template) == (first, "invitation")
        (replaced,) = await resent.fates(MailWithdrawn, 1)
        assert replaced.cause_id == older

        await post.start()
        (told,) = await declined.fates(MailSent, 1)
        assert (told.template, told.cause_id) == ("invitation-declined", answer)
        (again,) = await resent.fates(MailSent, 1)
        assert again.cause_id == newer
        await asyncio.sleep(0.5)
        to_addressees = [mail.subject for mail in post.mails() if declined.recipient.email in mail.to]
        assert to_addressees == []
        assert [mail.subject for mail in post.mails() if resent.recipient.email in mail.to] == ["Versuch 2"]


async def test_a_mail_with_a_replaced_or_used_link_is_withdrawn(
    service: Service, kafka: Topics, keys: Path, post: SilentMailbox
) -> None:
    await post.stop()
    quick = {"KONTOR_TIMER_INTERVAL": 0.1, "KONTOR_SMTP_TIMEOUT": 1}
    async with service("notifications", KONTOR_SMTP_PORT=post.port.number, **quick) as running:
        user = Account(running, kafka, keys)
        reset, address = await user.asks(PasswordResetRequested), await user.asks(AddressChangeRequested)
        newer = await user.asks(AddressChangeRequested)
        (replaced,) = await user.fates(MailWithdrawn, 1)
        assert (replaced.cause_id, replaced.template) == (address, "address-change")
        changed = await user.changes_the_password()
        used = [one for one in await user.fates(MailWithdrawn, 2) if one.cause_id != address]
        assert [(one.cause_id, one.template) for one in used] == [(reset, "password-reset")]

        await post.start()
        sent = await user.fates(MailSent, 2)
        assert {one.cause_id for one in sent} == {newer, changed}
        assert len([mail for mail in post.mails() if user.recipient.email in mail.to]) == 2
