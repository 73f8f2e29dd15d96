"""Readers choose which optional mails they get: over HTTP, on the page of a mail's link, and with one click."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.notifications.messages import TOPIC, address_changed, announced, requested, sealed, verified

from kontor_contracts.notifications import MailPreferencesChanged, MailSent, MailSkipped
from kontor_local.keys import SEALING_PUBLIC
from kontor_local.mailbox import Mailbox
from kontor_local.mails import Mail

Service = Callable[..., AbstractAsyncContextManager[Running]]
LINK = "https://kontor.example/verify-contact/7f1?token=canary-Zm9vYmFy"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("notifications", KONTOR_TIMER_INTERVAL=0.1) as running:
        yield running


class Reader:
    def __init__(self, running: Running, kafka: Topics, mailbox: Mailbox, tokens: Tokens) -> None:
        self.user_id = str(uuid4())
        self.email = f"{self.user_id}@reader.example"
        self._running, self._kafka, self._mailbox, self._tokens = running, kafka, mailbox, tokens

    @property
    def headers(self) -> dict[str, str]:
        return self._tokens.bearer("organization-1", user_id=self.user_id, email=self.email)

    async def optional_mail(self) -> Mail:
        """Queued because of a message, and sent. Raises if none came."""
        message = verified(self.email)
        await self._kafka.produce(self._running.topic(TOPIC), message)
        await announced(self._kafka, self._running, MailSent, cause_id=message.id)
        return [mail for mail in self._mailbox.mails() if self.email in mail.to][-1]

    async def skipped_mail(self) -> MailSkipped:
        message = verified(self.email)
        await self._kafka.produce(self._running.topic(TOPIC), message)
        skipped: MailSkipped = (await announced(self._kafka, self._running, MailSkipped, cause_id=message.id)).data
        return skipped

    async def preferences(self) -> dict[str, Any]:
        answer = await self._running.client.get("/v1/me/mail-preferences", headers=self.headers)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def muted(self) -> set[str]:
        return {one["category"] for one in (await self.preferences())["categories"] if one["muted"]}


@pytest.fixture
def reader(running: Running, kafka: Topics, mailbox: Mailbox, tokens: Tokens) -> Reader:
    return Reader(running, kafka, mailbox, tokens)


def unsubscribe(mail: Mail) -> str:
    """Path and query of the header's link."""
    header = "".join(str(message_from_bytes(mail.raw, policy=default)["List-Unsubscribe"]).split())
    assert header.startswith("<http") and header.endswith(">")
    url = urlsplit(header[1:-1])
    return f"{url.path}?{url.query}"


async def test_one_click_mutes_what_opening_the_link_does_not(
    running: Running, kafka: Topics, keys: Path, mailbox: Mailbox, reader: Reader
) -> None:
    mail = await reader.optional_mail()
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in mail.raw.decode()
    link = unsubscribe(mail)
    assert any(urlsplit(one).query == urlsplit(link).query for one in mail.links)

    shown = await running.client.get(link)
    assert (shown.status_code, "<form" in shown.text) == (200, True)
    assert reader.email not in shown.text
    assert await reader.muted() == set()

    clicked = await running.client.post(link, data=ONE_CLICK)
    assert (clicked.status_code, "set-cookie" in clicked.headers) == (200, False)
    assert await reader.muted() == {"progress"}
    assert (await reader.skipped_mail()).reason == "muted"

    mandatory = requested(reader.email, sealed(keys / SEALING_PUBLIC, LINK))
    await kafka.produce(running.topic(TOPIC), mandatory)
    await announced(kafka, running, MailSent, cause_id=mandatory.id)
    mails = [one for one in mailbox.mails() if reader.email in one.to]
    assert len(mails) == 2
    assert b"List-Unsubscribe" not in mails[1].raw


async def test_a_mail_programs_multipart_post_mutes_as_well(running: Running, reader: Reader) -> None:
    link = unsubscribe(await reader.optional_mail())
    answer = await running.client.post(link, files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.status_code == 200
    assert await reader.muted() == {"progress"}


async def test_the_pages_form_mutes_and_takes_back(running: Running, reader: Reader) -> None:
    link = unsubscribe(await reader.optional_mail())
    token = parse_qs(urlsplit(link).query)["token"][0]
    form = {"token": token, "choice": "form", "language": "de", "answers": "true", "partners": "true"}
    saved = await running.client.post("/mail-preferences?lang=de", data=form)
    assert (saved.status_code, "Ihre Auswahl ist gespeichert" in saved.text) == (200, True)
    assert await reader.muted() == {"progress", "reminders"}
    assert (await reader.preferences())["language"] == "de"

    back = await running.client.post("/mail-preferences", data=form | {"progress": "true", "language": "en"})
    assert back.status_code == 200
    assert await reader.muted() == {"reminders"}
    mail = await reader.optional_mail()
    assert message_from_bytes(mail.raw)["Content-Language"] == "en"


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"),
        lambda t: t.replace("progress", "security"),
        lambda _: "",
        lambda _: "ü.progress.ü",
    ],
)
async def test_a_link_that_is_not_ours_changes_nothing(
    running: Running, reader: Reader, change: Callable[[str], str]
) -> None:
    link = unsubscribe(await reader.optional_mail())
    token = change(parse_qs(urlsplit(link).query)["token"][0])
    for answer in (
        await running.client.get("/mail-preferences", params={"token": token}),
        await running.client.post("/mail-preferences", params={"token": token}, data=ONE_CLICK),
    ):
        assert (answer.status_code, "<form" in answer.text) == (404, False)
    assert await reader.muted() == set()


async def test_preferences_over_http_are_the_callers_alone(
    running: Running, kafka: Topics, mailbox: Mailbox, tokens: Tokens, reader: Reader
) -> None:
    wish = {"muted": ["reminders", "progress", "progress"], "language": "en"}
    answer = await running.client.put("/v1/me/mail-preferences", json=wish, headers=reader.headers)
    assert answer.status_code == 200, answer.text
    assert await reader.muted() == {"progress", "reminders"}
    changed = (await announced(kafka, running, MailPreferencesChanged, user_id=reader.user_id)).data
    assert (changed.muted, changed.language) == (("progress", "reminders"), "en")
    other = Reader(running, kafka, mailbox, tokens)
    assert await other.muted() == set()
    assert (await running.client.get("/v1/me/mail-preferences")).status_code == 401

    german = {"Accept-Language": "de"} | reader.headers
    refused = await running.client.put("/v1/me/mail-preferences", json={"muted": ["security"]}, headers=german)
    assert (refused.status_code, refused.json()["code"]) == (422, "mail-mandatory")
    assert "GET /v1/me/mail-preferences" in refused.json()["detail"]
    assert await reader.muted() == {"progress", "reminders"}
    categories = {one["category"]: one["mandatory"] for one in (await reader.preferences())["categories"]}
    assert (categories["security"], categories["reminders"]) == (True, False)


async def test_the_choice_goes_with_a_user_to_a_new_address(running: Running, kafka: Topics, reader: Reader) -> None:
    wish = {"muted": ["partners"], "language": "de"}
    await running.client.put("/v1/me/mail-preferences", json=wish, headers=reader.headers)
    old, reader.email = reader.email, f"new-{reader.email}"
    message = address_changed(reader.user_id, old, reader.email)
    # The tokens from before count no more, and a token says its moment in whole seconds.
    message = message.model_copy(update={"time": message.time - timedelta(seconds=10)})
    await kafka.produce(running.topic("identity.events"), message)
    # The notice to the old address is queued by the same message, after the choice has moved.
    await announced(kafka, running, MailSent, cause_id=message.id)
    assert await reader.muted() == {"partners"}
    reader.email = old
    assert await reader.muted() == set()
