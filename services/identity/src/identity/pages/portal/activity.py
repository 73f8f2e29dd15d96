"""The activity log of the company."""

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit

ROWS = 50
FILTERS = ("action", "actor", "subject", "since", "until", "sort")
READ = "audit:read"


def add_activity(portal: Portal) -> None:
    page = PortalPage("identity", "portal/activity")

    @portal.page("/activity", needs=READ)
    async def show_activity(visit: Visit) -> Response:
        asked = _asked(visit)
        found = await visit.api.get("/v1/audit", limit=ROWS, cursor=visit.asked("cursor"), **asked)
        return page.answer(
            visit,
            entries=found["items"],
            next=found["next_cursor"],
            filtered=bool(asked.keys() - {"sort"}),
            export="/activity/export" + visit.address(cursor=None).removeprefix("/activity"),
        )

    @portal.page("/activity/export", needs=READ)
    async def export_activity(visit: Visit) -> Response:
        return visit.api.passed_on("/v1/audit/export", _asked(visit))


def _asked(visit: Visit) -> dict[str, str]:
    """Days of the form are days in UTC, as the page shows them."""
    asked = {name: value for name in FILTERS if (value := visit.asked(name))}
    return {name: f"{value}T00:00:00Z" if name in {"since", "until"} else value for name, value in asked.items()}
