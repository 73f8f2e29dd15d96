"""The stage: who is signed in where, which steps there are, and what happens between them."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

import httpx2

from kontor_local.journey.client import Api, UnexpectedError
from kontor_local.journey.people import CUSTOMER, OPERATOR, PROVIDER, RESELLER, Company, Person
from kontor_local.journey.report import Report, StepResult
from kontor_local.mailbox import Mailbox
from kontor_local.mails import Mail

MAIL_SECONDS = 45.0


class Playground(Protocol):
    """Where a journey is played: a stack of processes (`kontor_local.stack`), or a release on Kubernetes."""

    @property
    def kafka(self) -> str: ...

    @property
    def mailbox(self) -> Mailbox: ...

    def topic(self, name: str) -> str: ...

    def public_url(self, service: str) -> str: ...

    async def operator(self, email: str, full_name: str) -> str: ...


@dataclass(slots=True)
class Stage:
    """What the steps share."""

    stack: Playground
    http: httpx2.AsyncClient
    operator: Person
    provider: Company
    reseller: Company
    customer: Company
    stranger_token: str = ""
    joint_customer_id: str = ""

    def api(self, service: str, who: Person | None = None) -> Api:
        return Api(self.http, self.stack.public_url(service), who.token if who else None)

    async def sign_in(self, who: Person, password: str | None = None) -> dict[str, Any]:
        """Sign in and remember the tokens."""
        answer: dict[str, Any] = await self.api("identity").post(
            "/v1/token", {"grant_type": "password", "email": who.email, "password": password or who.password}
        )
        who.token, who.refresh_token = answer["access_token"], answer["refresh_token"]
        return answer

    async def mail(self, to: str, template_words: str) -> Mail:
        """The mail to this address whose subject or text matches; waits for it to arrive."""
        words = re.compile(template_words)
        return await self.stack.mailbox.wait_for(
            lambda mail: to in mail.to and bool(words.search(mail.subject) or words.search(mail.text)), MAIL_SECONDS
        )


Play = Callable[[Stage], Awaitable[str]]
"""Does the step, raises where Kontor does otherwise, and returns in a few words what was seen."""


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    play: Play


@asynccontextmanager
async def stage(stack: Playground) -> AsyncIterator[Stage]:
    """A fresh cast on a running stack."""
    async with httpx2.AsyncClient(timeout=20.0) as http:
        yield Stage(stack, http, *deepcopy((OPERATOR, PROVIDER, RESELLER, CUSTOMER)))


async def play(
    on: Stage,
    steps: list[Step],
    report: Report,
    *,
    before: Callable[[Step], Awaitable[None]] | None = None,
    after: Callable[[StepResult], None] = lambda _: None,
) -> None:
    """Play the steps in order; the first that fails ends the play, and the report says which and why."""
    for step in steps:
        if before is not None:
            await before(step)
        started = time.monotonic()
        try:
            seen, ok = await step.play(on), True
        except (UnexpectedError, TimeoutError, httpx2.HTTPError, KeyError) as error:
            seen, ok = f"{type(error).__name__}: {error}", False
        result = StepResult(step.name, ok, round(time.monotonic() - started, 2), seen)
        report.steps.append(result)
        after(result)
        if not ok:
            return
