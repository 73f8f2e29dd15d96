"""A company and the operator as enrollment's tests play them: over HTTP, with the links of the mails opened."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from support import eventually

from chassis.crypto.sealing import Sealer
from enrollment.registry import COLUMNS
from kontor_local.keys import SEALING_PRIVATE

NUMBERS = count(1)
ALL = ("enrollment:read", "enrollment:submit", "enrollment:sign-agreement")
ADDRESS = {"line1": "Nordstraße 12", "line2": "", "city": "Köln", "state": "", "postal_code": "50667"}
POSTAL_CODES = {"AT": "1010", "DE": "50667", "PL": "00-950"}
SUPPORT = {"email": "info@firma.example", "phone": "+49 221 7654321", "website": "https://hilfe.example"}
CODE = "Kx7mQ2vT9pLc4RwZ8bHs"
CSV = {"content-type": "text/csv; charset=utf-8"}


@dataclass
class Company:
    """A work account on its way; ``token`` is its global admin's."""

    running: Running
    tokens: Tokens
    organization_id: str
    partner_id: str
    kind: str = "reseller"
    country: str = "DE"
    enrollment_id: str = ""
    keys: Any = field(default_factory=lambda: count(1))

    def headers(self, *permissions: str, **claims: Any) -> dict[str, str]:
        how = {"organization_kind": self.kind, "country": self.country, "culture": "de"} | claims
        return self.tokens.bearer(self.organization_id, permissions=permissions or ALL, **how)

    @property
    def path(self) -> str:
        return f"/v1/enrollments/{self.enrollment_id}"

    @property
    def email(self) -> str:
        return f"anna.schaefer@{self.organization_id}.example"

    async def get(self, path: str) -> Any:
        answer = await self.running.client.get(path, headers=self.headers())
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def put(self, path: str, body: Any) -> httpx2.Response:
        return await self.running.client.put(path, json=body, headers=self.headers())

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx2.Response:
        headers = self.headers() | {"Idempotency-Key": key or f"key-{next(self.keys)}"}
        return await self.running.client.post(path, json=body, headers=headers)

    async def start(self) -> None:
        answer = await self.post("/v1/enrollments", {"program": f"indirect-{self.kind}"})
        assert answer.status_code == 201, answer.text
        self.enrollment_id = answer.json()["enrollment_id"]

    @property
    def membership(self) -> dict[str, str]:
        account = f"{self.organization_id}@membership.example"
        return {"membership_account": account, "access_code": CODE}

    async def tell(self) -> None:
        await load(self.running, self.tokens, self.row())
        contact = {"name": "Anna Schäfer", "email": self.email, "phone": "+49 221 1234567", "culture": "de"}
        address = ADDRESS | {"postal_code": POSTAL_CODES[self.country]}
        company = {"company_name": "Müller & Söhne IT GmbH", "address": address, "registration_id": None}
        for path, body in {
            "partner-id": self.membership | {"partner_id": self.partner_id},
            "profile": company,
            "primary-contact": contact,
            "support-contact": SUPPORT,
        }.items():
            answer = await self.put(f"{self.path}/{path}", body)
            assert answer.status_code == 200, answer.text

    def row(self, **changes: str) -> str:
        values = {
            **self.membership,
            "partner_id": self.partner_id,
            "company_name": "Müller & Söhne IT GmbH",
            "country": self.country,
            "status": "active",
            "kind": "location",
        } | changes
        return ",".join(values[column] for column in COLUMNS)

    def entry(self, **changes: str) -> dict[str, str]:
        """Its profile, as an operator keeps it."""
        facts = {
            **self.membership,
            "company_name": "Müller & Söhne IT GmbH",
            "country": self.country,
            "status": "active",
            "kind": "location",
        }
        return facts | changes

    async def submit(self) -> None:
        await self.start()
        await self.tell()
        answer = await self.post(f"{self.path}/submit")
        assert answer.status_code == 200, answer.text

    async def status(self) -> str:
        status: str = (await self.get(self.path))["status"]
        return status


def new_company(running: Running, tokens: Tokens, **facts: str) -> Company:
    """A work account and a partner id that no other test has."""
    number = next(NUMBERS)
    return Company(running, tokens, f"firma-{number}", f"48{number:05d}", **facts)


def operator(tokens: Tokens, *permissions: str) -> dict[str, str]:
    wanted = permissions or ("enrollment:review", "profiles:import")
    return tokens.bearer("program", organization_kind="operator", permissions=wanted)


async def load(running: Running, tokens: Tokens, *rows: str, key: str | None = None) -> httpx2.Response:
    body = "\n".join([",".join(COLUMNS), *rows]).encode()
    return await load_bytes(running, tokens, body, key=key)


async def load_bytes(running: Running, tokens: Tokens, body: bytes, *, key: str | None = None) -> httpx2.Response:
    headers = operator(tokens) | CSV | {"Idempotency-Key": key or f"import-{next(NUMBERS)}"}
    return await running.client.post("/v1/partner-profiles/import", content=body, headers=headers)


async def keep(running: Running, tokens: Tokens, partner_id: str, entry: dict[str, str]) -> None:
    """An operator enters the profile."""
    answer = await running.client.put(f"/v1/partner-profiles/{partner_id}", json=entry, headers=operator(tokens))
    assert answer.status_code == 200, answer.text


async def judge(running: Running, tokens: Tokens, company: Company, **body: Any) -> httpx2.Response:
    headers = operator(tokens) | {"Idempotency-Key": f"review-{next(NUMBERS)}"}
    return await running.client.post(f"{company.path}/review", json=body, headers=headers)


def is_problem(answer: httpx2.Response, status: int, code: str, field: str | None = None) -> None:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert [error["field"] for error in problem["errors"]] == ([field] if field else []), problem


class Mail:
    """Reads the links that only notifications can open."""

    def __init__(self, running: Running, kafka: Topics, keys: Path) -> None:
        self._running = running
        self._kafka = kafka
        self._sealer = Sealer(keys / SEALING_PRIVATE)

    async def links(self, company: Company, number: int = 1) -> list[str]:
        """The first ``number`` links mailed for the company; waits for them."""

        async def sent() -> list[str]:
            found = await self._kafka.envelopes(self._running.topic("enrollment.events"))
            asked = [e.data for e in found if e.type.endswith("contact-verification-requested.v1")]
            sealed = [d.sealed_link for d in asked if d.organization_id == company.organization_id]
            return [self._sealer.open(one) for one in sealed] if len(sealed) >= number else []

        return await eventually(sent)


class Form(HTMLParser):
    """What a browser makes of a page: where its form goes, what is in it, which buttons there are."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.buttons: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert given["method"] == "post"
            self.action = given["action"]
        elif tag == "input":
            self.fields[given["name"]] = given["value"]
        elif tag == "button":
            self.buttons.append(given["value"])


async def press(running: Running, link: str, button: str) -> httpx2.Response:
    """Open the link and press a button, as a person would."""
    page = await running.client.get(link)
    form = Form(page.text)
    assert form.buttons == ["confirm", "deny", "deny-mailbox"], page.text
    goal = httpx2.URL(link).join(form.action)
    answer = await running.client.post(goal, data=form.fields | {"answer": button})
    if button == "confirm":
        return answer
    again = Form(answer.text)
    assert again.buttons == ["confirm", f"{button}-surely"], answer.text
    return await running.client.post(goal.join(again.action), data=again.fields | {"answer": f"{button}-surely"})
