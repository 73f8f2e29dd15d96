"""The membership registry over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Request

from chassis import Once, Principal, ProblemError, Unkeyed, new_router, require
from enrollment.api.forms import MembershipSignIn
from enrollment.api.membership import TOO_MANY, Membership
from enrollment.api.views import ImportView, ProfilesView, import_view, profiles_view
from enrollment.registry import COLUMNS, UnreadableFileError, read_registry

CSV_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string", "format": "binary"}, "example": ",".join(COLUMNS) + "\n"}
        },
    }
}


def router(membership: Membership) -> APIRouter:
    routes = new_router("/v1/partner-profiles", tags=["partner profiles"])

    @routes.post("/import", responses={415: {"description": "not text/csv"}}, openapi_extra=CSV_BODY)
    async def import_profiles(
        request: Request, once: Once, caller: Annotated[Principal, require("profiles:import")]
    ) -> ImportView:
        """Load organization profiles from CSV. Every row is judged alone; the same row again changes nothing."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
            raise ProblemError(415, "not-csv", "send the file as it is, with content-type text/csv")
        try:
            rows = read_registry(await request.body())
        except UnreadableFileError as error:
            raise ProblemError(422, error.code, str(error), field="body") from error
        return import_view(await membership.import_rows(rows, once.scope(caller), once.cause(caller)))

    @routes.post("/lookup", responses=TOO_MANY)
    async def look_up_profiles(
        form: MembershipSignIn, attempt: Unkeyed, caller: Annotated[Principal, require("enrollment:submit")]
    ) -> ProfilesView:
        """The organization profiles of a membership account, to choose the one that is to be linked. Changes nothing."""
        return profiles_view(await membership.sign_in(form, caller, attempt.cause(caller)))

    return routes
