"""Versions of the agreement for the program's staff: the list, one version with its words, publishing, withdrawing."""

from typing import Any

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit, done
from enrollment.pages.portal.reviews import ROWS, STAFF
from kontor_contracts.markets import markets

PATH = "/agreements"
PUBLISH = "agreements:publish"
LANGUAGES = ("en", "de")
FIELDS = {"version", "accept_until", "regions", "title-en", "text-en", "title-de", "text-de"}


def add_editions(portal: Portal) -> None:
    _add_list(portal)
    _add_publishing(portal)
    _add_one(portal)


def _add_list(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/editions")

    @portal.page(PATH, needs=PUBLISH, kinds=STAFF)
    async def show_editions(visit: Visit) -> Response:
        asked = {name: visit.asked(name) for name in ("status", "sort")}
        found = await visit.api.get("/v1/agreements/editions", limit=ROWS, cursor=visit.asked("cursor"), **asked)
        return page.answer(
            visit, editions=found["items"], next=found["next_cursor"], filtered=bool(visit.asked("status"))
        )


def _add_publishing(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/publish_edition")

    @portal.page(f"{PATH}/publish", needs=PUBLISH, kinds=STAFF)
    async def show_form(visit: Visit) -> Response:
        # The API numbers the texts as they were sent; the page names them by language.
        sent = [language for language in LANGUAGES if visit.value(f"text-{language}")]
        named = {
            f"texts.{place}.{part}": f"{part}-{language}"
            for place, language in enumerate(sent)
            for part in ("title", "text")
        }
        return page.answer(
            visit,
            languages=LANGUAGES,
            regions=sorted(set(markets().regions.values())),
            chosen=visit.values("regions"),
            renamed={**named, "texts": "text-en"},
            fields=FIELDS,
        )

    @portal.form(f"{PATH}/publish", needs=PUBLISH, kinds=STAFF, again=show_form)
    async def publish(visit: Visit) -> Response:
        wanted: dict[str, Any] = {
            "version": visit.value("version"),
            "regions": visit.values("regions") or None,
            "accept_until": f"{visit.value('accept_until')}T00:00:00Z" if visit.value("accept_until") else "",
            "texts": [
                {
                    "language": language,
                    "title": visit.value(f"title-{language}"),
                    "text": visit.value(f"text-{language}").replace("\r\n", "\n"),
                }
                for language in LANGUAGES
                if visit.value(f"text-{language}")
            ],
        }
        published = await visit.api.send("POST", "/v1/agreements/editions", wanted, key=visit.key)
        return done(f"{PATH}/{published['version']}", "published")


def _add_one(portal: Portal) -> None:
    page, asking = PortalPage("enrollment", "portal/edition"), PortalPage("enrollment", "portal/withdraw_edition")
    path = f"{PATH}/{{version}}"

    @portal.page(path, needs=PUBLISH, kinds=STAFF)
    async def show_edition(visit: Visit) -> Response:
        found = await visit.api.get(f"/v1/agreements/editions/{visit.path('version')}")
        return page.answer(visit, title=found["version"], found=found)

    @portal.page(f"{path}/withdraw", needs=PUBLISH, kinds=STAFF)
    async def confirm(visit: Visit) -> Response:
        found = await visit.api.get(f"/v1/agreements/editions/{visit.path('version')}")
        return asking.answer(visit, found=found, fields=())

    @portal.form(f"{path}/withdraw", needs=PUBLISH, kinds=STAFF, again=confirm)
    async def withdraw(visit: Visit) -> Response:
        api = f"/v1/agreements/editions/{visit.path('version')}/withdraw"
        await visit.api.send("POST", api, key=visit.key)
        return done(f"{PATH}/{visit.path('version')}", "withdrawn")
