"""The membership registry for its operators: list and search, one profile with its history, and the import of a file."""

from collections.abc import Mapping
from typing import Any

from fastapi import Response

from chassis.http.pages import Call, Portal, PortalPage, Visit, done
from enrollment.pages.portal.inputs import Input, names, shown, typed
from enrollment.pages.portal.reviews import ROWS, STAFF, countries
from enrollment.pages.portal.words import WORDS
from enrollment.registry import COLUMNS, EXAMPLE, OPTIONAL_COLUMNS

PATH = "/registry"
IMPORT = "profiles:import"
IMPORT_PATH = f"{PATH}/import"
LARGEST_IMPORT = 1024 * 1024
"""Bytes of the file: what the API takes."""
FILTERS = ("q", "status", "kind", "country", "program_state", "membership_account", "sort")
FACTS = (
    Input("membership_account", "email", attributes={"maxlength": 254, "autocomplete": "off"}),
    Input("access_code", required=False, attributes={"maxlength": 64, "autocomplete": "off"}),
    Input("company_name", attributes={"maxlength": 200, "autocomplete": "off"}),
    Input("country", attributes={"maxlength": 2, "autocomplete": "off"}),
    Input("status", "select", words="profile_states"),
    Input("kind", "select", words="profile_kinds"),
    Input("program_state", "select", words="program_states"),
)
NUMBER = Input("partner_id", attributes={"maxlength": 12, "inputmode": "numeric", "autocomplete": "off"})


def add_registry(portal: Portal) -> None:
    _add_list(portal)
    _add_import(portal)
    _add_new(portal)
    _add_profile(portal)


def _add_list(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/registry")

    @portal.page(PATH, needs=IMPORT, kinds=STAFF)
    async def show_registry(visit: Visit) -> Response:
        asked = {name: visit.asked(name) for name in FILTERS}
        found = await visit.api.get("/v1/partner-profiles", limit=ROWS, cursor=visit.asked("cursor"), **asked)
        return page.answer(
            visit,
            profiles=found["items"],
            next=found["next_cursor"],
            filtered=any(asked.values()),
            countries=await countries(visit),
            words=WORDS[visit.language],
        )


def _add_import(portal: Portal) -> None:
    page, result = PortalPage("enrollment", "portal/registry_import"), PortalPage("enrollment", "portal/registry_rows")
    example = f"{','.join(COLUMNS)}\n{EXAMPLE}"

    @portal.page(IMPORT_PATH, needs=IMPORT, kinds=STAFF)
    async def show_form(visit: Visit) -> Response:
        return page.answer(
            visit,
            example=example,
            columns=", ".join(COLUMNS),
            optional=", ".join(OPTIONAL_COLUMNS),
            renamed={"body": "file"},
            fields={"file"},
        )

    @portal.form(IMPORT_PATH, needs=IMPORT, kinds=STAFF, again=show_form)
    async def take_file(visit: Visit) -> Response:
        file = visit.files.get("file")
        content = file.content if file else b""
        call = Call(
            method="POST",
            path="/v1/partner-profiles/import",
            body=content,
            content_type="text/csv; charset=utf-8",
            key=visit.key,
        )
        _, found = await visit.api.call(call)
        if "import_id" in found:
            return done(f"{PATH}/imports/{found['import_id']}", "begun")
        return _rows(visit, result, found)

    @portal.page(f"{PATH}/imports/{{import_id}}", needs=IMPORT, kinds=STAFF)
    async def show_import(visit: Visit) -> Response:
        path = f"/v1/partner-profiles/imports/{visit.path('import_id')}"
        return _rows(visit, result, await visit.api.get(path, after=visit.asked("after")))


def _rows(visit: Visit, page: PortalPage, found: Mapping[str, Any]) -> Response:
    running = found.get("status") == "running"
    return page.answer(visit, result=found, running=running, after=found.get("next_after"))


def _add_new(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/registry_profile")
    inputs = (NUMBER, *FACTS)

    @portal.page(f"{PATH}/add", needs=IMPORT, kinds=STAFF)
    async def show_form(visit: Visit) -> Response:
        texts = {**WORDS[visit.language], **page.texts[visit.language]}
        return page.answer(visit, found=None, inputs=shown(inputs, visit, texts), history=[], fields=names(inputs))

    @portal.form(f"{PATH}/add", needs=IMPORT, kinds=STAFF, again=show_form)
    async def add(visit: Visit) -> Response:
        return await _keep(visit, visit.value("partner_id") or "-")


def _add_profile(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/registry_profile")
    path = f"{PATH}/{{partner_id}}"

    @portal.page(path, needs=IMPORT, kinds=STAFF)
    async def show_profile(visit: Visit) -> Response:
        found = await visit.api.get(f"/v1/partner-profiles/{visit.path('partner_id')}")
        texts = {**WORDS[visit.language], **page.texts[visit.language]}
        return page.answer(
            visit,
            title=found["company_name"],
            found=found,
            inputs=shown(FACTS, visit, texts, found),
            history=found["history"],
            fields=names(FACTS),
        )

    @portal.form(path, needs=IMPORT, kinds=STAFF, again=show_profile)
    async def change(visit: Visit) -> Response:
        return await _keep(visit, visit.path("partner_id"))


async def _keep(visit: Visit, partner_id: str) -> Response:
    """Enters or changes the profile. Without a new access code the present one stays."""
    kept = await visit.api.send("PUT", f"/v1/partner-profiles/{partner_id}", typed(FACTS, visit), key=visit.key)
    return done(f"{PATH}/{kept['partner_id']}", "kept")
