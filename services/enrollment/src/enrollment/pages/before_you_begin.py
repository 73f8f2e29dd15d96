"""Before a company begins: what an enrollment asks for, by country and kind of partner. For everybody, without a sign-in."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from chassis import new_router
from chassis.http.pages import PageLanguage, PageTemplate
from enrollment.api.markets import checklist
from enrollment.domain.enrollment.waits import Waits
from kontor_contracts.markets import Markets
from kontor_contracts.portal import open_address
from kontor_contracts.values import Program

PROGRAMS: Mapping[str, Program] = {"reseller": "indirect-reseller", "provider": "indirect-provider"}
Country = Annotated[str, Query(max_length=2, description="Of the company, ISO 3166-1 alpha-2.")]
Kind = Annotated[str, Query(max_length=20, description="`reseller` or `provider`.")]


def router(markets: Markets, waits: Waits) -> APIRouter:
    routes = new_router(tags=["pages"], default_response_class=HTMLResponse)
    page = PageTemplate("enrollment", "before_you_begin")

    @routes.get("/enroll", include_in_schema=False)
    async def show_before_you_begin(
        language: PageLanguage, country: Country = "", kind: Kind = "reseller"
    ) -> HTMLResponse:
        """The welcome page. It leads to the sign-in, and from there to the enrollment."""
        kind = kind if kind in PROGRAMS else "reseller"
        return page.answer(
            language,
            title=page.texts[language]["title"],
            here=f"?{urlencode({'country': country, 'kind': kind})}",
            countries=[(code, code) for code in sorted(markets.regions)],
            country=country,
            kind=kind,
            checklist=checklist(markets, waits, country, PROGRAMS[kind], language),
            next=open_address("/enrollment/welcome"),
        )

    return routes
