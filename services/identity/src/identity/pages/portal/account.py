"""The own account: profile, address, password, second factor, sessions."""

from fastapi import Response
from fastapi.responses import RedirectResponse

from chassis.http.pages import Portal, PortalPage, Visit, done
from identity.pages.portal.words import WORDS, cultures, role_names
from kontor_contracts.portal import SECURITY_PATH, open_address

FACTOR = f"{SECURITY_PATH}/second-factor"


def add_account(portal: Portal) -> None:
    _add_profile(portal)
    _add_security(portal)
    _add_second_factor(portal)


def _add_profile(portal: Portal) -> None:
    page = PortalPage("identity", "portal/profile")

    @portal.page("/profile")
    async def show_profile(visit: Visit) -> Response:
        me = await visit.api.get("/v1/me")
        roles, words = role_names(me["roles"], visit.language), WORDS[visit.language]
        return page.answer(visit, me=me, cultures=cultures(me["culture"]), roles=roles, words=words)

    @portal.form("/profile", again=show_profile)
    async def change_profile(visit: Visit) -> Response:
        wanted = {"full_name": visit.value("full_name"), "culture": visit.value("culture")}
        await visit.api.send("PUT", "/v1/me/profile", wanted, key=visit.key)
        return done("/profile", "changed")

    @portal.form("/profile/address", again=show_profile)
    async def change_address(visit: Visit) -> Response:
        wanted = {"email": visit.value("email"), "current_password": visit.secret("current_password")}
        await visit.api.send("POST", "/v1/me/address", wanted)
        return done("/profile", "address")


def _add_security(portal: Portal) -> None:
    page = PortalPage("identity", "portal/security")

    @portal.page(SECURITY_PATH)
    async def show_security(visit: Visit) -> Response:
        factor = await visit.api.get("/v1/me/second-factor")
        sessions = await visit.api.get("/v1/me/sessions")
        return page.answer(visit, factor=factor, sessions=sessions["items"])

    @portal.form(f"{SECURITY_PATH}/password", again=show_security)
    async def change_password(visit: Visit) -> Response:
        """Ends all sessions, this one too: the new password signs in again."""
        wanted = {"current_password": visit.secret("current_password"), "new_password": visit.secret("new_password")}
        await visit.api.send("PUT", "/v1/me/password", wanted)
        return RedirectResponse(
            open_address(f"{SECURITY_PATH}?done=password"), 303, headers={"cache-control": "no-store"}
        )

    @portal.form(f"{SECURITY_PATH}/sessions/{{session_id}}/end", again=show_security)
    async def end_session(visit: Visit) -> Response:
        await visit.api.send("DELETE", f"/v1/me/sessions/{visit.path('session_id')}")
        return done(SECURITY_PATH, "session")

    @portal.form(f"{SECURITY_PATH}/sessions/end-others", again=show_security)
    async def end_other_sessions(visit: Visit) -> Response:
        await visit.api.send("DELETE", "/v1/me/sessions")
        return done(SECURITY_PATH, "others")


def _add_second_factor(portal: Portal) -> None:
    page, codes = PortalPage("identity", "portal/second_factor"), PortalPage("identity", "portal/recovery_codes")

    @portal.page(FACTOR)
    async def show_factor(visit: Visit) -> Response:
        return page.answer(visit, factor=await visit.api.get("/v1/me/second-factor"), begun=None)

    @portal.form(FACTOR, again=show_factor)
    async def begin(visit: Visit) -> Response:
        wanted = {"current_password": visit.secret("current_password")}
        begun = await visit.api.send("POST", "/v1/me/second-factor", wanted)
        return page.answer(visit, factor={"state": "pending"}, begun=begun)

    @portal.form(f"{FACTOR}/confirm", again=show_factor)
    async def confirm(visit: Visit) -> Response:
        found = await visit.api.send("POST", "/v1/me/second-factor/confirm", {"code": _code(visit)})
        return codes.answer(visit, codes=found["recovery_codes"])

    @portal.form(f"{FACTOR}/recovery-codes", again=show_factor)
    async def renew_codes(visit: Visit) -> Response:
        found = await visit.api.send("POST", "/v1/me/second-factor/recovery-codes", {"code": _code(visit)})
        return codes.answer(visit, codes=found["recovery_codes"])

    @portal.form(f"{FACTOR}/off", again=show_factor)
    async def turn_off(visit: Visit) -> Response:
        await visit.api.send("POST", "/v1/me/second-factor/off", {"code": _code(visit)})
        return done(SECURITY_PATH, "off")


def _code(visit: Visit) -> str:
    """Apps show the code in groups; people copy the spaces."""
    return visit.value("code").replace(" ", "")
