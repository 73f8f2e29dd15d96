"""Every page of the portal in a real browser, judged by axe-core: wide and light, narrow and dark.

Each page is opened by the first of the journey's people who may see it. A new page is found by its route. Skipped where
Chromium or its driver is missing.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import pytest
from harness.accessibility import violations
from harness.applications import build_applications
from harness.forkserver import fork
from journeys.test_browser import Window, pytestmark, resize, window

from chassis.http.pages import PageRoute
from kontor_local.journey import enrolling
from kontor_local.journey.people import Company, Person
from kontor_local.journey.play import Stage, play, stage
from kontor_local.journey.report import Report
from kontor_local.journey.steps import STEPS
from kontor_local.stack import Stack

__all__ = ["pytestmark", "window"]

STATUS = "return performance.getEntriesByType('navigation')[0].responseStatus"
FAULTY = (
    "<!doctype html><html lang=en><title>x</title><main><h1>x</h1><img src=x><p style='color:%23ccc'>pale</p></main>"
)
LOOKS = ((1280, "light"), (320, "dark"))
NO_PAGES = ("/export", ".eml", ".txt", "/files/{file_id}", "/agreement.txt")
"""Ends of addresses of files."""
NOT_OPENED = {
    "/enrollment": "leads on to another page",
    "/users/imports/{import_id}": "a large import is needed",
    "/registry/imports/{import_id}": "a large import is needed",
    "/my-resellers/grants/{grant_id}": "a grant is needed",
    "/agreements/{version}": "a published version would ask all partners of the journey",
    "/agreements/{version}/withdraw": "as above",
}
AUTHORIZED = next(n for n, step in enumerate(STEPS) if step.name == "the customer authorizes both")
NEWCOMER = Company(
    name="Weiß Löhr Consulting GmbH",
    kind="reseller",
    program="indirect-reseller",
    admin=Person("Wilma Weiß", "wilma@weiss-loehr.example", "de", "Beratung bei Kaffee und Kuchen 3"),
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """``things``: the parameters of addresses that this person can open."""

    who: Person
    kind: str
    permissions: frozenset[str]
    things: Mapping[str, str]

    def may(self, route: PageRoute) -> bool:
        door = route.door
        fits = not door.kinds or self.kind in door.kinds
        allowed = not door.needs or not self.permissions.isdisjoint(door.needs)
        return fits and allowed and all(name in self.things for name in route.param_convertors)


@pytest.fixture(scope="module")
async def on(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with Stack(tmp_path_factory.mktemp("access"), starter=fork, one_host=True) as stack, stage(stack) as on:
        report = Report()
        await play(on, STEPS[: AUTHORIZED + 1], report)
        assert report.ok, report.steps[-1]
        await enrolling.sign_up(on, NEWCOMER)
        await enrolling.start_enrollment(on, NEWCOMER)
        yield on


async def visitors(on: Stage) -> list[Visitor]:
    async def permissions(who: Person) -> frozenset[str]:
        await on.sign_in(who)
        return frozenset((await on.api("identity", who).get("/v1/me"))["permissions"])

    async def first(who: Person, service: str, path: str, name: str) -> str:
        found: str = (await on.api(service, who).get(path))["items"][0][name]
        return found

    new, reseller, provider, customer = NEWCOMER.admin, on.reseller, on.provider.admin, on.customer.admin
    of_reseller = {
        "enrollment_id": reseller.enrollment_id,
        "user_id": reseller.others[0].user_id,
        "partnership_id": await first(reseller.admin, "relationships", "/v1/providers", "partnership_id"),
        "customer_id": await first(reseller.admin, "relationships", "/v1/customers", "customer_id"),
        "invitation_id": await first(reseller.admin, "relationships", "/v1/invitations", "invitation_id"),
    }
    draft = {"enrollment_id": NEWCOMER.enrollment_id}
    of_provider = {"partnership_id": await first(provider, "relationships", "/v1/resellers", "partnership_id")}
    registry = {"enrollment_id": reseller.enrollment_id, "partner_id": reseller.partner_id}
    return [
        Visitor(new, "reseller", await permissions(new), draft),
        Visitor(reseller.admin, "reseller", await permissions(reseller.admin), of_reseller),
        Visitor(provider, "provider", await permissions(provider), of_provider),
        Visitor(customer, "customer", await permissions(customer), {"partner_id": reseller.partner_id}),
        Visitor(on.operator, "operator", await permissions(on.operator), registry),
    ]


def page_routes(tmp_path_factory: pytest.TempPathFactory) -> list[PageRoute]:
    """What a person opens: pages, not files."""
    built = build_applications(tmp_path_factory.mktemp("keys"))
    routes = [route for app in built.values() for route in app.routes if isinstance(route, PageRoute)]
    shown = [route for route in routes if "GET" in (route.methods or ()) and route.path not in NOT_OPENED]
    return [route for route in shown if not route.path.endswith(NO_PAGES)]


@pytest.mark.timeout(1200)
async def test_no_page_breaks_a_rule_of_accessibility(
    on: Stage, window: Window, tmp_path_factory: pytest.TempPathFactory
) -> None:
    left, wrong, host = page_routes(tmp_path_factory), list[str](), on.stack.public_url("identity")
    for visitor in await visitors(on):
        mine = [route for route in left if visitor.may(route)]
        left = [route for route in left if route not in mine]
        await window.open(f"{host}/open?again=true&lang=de&to=%2Fhome%3Flang%3Dde")
        await window.type(email=visitor.who.email, password=visitor.who.password)
        await window.click("main button")
        await window.see("Was als Nächstes zu tun ist")
        for route in mine:
            path = route.path.format_map(visitor.things)
            await window.open(f"{host}{path}")
            status = await window.do(lambda driver: driver.execute_script(STATUS))
            wrong += [f"{path}: {status} for {visitor.who.name}"] if status != HTTPStatus.OK else []
            for width, scheme in LOOKS:
                await window.do(resize, width, scheme)
                found = await window.do(violations)
                wrong += [f"{path} ({width}, {scheme}): {one}" for one in found]
    assert not left, f"nobody opened {sorted(route.path for route in left)}"
    assert not wrong, "\n".join(wrong)


async def test_the_rules_find_what_is_wrong_with_a_page(window: Window) -> None:
    await window.open(f"data:text/html,{FAULTY}")
    found = {one.partition(":")[0] for one in await window.do(violations)}
    assert {"image-alt", "color-contrast"} <= found
