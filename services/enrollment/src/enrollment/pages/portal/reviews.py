"""The staff's lists: reviews, changes of partners' legal data, all enrollments. Each keeps its state in the address."""

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit
from enrollment.pages.portal.actions import REVIEW
from enrollment.pages.portal.words import WORDS, words_of

PATH = "/reviews"
STAFF = ("operator",)
ROWS = 25
FILTERS = ("country", "program", "step", "claimed", "overdue", "high_risk", "name_warning")


def add_reviews(portal: Portal) -> None:
    _add_queue(portal)
    _add_changes(portal)
    _add_all(portal)


def _add_queue(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/reviews")

    @portal.page(PATH, needs=REVIEW, kinds=STAFF)
    async def show_queue(visit: Visit) -> Response:
        asked = {name: visit.asked(name) for name in FILTERS}
        found = await visit.api.get(
            "/v1/reviews", limit=ROWS, cursor=visit.asked("cursor"), sort=visit.asked("sort"), total="true", **asked
        )
        return page.answer(
            visit,
            reviews=found["items"],
            next=found["next_cursor"],
            total=found["total"],
            counts=await visit.api.get("/v1/reviews/counts"),
            filtered=any(asked.values()),
            countries=await countries(visit),
            words=WORDS[visit.language],
        )


def _add_changes(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/changes")

    @portal.page(f"{PATH}/changes", needs=REVIEW, kinds=STAFF)
    async def show_changes(visit: Visit) -> Response:
        asked = {name: visit.asked(name) for name in ("country", "overdue", "sort")}
        found = await visit.api.get("/v1/legal-changes", limit=ROWS, cursor=visit.asked("cursor"), **asked)
        return page.answer(
            visit,
            changes=[(one, words_of(visit.language, "fields", one["change"]["fields"])) for one in found["items"]],
            next=found["next_cursor"],
            filtered=bool(asked["country"] or asked["overdue"]),
            countries=await countries(visit),
        )


def _add_all(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/enrollments")

    @portal.page(f"{PATH}/enrollments", needs=REVIEW, kinds=STAFF)
    async def show_enrollments(visit: Visit) -> Response:
        found = await visit.api.get(
            "/v1/enrollments", limit=ROWS, cursor=visit.asked("cursor"), status=visit.asked("status")
        )
        return page.answer(
            visit,
            enrollments=found["items"],
            next=found["next_cursor"],
            filtered=bool(visit.asked("status")),
            words=WORDS[visit.language],
        )


async def countries(visit: Visit) -> list[tuple[str, str]]:
    """The countries of the program, to choose from."""
    found = await visit.api.get("/v1/markets")
    return [(one["country"], one["country"]) for one in found["items"]]
