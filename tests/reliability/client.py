"""A client that never gives a command up lightly, and writes down what it was told."""

import asyncio
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx2
from reliability.history import Entry, Expected, ExpectedMail, Probe

from kontor_contracts.topics import SERVICES

PATIENCE_SECONDS = 60.0
REQUEST_SECONDS = 8.0
AGAIN = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}

Then = Callable[[Mapping[str, Any]], tuple[Sequence[Expected], Sequence[ExpectedMail], Sequence[str]]]
"""From the answer: the messages that must be in the topics, the mails that must arrive, and what must be seen nowhere."""


class GivenUpError(Exception):
    """Nobody answered in time. The command may or may not have happened."""


class SurpriseError(Exception):
    """A clear answer that a correct system does not give."""


class Ledger:
    """What the clients of one run know. ``surprises`` are answers that nobody should get, whatever faults there are."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.probes: list[Probe] = []
        self.surprises: list[str] = []


class Client:
    """One of several at work at the same time. Each request goes to any instance of the service."""

    def __init__(self, urls: Mapping[str, Sequence[str]], ledger: Ledger, seed: str) -> None:
        self.ledger = ledger
        self.random = random.Random(seed)
        self._urls = urls
        self._http = httpx2.AsyncClient(timeout=REQUEST_SECONDS)
        self._ids = 0

    async def close(self) -> None:
        await self._http.aclose()

    def new_id(self) -> str:
        """Different in every run: documents of an earlier one may still be there."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def word(self) -> str:
        return self.new_id()[:13]

    async def command(
        self,
        name: str,
        service: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        *,
        token: str | None,
        tenant: str = "",
        then: Then = lambda _: ((), (), ()),
    ) -> Any:
        """Send it until there is an answer. The entry stands in the ledger before it is sent for the first time.

        Raises GivenUpError when there is none within `PATIENCE_SECONDS`, SurpriseError for one that is not a yes.
        """
        entry = Entry(id=self.new_id(), command=name, service=service, tenant=tenant, sent=time.time())
        self.ledger.entries.append(entry)
        headers = {"idempotency-key": entry.id} | ({"authorization": f"Bearer {token}"} if token else {})
        answer = await self._until_answered(entry, service, method, path, json=body or {}, headers=headers)
        if not answer.is_success:
            surprise = (
                f"{name} {entry.id} ({method} {path}, try {entry.tries}): {answer.status_code} {answer.text[:300]}"
            )
            self.ledger.surprises.append(surprise)
            raise SurpriseError(surprise)
        document = answer.json() if answer.content and "json" in answer.headers["content-type"] else {}
        events, mails, secrets = then(document)
        entry.events, entry.mails, entry.secrets = tuple(events), tuple(mails), tuple(secrets)
        entry.acknowledged = time.time()
        return document

    async def form(self, service: str, path: str, fields: Mapping[str, str]) -> None:
        """A page's form, as a browser's POST, with the patience of somebody who presses the button again."""
        entry = Entry(id=self.new_id(), command="form", service=service, tenant="", sent=time.time())
        answer = await self._until_answered(entry, service, "POST", path, data=dict(fields))
        if not answer.is_success:
            raise SurpriseError(f"form {path}: {answer.status_code} {answer.text[:300]}")

    async def read(self, service: str, path: str, token: str) -> Any:
        entry = Entry(id="", command="read", service=service, tenant="", sent=time.time())
        headers = {"authorization": f"Bearer {token}"}
        answer = await self._until_answered(entry, service, "GET", path, headers=headers)
        if answer.status_code != HTTPStatus.OK:
            raise SurpriseError(f"GET {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    async def page(self, service: str, path: str) -> str:
        entry = Entry(id="", command="page", service=service, tenant="", sent=time.time())
        answer = await self._until_answered(entry, service, "GET", path, headers={"accept": "text/html"})
        if answer.status_code != HTTPStatus.OK:
            raise SurpriseError(f"GET {path}: {answer.status_code} {answer.text[:300]}")
        return answer.text

    async def probe(self, service: str, path: str, token: str, tenant: str) -> None:
        """Ask for what is another organization's. Any answer is written down."""
        try:
            answer = await self._http.get(self._any(service) + path, headers={"authorization": f"Bearer {token}"})
        except httpx2.TransportError:
            return
        self.ledger.probes.append(Probe(time.time(), service, path, tenant, answer.status_code))

    async def probe_command(  # noqa: PLR0917
        self, service: str, method: str, path: str, body: Mapping[str, Any], token: str, tenant: str
    ) -> None:
        """Try what the caller may not do. That it was done is written down like somebody else's data."""
        headers = {"authorization": f"Bearer {token}", "idempotency-key": self.new_id()}
        try:
            answer = await self._http.request(method, self._any(service) + path, json=body, headers=headers)
        except httpx2.TransportError:
            return
        self.ledger.probes.append(Probe(time.time(), service, f"{method} {path}", tenant, answer.status_code))

    async def probe_right(self, customer: str, action: str, token: str, tenant: str) -> None:
        """Ask whether the caller still has a right that has ended. A yes is written down like somebody else's data."""
        path = f"/v1/authorizations/check?customer_id={customer}&action={action}&consistency=latest"
        headers = {"authorization": f"Bearer {token}"}
        try:
            answer = await self._http.get(self._any("relationships") + path, headers=headers)
        except httpx2.TransportError:
            return
        granted = answer.is_success and answer.json()["allowed"]
        status = HTTPStatus.OK if granted else HTTPStatus.FORBIDDEN
        self.ledger.probes.append(Probe(time.time(), "relationships", path, tenant, status))

    async def _until_answered(
        self, entry: Entry, service: str, method: str, path: str, **request: Any
    ) -> httpx2.Response:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            entry.tries += 1
            try:
                answer = await self._http.request(method, self._any(service) + path, **request)
                if answer.status_code not in AGAIN:
                    return answer
            except httpx2.TransportError:
                pass
            if time.monotonic() > give_up:
                raise GivenUpError(f"{entry.command} {entry.id}")
            await asyncio.sleep(0.05 + self.random.random() * 0.2)

    def _any(self, service: str) -> str:
        assert service in SERVICES
        return self.random.choice(self._urls[service])
