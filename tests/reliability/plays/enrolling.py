"""enrollment: one company from the first form to the end."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from reliability.client import Client, GivenUpError
from reliability.history import Expected, ExpectedMail
from reliability.plays.people import sign_up
from reliability.scene import MAIL_SECONDS, MEMBERSHIP, Scene, expects, mailed_link

from kontor_local.journey.pages import read_forms

ADDRESS = {"line1": "Unruhstraße 1", "line2": "", "city": "Köln", "state": "", "postal_code": "50667"}


def contact_at(email: str) -> dict[str, str]:
    return {"name": "Anna Unruh", "email": email, "phone": "+49 221 1234567", "culture": "de"}


def support_of(email: str) -> dict[str, str]:
    return {"email": f"hilfe-{email}", "phone": "+49 221 7654321", "website": "https://hilfe.example"}


async def enroll(client: Client, scene: Scene) -> None:
    """From the first form to an active enrollment: all services, seven mails, one aggregate with many events."""
    await enrolled(client, scene)


async def enrolled(client: Client, scene: Scene, password: str = "") -> tuple[str, str, str] | None:
    """The address, the organization's id and a token of the administrator; None where the registry has no partner id left."""
    if not scene.profiles:
        return None
    partner_id = scene.profiles.pop()
    email, organization, token = await sign_up(client, scene, password=password)
    mine = Application(client, token, organization)
    await mine.start()
    await mine.give_information(partner_id, email)
    await client.probe("enrollment", mine.path, scene.stranger, organization)
    await mine.do("submit", "submit", None, [ExpectedMail(email, "/verify-contact/")])
    link = await mailed_link(scene, email, "/verify-contact/")
    await _confirm(client, link)
    await _until(mine.status, "in-review")
    operator = scene.stage.operator.token
    await mine.ask_for_documents(email, operator)
    # Repeated without any change, which is not announced: there is one result.
    await mine.ask("repeat-checks", "POST", f"/v1/reviews/{mine.id}/checks/repeat", None, token=operator)
    checked = expects("enrollment.business-checked", enrollment_id=mine.id)
    await mine.do("review", "review", {"decision": "approve", "reason": None}, [], [checked], token=operator)
    version = (await client.read("enrollment", "/v1/agreements/current", token))["version"]
    activated = expects("enrollment.enrollment-activated", enrollment_id=mine.id)
    active = expects("identity.organization-activated", organization_id=organization)
    signed = {"version": version, "accepted": True}
    await mine.do("agreement", "agreement", signed, [ExpectedMail(email, "aktiv")], [activated, active])
    return email, organization, token


async def think_again(client: Client, scene: Scene) -> None:
    """A company corrects its mistyped contact, then withdraws: the first link is void, and the partner id is free again."""
    if not scene.profiles:
        return
    partner_id = scene.profiles.pop()
    email, organization, token = await sign_up(client, scene)
    mine = Application(client, token, organization)
    await mine.start()
    await mine.give_information(partner_id, email)
    await mine.do("submit", "submit", None, [ExpectedMail(email, "/verify-contact/")])
    right = f"richtig-{email}"
    await mine.correct_contact(right)
    withdrawn = expects("enrollment.enrollment-withdrawn", enrollment_id=mine.id)
    mails = [ExpectedMail(address, "(?i)zurückgenommen|took back|taken back") for address in (email, right)]
    await mine.do("withdraw", "withdraw", {}, mails, [withdrawn])
    scene.profiles.append(partner_id)


class Application:
    def __init__(self, client: Client, token: str, organization: str) -> None:
        self._client = client
        self._token = token
        self.organization = organization
        self.id = ""

    @property
    def path(self) -> str:
        return f"/v1/enrollments/{self.id}"

    async def start(self, copy_from: str | None = None) -> None:
        """``copy_from``: a closed enrollment whose information the new one takes over."""

        def then(answer: Mapping[str, Any]) -> Any:
            return [expects("enrollment.enrollment-started", enrollment_id=answer["enrollment_id"])], [], []

        form = {"program": "indirect-reseller", "copy_from": copy_from}
        started = await self.ask("enroll", "POST", "/v1/enrollments", form, then=then)
        self.id = started["enrollment_id"]

    async def give_information(self, partner_id: str, email: str) -> None:
        associated = expects("enrollment.partner-id-associated", partner_id=partner_id, enrollment_id=self.id)
        await self.ask(
            "choose-partner-id",
            "PUT",
            f"{self.path}/partner-id",
            MEMBERSHIP | {"partner_id": partner_id},
            then=lambda _: ([associated], [], []),
        )
        await self.tell(f"Unruh {partner_id}", email)

    async def tell(self, company_name: str, email: str) -> None:
        """Everything but the partner id."""
        profile = {"company_name": company_name, "address": ADDRESS, "registration_id": None}
        await self.ask("give-profile", "PUT", f"{self.path}/profile", profile)
        await self.ask("give-contact", "PUT", f"{self.path}/primary-contact", contact_at(email))
        await self.ask("give-support", "PUT", f"{self.path}/support-contact", support_of(email))

    async def correct_contact(self, email: str) -> None:
        corrected = expects("enrollment.enrollment-corrected", enrollment_id=self.id)
        mail = ExpectedMail(email, "/verify-contact/")
        path = f"{self.path}/primary-contact"
        await self.ask("correct-contact", "PUT", path, contact_at(email), then=lambda _: ([corrected], [mail], []))

    async def ask_for_documents(self, email: str, operator: str) -> None:
        """The reviewer asks for a document, and then finds the company without it."""
        path, wanted = f"/v1/reviews/{self.id}/documents", {"step": "business", "documents": [{"kind": "lease"}]}
        for name, step, body, event, subject in (
            ("ask-documents", path, wanted, "documents-requested", "Dokumente bis"),
            ("need-no-documents", f"{path}/withdraw", None, "document-request-withdrawn", "fehlen keine Dokumente"),
        ):
            told = expects(f"enrollment.{event}", enrollment_id=self.id)
            mail = ExpectedMail(email, subject)
            await self.ask(
                name, "POST", step, body, token=operator, then=lambda _, told=told, mail=mail: ([told], [mail], [])
            )

    async def do(
        self,
        name: str,
        step: str,
        body: Mapping[str, Any] | None,
        mails: Sequence[ExpectedMail],
        events: Sequence[Expected] = (),
        *,
        token: str | None = None,
    ) -> None:
        await self.ask(name, "POST", f"{self.path}/{step}", body, token=token, then=lambda _: (events, mails, []))

    async def status(self) -> str:
        view = await self._client.read("enrollment", self.path, self._token)
        return str(view["status"])

    async def ask(self, name: str, method: str, path: str, body: Any, *, token: str | None = None, **rest: Any) -> Any:
        return await self._client.command(
            name, "enrollment", method, path, body, token=token or self._token, tenant=self.organization, **rest
        )


async def _confirm(client: Client, link: str) -> None:
    """Open the page and press its button."""
    path = re.sub(r"^https?://[^/]+", "", link)
    form = read_forms(await client.page("enrollment", path))[0]
    button = next(button for button in form.buttons if button[1] == "confirm")
    await client.form("enrollment", path, form.fields | dict([button]))


async def _until(look: Callable[[], Awaitable[str]], wanted: str) -> None:
    give_up = time.monotonic() + MAIL_SECONDS
    while await look() != wanted:
        if time.monotonic() > give_up:
            raise GivenUpError(f"not {wanted}")
        await asyncio.sleep(0.2)
