"""The shell of the portal: who gets in, what a form must bring, and what the cookie opens."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import FastAPI, Header, Request
from harness.portal import FORM_SECRET, PortalTokens, form_of, sending, signed_in
from pydantic import Field

from chassis import Caller, Form, Once, Principal, require
from chassis.http.pages import Portal, PortalPage, Visit, done, own_path
from chassis.http.problems import HANDLERS, ProblemError
from kontor_contracts.portal import NAVIGATION, entries_for

PAGE = "chassis.http"
ORIGIN = "http://portal.example"


class Wish(Form):
    name: Annotated[str, Field(min_length=3)]


@pytest.fixture
def tokens() -> PortalTokens:
    return PortalTokens()


@pytest.fixture
async def client(tokens: PortalTokens) -> AsyncIterator[httpx2.AsyncClient]:
    settings: Any = SimpleNamespace(SERVICE="identity", public_url=ORIGIN, now=lambda: datetime.now(UTC))
    app = FastAPI()
    app.state.settings, app.state.authenticator = settings, tokens
    for error, handler in HANDLERS.items():
        app.add_exception_handler(error, handler)
    portal = Portal(settings, tokens)  # type: ignore[arg-type]
    _add_pages(portal)
    app.router.routes.extend(portal.router.routes)

    @app.middleware("http")
    async def correlate(request: Request, call_next: Any) -> Any:
        request.state.correlation_id = "c"
        return await call_next(request)

    @app.get("/v1/wishes")
    async def list_wishes(caller: Caller) -> dict[str, str]:
        return {"of": caller.user_id}

    @app.post("/v1/wishes")
    async def add_wish(body: Wish, once: Once, caller: Annotated[Principal, require("wishes:write")]) -> dict[str, str]:
        tokens.made.append((caller.user_id, body.name, once.scope(caller)))
        return {}

    @app.put("/v1/wishes/one")
    async def change_wish(caller: Caller, if_match: Annotated[str, Header()] = "") -> dict[str, str]:
        if if_match != '"7"':
            raise ProblemError(412, "changed-meanwhile", f"{caller.name} read {if_match}", field="note")
        return {}

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=ORIGIN) as client:
        yield client


def _add_pages(portal: Portal) -> None:
    page = PortalPage(PAGE, "refused")

    def text(visit: Visit) -> dict[str, Any]:
        return {"text": page.texts[visit.language]["problem"], "back": "/", "detail": visit.asked("done"), "other": ""}

    @portal.page("/wishes")
    async def show(visit: Visit) -> Any:
        found = await visit.api.get("/v1/wishes")
        return page.answer(visit, title=f"Wishes of {found['of']}", **text(visit))

    @portal.form("/wishes", again=show, needs="wishes:write")
    async def take(visit: Visit) -> Any:
        await visit.api.send("POST", "/v1/wishes", {"name": visit.value("name")}, key=visit.key)
        return done("/wishes", "added")

    @portal.page("/wishes/one")
    async def show_one(visit: Visit) -> Any:
        return page.answer(visit, title="One wish", fields={"name"}, **text(visit))

    @portal.form("/wishes/one", again=show_one)
    async def change_one(visit: Visit) -> Any:
        await visit.api.send("PUT", "/v1/wishes/one", {}, revision=visit.value("revision"))
        return done("/wishes", "changed")

    @portal.page("/staff", needs="staff:read")
    async def staff(visit: Visit) -> Any:
        return page.answer(visit, title="Staff", **text(visit))

    @portal.page("/customers-only", kinds=("customer",))
    async def customers_only(visit: Visit) -> Any:
        return page.answer(visit, title="Customers", **text(visit))


async def test_a_visitor_who_is_not_signed_in_is_led_through_the_sign_in(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/wishes?q=a&sort=-b")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/open?to=%2Fwishes%3Fq%3Da%26sort%3D-b"


async def test_a_page_asks_the_api_as_the_person_in_the_cookie(
    client: httpx2.AsyncClient, tokens: PortalTokens
) -> None:
    answer = await client.get("/wishes", headers=sending(signed_in(tokens.new("anna"))))
    assert answer.status_code == 200 and "Wishes of anna" in answer.text


async def test_the_cookie_opens_no_endpoint_of_the_api(client: httpx2.AsyncClient, tokens: PortalTokens) -> None:
    cookies = signed_in(tokens.new("anna", "wishes:write"))
    assert (await client.get("/v1/wishes", headers=sending(cookies))).status_code == 401
    key = {"idempotency-key": "k"}
    assert (await client.post("/v1/wishes", json={"name": "a boat"}, headers=sending(cookies) | key)).status_code == 401
    assert tokens.made == []


async def test_a_page_has_the_headers_against_framing_and_sniffing(
    client: httpx2.AsyncClient, tokens: PortalTokens
) -> None:
    headers = (await client.get("/wishes", headers=sending(signed_in(tokens.new("anna"))))).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "script" not in policy
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert headers["referrer-policy"] == "same-origin"


async def test_a_person_without_the_permission_is_told_whom_to_ask(
    client: httpx2.AsyncClient, tokens: PortalTokens
) -> None:
    answer = await client.get("/staff", headers=sending(signed_in(tokens.new("anna", "wishes:write"))))
    assert answer.status_code == 403 and 'href="/access?permission=staff%3Aread"' in answer.text
    assert (await client.get("/staff", headers=sending(signed_in(tokens.new("olga", "staff:read"))))).status_code == 200


async def test_a_page_of_another_kind_of_organization_is_closed(
    client: httpx2.AsyncClient, tokens: PortalTokens
) -> None:
    assert (await client.get("/customers-only", headers=sending(signed_in(tokens.new("anna"))))).status_code == 403


async def test_a_permission_that_is_withheld_asks_for_the_second_factor(
    client: httpx2.AsyncClient, tokens: PortalTokens
) -> None:
    answer = await client.get("/staff", headers=sending(signed_in(tokens.new("anna", withheld=("staff:read",)))))
    assert answer.status_code == 403 and "/open?to=%2Fstaff&amp;again=true" in answer.text
    assert 'href="/security"' in answer.text


async def test_a_form_sent_twice_has_one_key(client: httpx2.AsyncClient, tokens: PortalTokens) -> None:
    cookies = signed_in(tokens.new("anna", "wishes:write"))
    form = form_of((await client.get("/wishes", headers=sending(cookies))).text) | {"name": "a bicycle"}
    for _ in range(2):
        answer = await client.post("/wishes", data=form, headers=sending(cookies))
        assert (answer.status_code, answer.headers["location"]) == (303, "/wishes?done=added")
    assert {name for _, name, _ in tokens.made} == {"a bicycle"} and len({scope for *_, scope in tokens.made}) == 1


async def test_each_showing_of_a_form_has_a_key_of_its_own(client: httpx2.AsyncClient, tokens: PortalTokens) -> None:
    cookies = signed_in(tokens.new("anna"))
    shown = [form_of((await client.get("/wishes", headers=sending(cookies))).text) for _ in range(2)]
    assert shown[0]["idempotency_key"] != shown[1]["idempotency_key"]
    assert shown[0]["form_token"] == shown[1]["form_token"]


@pytest.mark.parametrize("token", ["", "x", "ä"])
async def test_a_form_without_our_token_changes_nothing(
    token: str, client: httpx2.AsyncClient, tokens: PortalTokens
) -> None:
    cookies = signed_in(tokens.new("anna", "wishes:write"))
    answer = await client.post("/wishes", data={"name": "a boat", "form_token": token}, headers=sending(cookies))
    assert answer.status_code == 403 and "Nothing was changed" in answer.text and tokens.made == []


async def test_a_form_of_another_session_changes_nothing(client: httpx2.AsyncClient, tokens: PortalTokens) -> None:
    """Also where the secret in the browser is the same: an attacker who planted it knows the token of one session at most."""
    planted = form_of(
        (await client.get("/wishes", headers=sending(signed_in(tokens.new("eve", session="other"))))).text
    )
    cookies = signed_in(tokens.new("anna", "wishes:write", session="own"))
    assert (
        await client.post("/wishes", data=planted | {"name": "a boat"}, headers=sending(cookies))
    ).status_code == 403
    without = {name: value for name, value in cookies.items() if value != FORM_SECRET}
    assert (
        await client.post("/wishes", data=planted | {"name": "a boat"}, headers=sending(without))
    ).status_code == 403
    assert tokens.made == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{ORIGIN}.evil.example"])
async def test_a_form_of_another_origin_changes_nothing(
    origin: str, client: httpx2.AsyncClient, tokens: PortalTokens
) -> None:
    cookies = signed_in(tokens.new("anna", "wishes:write"))
    form = form_of((await client.get("/wishes", headers=sending(cookies))).text) | {"name": "a boat"}
    answer = await client.post("/wishes", data=form, headers=sending(cookies) | {"origin": origin})
    assert answer.status_code == 403 and tokens.made == []
    own = await client.post("/wishes", data=form, headers=sending(cookies) | {"origin": ORIGIN})
    assert own.status_code == 303 and len(tokens.made) == 1


async def test_a_refused_form_is_shown_again_with_its_fault(client: httpx2.AsyncClient, tokens: PortalTokens) -> None:
    cookies = signed_in(tokens.new("anna", "wishes:write"))
    form = form_of((await client.get("/wishes", headers=sending(cookies))).text) | {"name": "x"}
    answer = await client.post("/wishes?lang=de", data=form, headers=sending(cookies))
    assert answer.status_code == 422 and '<html lang="de">' in answer.text and "<title>Fehler: " in answer.text
    assert tokens.made == []


async def test_a_form_sent_after_the_sign_in_is_over_is_not_sent_on(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/wishes", data={"name": "a boat"})
    assert answer.status_code == 401 and 'href="/open?to=%2Fwishes"' in answer.text


async def test_a_token_near_its_end_is_renewed_before_a_page_is_shown(
    client: httpx2.AsyncClient, tokens: PortalTokens
) -> None:
    old = signed_in(tokens.new("anna", "wishes:write", age=1500, lifetime=3000))
    assert (await client.get("/wishes", headers=sending(old))).status_code == 303
    # A form that was shown before is taken as long as the token holds.
    fresh = signed_in(tokens.new("anna", "wishes:write"))
    form = form_of((await client.get("/wishes", headers=sending(fresh))).text) | {"name": "a boat"}
    assert (await client.post("/wishes", data=form, headers=sending(old))).status_code == 303
    renewed = old | {"kontor_renewed": "1"}
    assert (await client.get("/wishes", headers=sending(renewed))).status_code == 200


async def test_a_token_that_does_not_hold_leads_round_in_no_circle(client: httpx2.AsyncClient) -> None:
    cookies = {"kontor_portal": "forged", "kontor_renewed": "3"}
    once = await client.get("/wishes", headers=sending(cookies | {"kontor_renewed": "2"}))
    assert once.status_code == 303
    answer = await client.get("/wishes", headers=sending(cookies))
    assert answer.status_code == 401 and "/open?to=%2Fwishes&amp;again=true" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\\b",
        "javascript:alert(1)",
        "/open?to=/open",
        "",
        "users",
        "/a\r\nset-cookie: a=b",
        "/ä",
        "/" + "a" * 3000,
    ],
)
def test_a_path_of_another_host_becomes_the_home_page(path: str) -> None:
    assert own_path(path) == "/home"


@pytest.mark.parametrize("path", ["/", "/users", "/users?q=a%20b&sort=-x", "/a//b"])
def test_a_path_of_the_own_host_is_kept(path: str) -> None:
    assert own_path(path) == path


async def test_the_language_of_a_page_stays_chosen(client: httpx2.AsyncClient, tokens: PortalTokens) -> None:
    cookies = signed_in(tokens.new("anna"))
    chosen = await client.get("/wishes?lang=de", headers=sending(cookies))
    assert '<html lang="de">' in chosen.text and chosen.cookies["kontor_language"] == "de"
    later = await client.get("/wishes", headers=sending(cookies | {"kontor_language": "de"}))
    assert '<html lang="de">' in later.text


def test_the_navigation_follows_permissions_and_kinds() -> None:
    nothing = [entry.path for entry in entries_for((), "reseller")]
    everything = {need for entry in NAVIGATION for need in entry.needs}
    assert nothing == [entry.path for entry in NAVIGATION if not entry.needs and not entry.kinds]
    assert len(list(entries_for(everything, "reseller"))) > len(nothing)


def test_the_navigation_names_each_page_once_in_both_languages() -> None:
    for names in ([e.path for e in NAVIGATION], [e.en for e in NAVIGATION], [e.de for e in NAVIGATION]):
        assert len(set(names)) == len(names) and all(names)


def test_the_navigation_needs_no_word_that_is_a_sentence() -> None:
    assert not [entry for entry in NAVIGATION if re.search(r"[.!?]", entry.en + entry.de)]


async def test_a_form_sends_the_revision_that_its_page_has_shown(
    client: httpx2.AsyncClient, tokens: PortalTokens
) -> None:
    cookies = sending(signed_in(tokens.new("anna")))
    fields = form_of((await client.get("/wishes/one", headers=cookies)).text)
    assert (await client.post("/wishes/one", data={**fields, "revision": "7"}, headers=cookies)).status_code == 303
    again = await client.post("/wishes/one", data={**fields, "revision": "6"}, headers=cookies)
    # What is wrong with a field that the page has not stands in the alert.
    assert again.status_code == 412 and "One wish" in again.text and "anna read &#34;6&#34;" in again.text
    assert 'role="alert"' in again.text


async def test_a_form_with_a_file_needs_its_token_as_every_form(
    client: httpx2.AsyncClient, tokens: PortalTokens
) -> None:
    cookies = sending(signed_in(tokens.new("anna")))
    fields = form_of((await client.get("/wishes/one", headers=cookies)).text) | {"revision": "7"}
    file = {"file": ("a.pdf", b"%PDF")}
    assert (await client.post("/wishes/one", data=fields, files=file, headers=cookies)).status_code == 303
    without = {name: value for name, value in fields.items() if name != "form_token"}
    assert (await client.post("/wishes/one", data=without, files=file, headers=cookies)).status_code == 403
