"""Companies on a running relationships service, enrolled as enrollment announces it, each with its own token."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx2
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from support import eventually

from kontor_contracts import Payload, new_envelope
from kontor_contracts.enrollment import EnrollmentActivated
from kontor_contracts.relationships import ImportCustomer
from kontor_contracts.values import OrganizationKind, Partner, Recipient

PERMISSIONS: dict[str, frozenset[str]] = {
    "provider": frozenset(
        {
            "partnerships:read",
            "partnerships:invite",
            "partnerships:end",
            "directory:publish",
            "subscriptions:assign",
            "customers:read",
            "customers:invite",
            "customers:end",
            "grants:request",
            "authorizations:check",
        }
    ),
    "reseller": frozenset(
        {
            "partnerships:read",
            "partnerships:authorize",
            "partnerships:request",
            "partnerships:end",
            "customers:read",
            "customers:invite",
            "customers:end",
            "grants:request",
            "authorizations:check",
        }
    ),
    "customer": frozenset(
        {"customers:read", "resellers:end", "grants:approve", "invitations:accept-as-customer", "authorizations:check"}
    ),
    "operator": frozenset({"relationships:end", "authorizations:check", "partners:read"}),
}
ALL = frozenset().union(*PERMISSIONS.values())
WITHIN = 30.0
"""Seconds in which a message has had its effect, also on a machine that has other things to do."""


@dataclass(frozen=True, slots=True)
class Company:
    """An organization and one user of it."""

    organization_id: str
    kind: OrganizationKind
    name: str
    country: str
    partner_id: str

    @property
    def partner(self) -> Partner:
        return Partner(
            organization_id=self.organization_id,
            partner_id=self.partner_id,
            name=self.name,
            program="indirect-provider" if self.kind == "provider" else "indirect-reseller",
            contact=Recipient(name="Kontakt", email=f"kontakt@{self.partner_id}.example", culture="de"),
        )


class Stage:
    def __init__(self, running: Running, kafka: Topics, tokens: Tokens) -> None:
        self.running = running
        self.kafka = kafka
        self._tokens = tokens

    # -- companies

    def company(self, kind: OrganizationKind, *, country: str = "DE", name: str | None = None) -> Company:
        """A work account; nothing else knows of it yet."""
        id = str(uuid4())
        return Company(id, kind, name or f"Firma {id[:8]}", country, str(int(id[:8], 16) + 10_000_000_000)[:11])

    async def partner(
        self, kind: OrganizationKind, *, country: str = "DE", region: str = "europe", name: str | None = None
    ) -> Company:
        """A company whose enrollment is active."""
        company = self.company(kind, country=country, name=name)
        await self.activate(company, region=region)
        return company

    async def activate(self, company: Company, *, region: str = "europe") -> None:
        enrollment_id = str(uuid4())
        activated = EnrollmentActivated(
            enrollment_id=enrollment_id,
            partner=company.partner,
            country=company.country,
            region=region,
            enrolled_by="u1",
        )
        await self.announce("enrollment", f"enrollment:{enrollment_id}", activated)
        await eventually(lambda: self._known(company), timeout=WITHIN)

    async def _known(self, company: Company) -> bool:
        answer = await self.get(company, "/v1/authorizations/check", customer_id="nobody", action="order")
        return bool(answer.json()["reason"] != "partner-not-active")

    async def announce(self, service: str, subject: str, event: Payload, *, sequence: int = 1) -> None:
        envelope = new_envelope(
            event,
            id=str(uuid4()),
            source=f"/kontor/{service}",
            subject=subject,
            time=datetime.now(UTC),
            sequence=sequence,
            correlationid=str(uuid4()),
        )
        await self.kafka.produce(self.running.topic(f"{service}.events"), envelope)

    async def ask_for_import(
        self, command: ImportCustomer, *, subject: str | None = None, id: str | None = None, actor: str | None = None
    ) -> None:
        await self.command(command, subject or f"{command.portal}:{command.external_id}", id=id, actor=actor)

    async def command(self, command: Payload, subject: str, *, id: str | None = None, actor: str | None = None) -> None:
        """By message, as another portal sends it."""
        envelope = new_envelope(
            command,
            id=id or str(uuid4()),
            source="/office-portal",
            subject=subject,
            time=datetime.now(UTC),
            correlationid=str(uuid4()),
            actor=actor,
        )
        await self.kafka.produce(self.running.topic("relationships.commands"), envelope)

    # -- requests

    def token(
        self, company: Company, permissions: Iterable[str] | None = None, *, email: str | None = None
    ) -> dict[str, str]:
        """``email``: of the user, whose own it is; identity signs nobody in whose address is not proved."""
        mail = {"email": email} if email else {}
        return self._tokens.bearer(
            company.organization_id,
            organization_kind=company.kind,
            permissions=PERMISSIONS[company.kind] if permissions is None else permissions,
            country=company.country,
            name="Käthe Süß",
            org_name=company.name,
            culture="de-DE",
            **mail,
        )

    async def get(self, company: Company, path: str, **query: str) -> httpx2.Response:
        return await self.running.client.get(path, params=query, headers=self.token(company))

    async def post(
        self, company: Company, path: str, body: Any = None, *, key: str | None = None, email: str | None = None
    ) -> httpx2.Response:
        headers = self.token(company, email=email) | {"Idempotency-Key": key or str(uuid4())}
        return await self.running.client.post(path, json=body, headers=headers)

    async def put(self, company: Company, path: str, body: Any) -> httpx2.Response:
        return await self.running.client.put(path, json=body, headers=self.token(company))

    async def delete(self, company: Company, path: str) -> httpx2.Response:
        return await self.running.client.delete(path, headers=self.token(company))

    # -- moves

    async def invite(self, inviter: Company, kind: str, to: str | None = None, **more: Any) -> dict[str, Any]:
        """A draft."""
        recipient = {"name": "Käthe Süß", "email": to or f"{uuid4().hex}@kunde.example", "culture": "de-DE"}
        answer = await self.post(inviter, "/v1/invitations", {"kind": kind, "recipient": recipient, **more})
        assert answer.status_code == 201, answer.text
        draft: dict[str, Any] = answer.json()
        return draft

    async def invited(self, inviter: Company, kind: str, to: str | None = None, **more: Any) -> dict[str, Any]:
        """Sent."""
        draft = await self.invite(inviter, kind, to, **more)
        answer = await self.post(inviter, f"/v1/invitations/{draft['invitation_id']}/send")
        assert answer.status_code == 200, answer.text
        sent: dict[str, Any] = answer.json()
        return sent

    async def accept(
        self, who: Company, invitation: dict[str, Any], *, email: str | None = None, **changes: Any
    ) -> httpx2.Response:
        """As the addressee, unless ``email`` says who."""
        path = f"/v1/invitations/{invitation['invitation_id']}/accept"
        body = {"token": token_of(invitation), "consent": True, **changes}
        return await self.post(who, path, body, email=email or invitation["recipient"]["email"])

    async def published(self, provider: Company, **profile: Any) -> None:
        """The provider is in the directory."""
        whole = {"description": "Cloud", "languages": ["de"], "countries_served": [provider.country], **profile}
        for answer in (
            await self.put(provider, "/v1/directory/profile", whole),
            await self.post(provider, "/v1/directory/profile/publish"),
        ):
            assert answer.status_code == 200, answer.text

    async def connected(self, provider: Company, reseller: Company) -> None:
        """The two have a partnership."""
        sent = await self.invited(provider, "partnership")
        assert (await self.accept(reseller, sent)).status_code == 200
        await self.listed(reseller, "/v1/providers")

    async def listed(self, who: Company, path: str, count: int = 1) -> list[dict[str, Any]]:
        """The items of a list, once there are as many."""

        async def items() -> list[dict[str, Any]] | None:
            found = (await self.get(who, path)).json()["items"]
            return found if len(found) == count else None

        return await eventually(items, timeout=WITHIN) or []

    async def events(self, type_: str, about: Callable[[Any], bool], count: int = 1) -> list[Any]:
        """Payloads of this type in relationships.events that ``about`` picks, once there are as many: answers do not wait."""

        async def found() -> list[Any]:
            envelopes = await self.kafka.envelopes(self.running.topic("relationships.events"))
            picked = [one.data for one in envelopes if one.type == type_ and about(one.data)]
            return picked if len(picked) >= count else []

        return await eventually(found, timeout=WITHIN)

    async def may(self, who: Company, customer_id: str, action: str, **query: str) -> tuple[bool, str]:
        answer = await self.get(who, "/v1/authorizations/check", customer_id=customer_id, action=action, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()["allowed"], answer.json()["reason"]


def token_of(invitation: dict[str, Any]) -> str:
    address: str = invitation["link"]
    return parse_qs(urlsplit(address).query)["token"][0]


def problem(answer: httpx2.Response) -> tuple[int, str, list[str]]:
    """Status, code and the fields that are wrong."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    return answer.status_code, body["code"], [error["field"] for error in body["errors"]]
