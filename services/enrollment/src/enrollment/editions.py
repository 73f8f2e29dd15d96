"""The versions of the agreement: those that a release brings, and those that the program's staff published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chassis import Cause, Handler, MongoStore
from enrollment.agreement import Agreement, Agreements, AgreementText
from enrollment.documents import AGREEMENT_TEXT, EDITION, ENROLLMENT
from enrollment.domain.agreement_edition import Edition, EditionText, NotePage
from enrollment.domain.agreement_text import KeepText
from enrollment.domain.enrollment.acceptance import AskAcceptance, CancelAcceptance
from enrollment.domain.enrollment.state import Enrollment

PAGE = 50
"""Partners that are asked in one step."""


@dataclass(frozen=True, slots=True)
class Editions:
    store: MongoStore
    handler: Handler
    shipped: Agreements

    def ships(self, version: str) -> bool:
        return any(one.version == version for one in self.shipped.editions)

    async def current(self, region: str | None) -> Agreement:
        """The newest version of the region; else the newest one for all regions. A published one is newer than a shipped one."""
        held = await self._held()
        found = held.version(region)
        edition = held.published.get(found.version)
        return replace(found, texts=await self.texts(edition.texts)) if edition else found

    async def texts(self, texts: Sequence[EditionText]) -> dict[str, AgreementText]:
        """By language, the words that were published."""
        found = {}
        for text in texts:
            words = await self.store.get_or_initial(AGREEMENT_TEXT, AGREEMENT_TEXT.id(text.sha256))
            found[text.language] = AgreementText(words.title, words.text)
        return found

    async def keep(self, text: AgreementText, cause: Cause) -> None:
        """Before a version or a signature, which must not be without its words."""
        id = AGREEMENT_TEXT.id(text.sha256)
        await self.handler.handle(AGREEMENT_TEXT, id, KeepText(text.title, text.text), cause)

    async def fire(self, id: str, timer: Cause) -> None:
        """Ask the next partners to accept a version; after its withdrawal, ask them no more."""
        edition = await self.store.get(EDITION, id)
        if edition is None or edition.status is None or edition.due is None:
            return
        held, asked = await self._held(), 0
        page = await self.store.find(ENROLLMENT, _partners(edition), limit=PAGE, after=edition.after)
        for enrollment_id, state in page:
            cause = replace(timer, id=f"{timer.id}:{state.enrollment_id}")
            if edition.status == "withdrawn":
                cancel = CancelAcceptance(version=edition.version, by=edition.withdrawn_by or "-", at=cause.time)
                await self.handler.handle(ENROLLMENT, enrollment_id, cancel, cause)
            asked += await self._ask(edition, held, state, cause)
        noted = NotePage(
            status=edition.status,
            passes=edition.passes,
            before=edition.after,
            after=page[-1][0] if len(page) == PAGE else None,
            asked=asked,
            at=timer.time,
        )
        await self.handler.handle(EDITION, id, noted, timer)

    async def _ask(self, edition: Edition, held: "Held", state: Enrollment, cause: Cause) -> bool:
        """Ask for the version that holds in the partner's region now. Whether that was new to the partner.

        A version that a release brings is signed by new partners only. A newer version than ``edition`` asks for itself.
        """
        wanted = held.published.get(held.version(state.region).version)
        if wanted is None or (edition.status == "published" and wanted.version != edition.version):
            return False
        assert wanted.published_at, "it is published"
        assert wanted.accept_until, "it is published"
        ask = AskAcceptance(
            version=wanted.version,
            published_at=wanted.published_at,
            accept_until=wanted.accept_until,
            at=cause.time,
        )
        own = replace(cause, id=f"{cause.id}:ask")
        outcome = await self.handler.handle(ENROLLMENT, ENROLLMENT.id(state.enrollment_id), ask, own)
        return outcome.status == "applied"

    async def _held(self) -> "Held":
        found = [one async for _, one in self.store.find_all(EDITION, {"state.status": "published"})]
        found.sort(key=lambda one: (str(one.published_at), one.version))
        known = [Agreement(one.version, {}, one.regions) for one in found]
        return Held(Agreements([*self.shipped.editions, *known]), {one.version: one for one in found})


@dataclass(frozen=True, slots=True)
class Held:
    """What holds at a moment. ``published``: by version, those that no release brings."""

    agreements: Agreements
    published: Mapping[str, Edition]

    def version(self, region: str | None) -> Agreement:
        return self.agreements.current(region)


def _partners(edition: Edition) -> dict[str, object]:
    """The partners that the version may concern. Which version holds in a region is asked for each."""
    where: dict[str, object] = {"state.status": {"$in": ["active", "suspended"]}}
    return where | ({"state.region": {"$in": list(edition.regions)}} if edition.regions is not None else {})
