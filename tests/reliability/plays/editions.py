"""enrollment: versions of the agreement that partners are asked to accept."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from reliability.client import Client, GivenUpError
from reliability.history import Expected, ExpectedMail
from reliability.plays.joining import HERE, Joined, joined
from reliability.plays.partnerships import until
from reliability.plays.rights import as_if_later
from reliability.scene import Scene, expects

DAYS = 60


async def accept_a_version(client: Client, scene: Scene) -> None:
    """A version is published in a region of the company's own, and withdrawn in the end.

    The company accepts it, is suspended because it has not and accepts it then, or has nothing to accept any more.
    """
    if not scene.regions:
        return
    region, country = place = scene.regions.pop()
    try:
        company = await joined(client, scene, country)
    except GivenUpError:
        scene.regions.append(place)
        raise
    # Where the play breaks off from here on, a version may stay: nobody else gets the region.
    edition = _Edition(client, scene, company, f"Unruhe-{client.word()}")
    await edition.published(region)
    match client.random.randrange(3):
        case 0:
            await edition.accepted_after_another_date()
        case 1:
            await edition.accepted_too_late()
        case _:
            await edition.cancelled()
    scene.regions.append(place)


class _Edition:
    def __init__(self, client: Client, scene: Scene, company: Joined, version: str) -> None:
        self._client, self._scene, self._company, self.version = client, scene, company, version
        self._about = rf"Fassung\s+{version}\s+des\s+Partnervertrags"

    @property
    def path(self) -> str:
        return f"/v1/agreements/editions/{self.version}"

    async def published(self, region: str) -> None:
        """Until the timer has asked the company. A later command has in the ledger what follows from the timer."""
        title, text = f"Vertrag {self.version}", "1. Gegenstand.\n\n2. Ende."
        form = {
            "version": self.version,
            "regions": [region],
            "texts": [{"language": language, "title": title, "text": text} for language in ("de", "en")],
            "accept_until": (datetime.now(UTC) + timedelta(days=DAYS)).isoformat(),
        }
        published = expects("enrollment.agreement-published", version=self.version)
        await self._staff("publish-version", "POST", "/v1/agreements/editions", form, [published])
        await self._client.probe(HERE, self.path, self._company.token, "program")
        await self._shown(lambda shown: (shown["acceptance"] or {}).get("version") == self.version)

    async def accepted_after_another_date(self) -> None:
        later = (datetime.now(UTC) + timedelta(days=DAYS + 30)).isoformat()
        body, moved = {"accept_until": later, "explanation": "Wie besprochen."}, self._fact("acceptance-moved")
        mails = self._company.mails(rf"{self._about}\s+annimmt")
        await self._staff("move-acceptance", "PUT", f"{self._company.mine.path}/agreement/date", body, [moved], mails)
        await self._accept([self._fact("agreement-accepted", reinstated=False)], rf"{self._about}\s+angenommen")
        await self._withdraw()

    async def accepted_too_late(self) -> None:
        """The date has passed: a timer suspends the company, and the acceptance ends that."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        id = f"enrollment:{self._company.mine.id}"
        await as_if_later(self._scene, id, {"state.acceptance.accept_until": past}, at=HERE)
        await self._shown(lambda shown: shown["status"] == "suspended")
        events = [
            self._company.fact("enrollment-suspended", reason="agreement-not-accepted"),
            self._fact("agreement-accepted", reinstated=True),
            self._company.fact("enrollment-reinstated", reason="agreement-accepted"),
        ]
        mails = self._company.mails("ist im Partnerprogramm gesperrt")
        await self._accept(events, "ist wieder aktiver Partner", mails)
        await self._withdraw()

    async def cancelled(self) -> None:
        await self._withdraw()
        await self._shown(lambda shown: shown["acceptance"] is None)
        events = [self._fact("acceptance-requested", reminder=0), self._fact("acceptance-cancelled", reinstated=False)]
        mails = self._company.mails(rf"{self._about}\s+zurückgezogen")
        # Once more, which changes nothing: the entry in the ledger has what followed from the timer.
        await self._staff("withdraw-version-again", "POST", f"{self.path}/withdraw", None, events, mails)

    async def _accept(self, events: list[Expected], words: str, mails: list[ExpectedMail] | None = None) -> None:
        company, signed = self._company, {"version": self.version, "accepted": True, "language": "de"}
        # Nobody signs for another company.
        path = f"{company.mine.path}/agreement"
        await self._client.probe_command(HERE, "POST", path, signed, self._scene.stranger, company.organization)
        asked = self._fact("acceptance-requested", reminder=0)
        mails = [*company.mails(words), *(mails or [])]
        await company.mine.do("accept-version", "agreement", signed, mails, [asked, *events])

    async def _withdraw(self) -> None:
        withdrawn = expects("enrollment.agreement-withdrawn", version=self.version)
        await self._staff("withdraw-version", "POST", f"{self.path}/withdraw", None, [withdrawn])

    async def _staff(  # noqa: PLR0917  one step of the program's staff each
        self,
        name: str,
        method: str,
        path: str,
        body: Any,
        events: list[Expected],
        mails: list[ExpectedMail] | None = None,
    ) -> None:
        await self._client.command(
            name,
            HERE,
            method,
            path,
            body,
            token=self._scene.stage.operator.token,
            tenant="program",
            then=lambda _: (events, mails or [], []),
        )

    async def _shown(self, wanted: Any) -> Mapping[str, Any]:
        path, token = self._company.mine.path, self._company.token
        shown: Mapping[str, Any] = await until(self._client, path, token, wanted, at=HERE)
        return shown

    def _fact(self, event: str, **where: Any) -> Expected:
        return self._company.fact(event, agreement_version=self.version, **where)
