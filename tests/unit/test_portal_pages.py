"""All pages of the portal: their permissions exist, the navigation leads to them, and texts are complete."""

from collections.abc import Iterator, Mapping
from typing import get_args

import pytest
from fastapi import FastAPI
from harness.applications import build_applications

from chassis.http.pages import PageRoute
from identity.domain.roles import ROLES
from identity.domain.user.state import Status
from identity.pages.portal.user import ACTIONS, OFFERED
from identity.pages.portal.words import WORDS
from kontor_contracts.portal import NAVIGATION
from kontor_contracts.values import OrganizationKind

PERMISSIONS = {permission for role in ROLES.values() for permission in role.permissions}


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, FastAPI]:
    return build_applications(tmp_path_factory.mktemp("keys"))


def pages(applications: Mapping[str, FastAPI]) -> Iterator[PageRoute]:
    for app in applications.values():
        yield from (route for route in app.routes if isinstance(route, PageRoute))


def test_every_page_asks_for_permissions_that_a_role_gives(applications: Mapping[str, FastAPI]) -> None:
    found = list(pages(applications))
    assert len(found) > 20
    assert {need for page in found for need in page.door.needs} <= PERMISSIONS
    assert {kind for page in found for kind in page.door.kinds} <= set(get_args(OrganizationKind))


def test_the_navigation_leads_to_pages_and_offers_them_to_who_may_enter(applications: Mapping[str, FastAPI]) -> None:
    shown = {page.path: page.door for page in pages(applications) if "GET" in (page.methods or ())}
    for entry in NAVIGATION:
        assert entry.path in shown, f"no service has the page {entry.path}"
        assert (entry.needs, entry.kinds) == (shown[entry.path].needs, shown[entry.path].kinds), entry.path


def test_every_address_leads_to_its_own_page(applications: Mapping[str, FastAPI]) -> None:
    """Routes are tried in order: a page of one thing must not take the address of a page beside it."""
    found = list(pages(applications))
    for page in (one for one in found if "{" not in one.path):
        first = next(one for one in found if one.methods == page.methods and one.path_regex.match(page.path))
        assert first is page, f"{page.path} shows {first.path}"


def test_no_page_has_the_address_of_two_services(applications: Mapping[str, FastAPI]) -> None:
    first = [
        {page.path.split("/")[1] for page in app.routes if isinstance(page, PageRoute)} for app in applications.values()
    ]
    assert sum(map(len, first)) == len(set().union(*first))


def test_every_role_status_and_kind_has_a_name_in_both_languages() -> None:
    for words in WORDS.values():
        assert words["roles"].keys() == ROLES.keys()
        assert all(len(role) == 2 for role in words["roles"].values())
        assert set(get_args(Status)) - {"absent"} <= words["statuses"].keys()
        assert set(get_args(OrganizationKind)) <= words["kinds"].keys()


def test_what_a_status_offers_is_an_action() -> None:
    assert {name for names in OFFERED.values() for name in names} == ACTIONS.keys()
