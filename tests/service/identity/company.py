"""Companies and their people on a running identity service, each with what the last sign-in gave them."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import httpx2
from harness.running import Running
from harness.topics import Topics
from support import eventually

from kontor_contracts import Envelope, new_envelope
from kontor_contracts.enrollment import EnrollmentActivated
from kontor_contracts.values import Partner, Recipient

SHIPPED_MEMORY = 19 * 1024
"""KiB for one password, where a test needs that checking one takes its time."""
PASSWORD = "Werkbank und Wolke 2026"
OWN_PASSWORD = "a helpdesk with a view 22"


@dataclass(slots=True)
class Person:
    """A user who signed in through the API, as any client would."""

    running: Running
    email: str
    user_id: str = ""
    organization_id: str = ""
    temporary: str = ""
    access_token: str = ""
    refresh_token: str = ""

    @classmethod
    async def sign_up(
        cls, running: Running, kind: str = "reseller", *, email: str | None = None, **organization: str
    ) -> Self:
        """The first user of a new organization, signed in. ``email``: default is a new address."""
        person = cls(running, email or some_email())
        answer = await running.client.post(
            "/v1/sign-up", json=sign_up(person.email, kind, **organization), headers=once()
        )
        assert answer.status_code == 202, answer.text
        person.user_id, person.organization_id = answer.json()["user_id"], answer.json()["organization_id"]
        await person.prove(PASSWORD)
        await person.sign_in(PASSWORD)
        return person

    async def prove(self, password: str, number: int = 1) -> None:
        """Follow the newest mailed link, the ``number``th, and give the password there."""
        token = await self.running.mailed_token(self.email, "/verify-address", number)
        proof = {"token": token, "password": password}
        answer = await self.running.client.post("/v1/address-proofs", json=proof)
        assert answer.status_code == 200, answer.text

    async def add(self, *roles: str) -> "Person":
        """A colleague who has chosen a password and signed in."""
        counted = await eventually(self.global_admins) if "global-admin" in roles else 0
        colleague = await self.add_new(*roles)
        if "global-admin" in roles:
            await self.counted(counted + 1)
        await colleague.sign_in(colleague.temporary)
        await colleague.choose(colleague.temporary, OWN_PASSWORD)
        await colleague.sign_in(OWN_PASSWORD)
        return colleague

    async def counted(self, global_admins: int) -> None:
        """Until the organization knows of so many: it hears of them by an event, and lets none go before it does."""

        async def known() -> bool:
            return await self.global_admins() == global_admins

        await eventually(known)

    async def global_admins(self) -> int:
        """As the organization counts them; 0 while there is none yet."""
        found: int = (await self.get(f"/v1/organizations/{self.organization_id}")).json().get("global_admins", 0)
        return found

    async def add_new(self, *roles: str) -> "Person":
        """A colleague with a temporary password, who has proved the address."""
        new = await self.add_unproved(*roles)
        await new.prove(new.temporary)
        return new

    async def add_unproved(self, *roles: str) -> "Person":
        """A colleague with a temporary password and a link in the mail."""
        answer = await self.post("/v1/users", new_user(*roles))
        assert answer.status_code == 201, answer.text
        added = answer.json()
        return Person(self.running, added["email"], added["user_id"], self.organization_id, added["temporary_password"])

    async def sign_in(self, password: str) -> dict[str, Any]:
        answer = await token(self.running, grant_type="password", email=self.email, password=password)
        assert answer.status_code == 200, answer.text
        signed_in: dict[str, Any] = answer.json()
        self.access_token, self.refresh_token = signed_in["access_token"], signed_in["refresh_token"]
        return signed_in

    async def choose(self, current: str, new: str) -> None:
        answer = await self.put("/v1/me/password", {"current_password": current, "new_password": new})
        assert answer.status_code == 204, answer.text

    async def set_roles(self, of: "Person", *roles: str) -> httpx2.Response:
        body = {"roles": roles, "confirm": of.user_id == self.user_id}
        return await self.put(f"/v1/users/{of.user_id}/roles", body)

    async def me(self) -> dict[str, Any]:
        answer = await self.get("/v1/me")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, path: str) -> httpx2.Response:
        return await self.running.client.get(path, headers=self.bearer)

    async def put(self, path: str, body: Any) -> httpx2.Response:
        return await self.running.client.put(path, json=body, headers=self.bearer)

    async def post(self, path: str, body: Any, key: str | None = None) -> httpx2.Response:
        return await self.running.client.post(path, json=body, headers=self.bearer | once(key))

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}


def once(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or secrets.token_hex(16)}


def some_email() -> str:
    return f"person.{secrets.token_hex(4)}@company.example"


def sign_up(email: str, kind: str = "reseller", **organization: str) -> dict[str, Any]:
    given = {"name": "Müller & Söhne GmbH", "kind": kind, "country": "DE", "culture": "de"}
    return {"organization": given | organization, "full_name": "Jürgen Müller", "email": email, "password": PASSWORD}


def new_user(*roles: str) -> dict[str, Any]:
    return {"full_name": "Zoë Brown", "email": some_email(), "roles": roles, "culture": "en"}


async def token(running: Running, **body: str) -> httpx2.Response:
    return await running.client.post("/v1/token", json=body)


async def refresh(running: Running, refresh_token: str) -> httpx2.Response:
    return await token(running, grant_type="refresh_token", refresh_token=refresh_token)


def is_problem(answer: httpx2.Response, status: int, code: str, field: str | None = None) -> None:
    """The answer is problem+json with this code, and names this field and no other."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == code, problem
    assert [error["field"] for error in problem["errors"]] == ([field] if field else [])


async def announced(kafka: Topics, running: Running, subject: str, count: int = 1) -> list[Envelope[Any]]:
    """The events of this subject in order, once there are as many: an answer does not wait for them."""

    async def found() -> list[Envelope[Any]]:
        events = await kafka.envelopes(running.topic("identity.events"))
        mine = [each for each in events if each.subject == subject]
        return sorted(mine, key=lambda each: each.sequence) if len(mine) >= count else []

    return await eventually(found)


def activation(admin: Person, organization_id: str | None = None) -> Envelope[EnrollmentActivated]:
    """Enrollment's word that the company of this user is in the program."""
    partner = Partner(
        organization_id=organization_id or admin.organization_id,
        partner_id="4711001",
        name="Müller & Söhne GmbH",
        program="indirect-reseller",
        contact=Recipient(name="Anna Schäfer", email="anna@company.example"),
    )
    enrollment_id = secrets.token_hex(8)
    return new_envelope(
        EnrollmentActivated(
            enrollment_id=enrollment_id, partner=partner, country="DE", region="europe", enrolled_by=admin.user_id
        ),
        id=secrets.token_hex(8),
        source="/kontor/enrollment",
        subject=f"enrollment:{enrollment_id}",
        time=datetime.now(UTC),
        sequence=1,
        correlationid="activation",
        tenantid=partner.organization_id,
    )
