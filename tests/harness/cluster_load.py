"""A gentle load on a release: what was acknowledged, what was refused, and whether all of it came out once."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Self
from uuid import uuid4

import httpx2
from harness.cluster import events

from kontor_contracts.topics import SERVICES
from kontor_local.cluster.release import Release
from kontor_local.journey.client import until
from kontor_local.journey.play import Stage

TOKEN_SECONDS = 300.0
"""After which the load signs in again: half of an access token's life."""
MAILED_SECONDS = 180.0
"""Until every mail has arrived. Groups settle after the last change, on a machine that is busy with it."""
PAUSE = 0.25
"""Seconds between two requests. A machine that has no time to spare would test itself."""


@dataclass
class Load:
    """One request at a time, each over a new connection to the Service of the next service, and none of them sent again.

    So each request meets whichever pod the Service offers at that moment, and every failure is counted.
    """

    kontor: Release
    on: Stage
    asked: int = 0
    refused: list[str] = field(default_factory=list)
    users: dict[str, str] = field(default_factory=dict)
    """E-mail address → id, of those that were acknowledged."""
    invitations: dict[str, str] = field(default_factory=dict)
    """The same of invitations that were sent."""

    async def __aenter__(self) -> Self:
        await self._sign_in()
        self._addresses = {service: await self.kontor.address(service) for service in SERVICES}
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def more(self, count: int) -> None:
        """Return when so many more requests have been answered."""
        wanted = self.asked + count
        await until(self._asked, lambda asked: asked >= wanted, f"{count} more answers", within=MAILED_SECONDS)

    async def _asked(self) -> int:
        return self.asked

    async def _run(self) -> None:
        steps: list[Callable[[], Awaitable[None]]] = [self._add_user, self._look, self._invite, self._mails]
        for step in cycle(steps):
            if time.monotonic() - self._signed_in > TOKEN_SECONDS:
                await self._sign_in()
            # What was begun is also ended, so that everything is either acknowledged or refused.
            await asyncio.shield(asyncio.ensure_future(step()))
            await asyncio.sleep(PAUSE)

    async def _sign_in(self) -> None:
        """Through the gateway, by a client that is patient: this request is no part of the load."""
        await self.on.sign_in(self.on.reseller.admin)
        self._signed_in = time.monotonic()

    async def _add_user(self) -> None:
        email = f"{uuid4().hex[:12]}@mueller-soehne.example"
        body = {"full_name": "Rolf Rollout", "email": email, "culture": "de", "roles": ["helpdesk-agent"]}
        answer = await self._ask("identity", "POST", "/v1/users", body)
        if answer:
            self.users[email] = answer["user_id"]

    async def _invite(self) -> None:
        email = f"{uuid4().hex[:12]}@kunde.example"
        body = {"kind": "customer", "recipient": {"name": "Kai Kunde", "email": email, "culture": "de"}}
        draft = await self._ask("relationships", "POST", "/v1/invitations", body)
        if draft and await self._ask("relationships", "POST", f"/v1/invitations/{draft['invitation_id']}/send", {}):
            self.invitations[email] = draft["invitation_id"]

    async def _look(self) -> None:
        await self._ask("enrollment", "GET", "/v1/enrollments")

    async def _mails(self) -> None:
        await self._ask("notifications", "GET", "/v1/mails")

    async def _ask(self, service: str, method: str, path: str, body: Any = None) -> Any:
        """The answer, or None where it was no success."""
        self.asked += 1
        headers = {"authorization": f"Bearer {self.on.reseller.admin.token}", "connection": "close"}
        headers |= {"idempotency-key": str(uuid4())} if method == "POST" else {}
        url = f"{self._addresses[service]}{path}"
        try:
            async with httpx2.AsyncClient(timeout=30.0) as http:
                answer = await http.request(method, url, headers=headers, json=body)
        except httpx2.TransportError as error:
            self.refused.append(f"{method} {service}{path}: {error!r}")
            return None
        if not answer.is_success:
            self.refused.append(f"{method} {service}{path}: {answer.status_code} {answer.text[:200]}")
            return None
        return answer.json()


async def lost_or_doubled(load: Load) -> list[str]:
    """What was acknowledged and has not exactly one event, or not exactly one mail. Waits until every mail has arrived."""
    mailbox = load.kontor.mailbox

    async def without_mail() -> set[str]:
        return load.invitations.keys() - {address for mail in mailbox.mails() for address in mail.to}

    await until(without_mail, lambda some: not some, "a mail for each invitation", within=MAILED_SECONDS)
    added = Counter(_ids(await events(load.kontor), "identity.user-added", "user_id"))
    sent = Counter(_ids(await events(load.kontor), "relationships.invitation-sent", "invitation_id"))
    mails = Counter(address for mail in mailbox.mails() for address in mail.to)
    found = [f"user {id}: {added[id]} events" for id in load.users.values() if added[id] != 1]
    found += [f"invitation {id}: {sent[id]} events" for id in load.invitations.values() if sent[id] != 1]
    found += [f"{email}: {mails[email]} mails" for email in load.invitations if mails[email] != 1]
    return found


def _ids(found: list[dict[str, Any]], kind: str, name: str) -> list[str]:
    return [event["data"][name] for event in found if kind in event["type"]]
