"""The membership registry over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from chassis import Once, Principal, Unkeyed, new_router, require
from chassis.files import BulkImports, csv_body, uploaded_csv
from enrollment.api.forms import MembershipSignIn
from enrollment.api.membership import TOO_MANY, Membership
from enrollment.api.views import (
    ImportView,
    ProfileImportView,
    ProfilesView,
    import_view,
    profile_import_view,
    profiles_view,
)
from enrollment.registry import AT_ONCE_ROWS, COLUMNS, EXAMPLE, RULES, read_registry

Importer = Annotated[Principal, require("profiles:import")]
LARGE: dict[int | str, dict[str, Any]] = {
    202: {
        "model": ProfileImportView,
        "description": f"More than {AT_ONCE_ROWS} rows: the import continues; Location is its address.",
    },
    415: {"description": "The body is not text/csv."},
}


def router(membership: Membership, imports: BulkImports) -> APIRouter:
    routes = new_router("/v1/partner-profiles", tags=["partner profiles"])

    @routes.post("/import", responses=LARGE, response_model=ImportView, openapi_extra=csv_body(COLUMNS, EXAMPLE, RULES))
    async def import_profiles(request: Request, once: Once, caller: Importer) -> Any:
        """Import organization profiles from CSV. Each row is checked on its own; the same row again changes nothing.

        A large file is answered 202 with its import. A restart of the service loses none of its rows.
        """
        rows, scope, cause = read_registry(await uploaded_csv(request)), once.scope(caller), once.cause(caller)
        if len(rows) <= AT_ONCE_ROWS:
            return import_view(await membership.import_rows(rows, scope, cause))
        import_id = await imports.start(membership.waiting_rows(rows), caller, scope, cause)
        begun = profile_import_view(await imports.progress(import_id, caller))
        headers = {"location": f"/v1/partner-profiles/imports/{import_id}", "retry-after": "1"}
        return JSONResponse(begun.model_dump(mode="json"), 202, headers)

    @routes.get("/imports/{import_id}")
    async def show_profile_import(
        import_id: str,
        caller: Importer,
        after: Annotated[int, Query(ge=0, description="the number of results to leave out")] = 0,
    ) -> ProfileImportView:
        """The progress of a large import, and the result of each row. 404 unless the caller's organization sent it."""
        return profile_import_view(await imports.progress(import_id, caller, after=after))

    @routes.post("/lookup", responses=TOO_MANY)
    async def look_up_profiles(
        form: MembershipSignIn, attempt: Unkeyed, caller: Annotated[Principal, require("enrollment:submit")]
    ) -> ProfilesView:
        """The organization profiles of a membership account, to choose the one to link. Changes nothing."""
        return profiles_view(await membership.sign_in(form, caller, attempt.cause(caller)))

    return routes
