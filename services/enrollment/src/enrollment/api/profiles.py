"""The membership registry over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Request

from chassis import Once, Principal, Unkeyed, csv_body, new_router, require, uploaded_csv
from enrollment.api.forms import MembershipSignIn
from enrollment.api.membership import TOO_MANY, Membership
from enrollment.api.views import ImportView, ProfilesView, import_view, profiles_view
from enrollment.registry import COLUMNS, EXAMPLE, RULES, read_registry


def router(membership: Membership) -> APIRouter:
    routes = new_router("/v1/partner-profiles", tags=["partner profiles"])

    @routes.post(
        "/import",
        responses={415: {"description": "The body is not text/csv."}},
        openapi_extra=csv_body(COLUMNS, EXAMPLE, RULES),
    )
    async def import_profiles(
        request: Request, once: Once, caller: Annotated[Principal, require("profiles:import")]
    ) -> ImportView:
        """Import organization profiles from CSV. Each row is checked on its own; the same row again changes nothing."""
        rows = read_registry(await uploaded_csv(request))
        return import_view(await membership.import_rows(rows, once.scope(caller), once.cause(caller)))

    @routes.post("/lookup", responses=TOO_MANY)
    async def look_up_profiles(
        form: MembershipSignIn, attempt: Unkeyed, caller: Annotated[Principal, require("enrollment:submit")]
    ) -> ProfilesView:
        """The organization profiles of a membership account, to choose the one to link. Changes nothing."""
        return profiles_view(await membership.sign_in(form, caller, attempt.cause(caller)))

    return routes
