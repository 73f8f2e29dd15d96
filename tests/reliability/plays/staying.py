"""enrollment: a partner changes its legal data, and confirms them for another year once the timer has said so."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from reliability.client import Client, GivenUpError
from reliability.history import Expected, ExpectedMail
from reliability.plays.enrolling import enrolled
from reliability.scene import MAIL_SECONDS, Scene, expects

HERE = "enrollment"


async def stay_a_partner(client: Client, scene: Scene) -> None:
    """A change is rejected and withdrawn, another one accepted; the date is moved near, and the year confirmed."""
    company = await enrolled(client, scene)
    if company is None:
        return
    email, organization, token = company
    (enrollment,) = (await client.read(HERE, "/v1/enrollments", token))["items"]
    partner = _Partner(client, enrollment, email, {"token": token, "tenant": organization})
    await partner.changes_its_name(scene.stage.operator.token, f"Unruh {client.word()}")
    await partner.confirms_another_year(scene.stage.operator.token)


class _Partner:
    def __init__(self, client: Client, enrollment: Mapping[str, Any], email: str, signed: dict[str, Any]) -> None:
        self._client, self._enrollment, self._email, self._signed = client, enrollment, email, signed

    @property
    def path(self) -> str:
        return f"/v1/enrollments/{self._enrollment['enrollment_id']}"

    async def changes_its_name(self, operator: str, name: str) -> None:
        staff = self._signed | {"token": operator}
        known = {each: self._enrollment[each] for each in ("address", "registration_id")}
        reject = {"decision": "reject", "reason": "proof-missing", "explanation": "Der Auszug fehlt."}
        await self._change("propose-change", "PUT", "", known | {"company_name": name}, "proposed", "Wir prüfen")
        await self._change("reject-change", "POST", "/review", reject, "rejected", "wurde abgelehnt", staff)
        await self._change("withdraw-change", "POST", "/withdraw", None, "withdrawn", "")
        # With another field, because two mails must not say the same.
        moved = {"company_name": f"{name} SE", "address": known["address"] | {"line1": "Ruhestraße 2"}}
        await self._change("propose-change", "PUT", "", known | moved, "proposed", "die Anschrift")
        await self._change(
            "accept-change", "POST", "/review", {"decision": "accept"}, "accepted", "sind geändert", staff
        )

    async def confirms_another_year(self, operator: str) -> None:
        """The timer announces a near date, and gives the whole notice for it."""
        soon = (datetime.now(UTC) + timedelta(days=10)).isoformat()
        staff, path = self._signed | {"token": operator}, f"{self.path}/reauthorization"
        moved = self._fact("reauthorization-moved")
        noticed = self._fact("reauthorization-noticed")
        mails = [
            ExpectedMail(self._email, "ist jetzt am"),
            ExpectedMail(self._email, "Bitte bestätigen Sie Ihre Untern"),
        ]
        await self._client.command(
            "move-confirmation",
            HERE,
            "PUT",
            path,
            {"due_at": soon},
            then=lambda _: ([moved, noticed], mails, []),
            **staff,
        )
        shown = await self._announced(soon)
        confirmed = {"confirmed": shown["reauthorization"]["confirmations"]}
        done, mail = self._fact("partner-reauthorized"), ExpectedMail(self._email, "bleibt ein weiteres Jahr Partner")
        await self._client.command(
            "confirm-year",
            HERE,
            "POST",
            f"{path}/confirm",
            confirmed,
            then=lambda _: ([done], [mail], []),
            **self._signed,
        )

    async def _announced(self, soon: str) -> Mapping[str, Any]:
        """The enrollment once its date was announced, which moves it. GivenUpError where the timer is too late."""
        give_up = time.monotonic() + MAIL_SECONDS
        while True:
            shown: Mapping[str, Any] = await self._client.read(HERE, self.path, self._signed["token"])
            if datetime.fromisoformat(shown["reauthorization"]["due_at"]) > datetime.fromisoformat(soon):
                return shown
            if time.monotonic() > give_up:
                raise GivenUpError(f"{self.path} was not announced")
            await asyncio.sleep(0.5)

    async def _change(  # noqa: PLR0917  one step of the change each
        self, name: str, method: str, step: str, body: Any, event: str, words: str, by: dict[str, Any] | None = None
    ) -> None:
        told = [self._fact(f"legal-change-{event}")]
        mails = [ExpectedMail(self._email, words)] if words else []
        path = f"{self.path}/legal-change{step}"
        await self._client.command(
            name, HERE, method, path, body, then=lambda _: (told, mails, []), **(by or self._signed)
        )

    def _fact(self, event: str) -> Expected:
        return expects(f"enrollment.{event}", enrollment_id=self._enrollment["enrollment_id"])
