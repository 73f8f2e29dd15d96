"""The partner id: sign in to the membership account, choose a profile, postpone it, or join with it.

The access code comes with each form and is kept nowhere: the page that offers the profiles sends it along again.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import Response

from chassis.http.pages import ApiProblemError, Portal, PortalPage, Visit, done
from enrollment.pages.portal.inputs import Input, names, shown, typed
from enrollment.pages.portal.wizard import (
    PARTNERS,
    PATH,
    SUBMIT,
    SUPPORT,
    enrollment_of,
    next_page,
    page_of,
    step_rows,
)
from enrollment.pages.portal.words import WORDS

NOT_SIGNED_IN = "membership-sign-in-failed"
ENROLLED = "enrolled"
ACCOUNT = (
    Input("membership_account", "email", attributes={"maxlength": 254, "autocomplete": "off"}),
    Input("access_code", "password", attributes={"maxlength": 200, "autocomplete": "off"}),
)
NUMBER = Input("partner_id", attributes={"maxlength": 12, "inputmode": "numeric", "autocomplete": "off"})


def add_partner_id(portal: Portal) -> None:
    _add_sign_in(portal, AccountPages())
    _add_join(portal)


class AccountPages:
    """Sign-in to the membership account, the choice of a profile, and the support contact of a company of the program."""

    def __init__(self) -> None:
        self._sign_in = PortalPage("enrollment", "portal/partner_id")
        self._choice = PortalPage("enrollment", "portal/profiles")
        self._join = PortalPage("enrollment", "portal/join")

    async def sign_in(self, visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        draft = enrollment["status"] == "draft"
        return self._sign_in.answer(
            visit,
            inputs=shown(ACCOUNT, visit, self._sign_in.texts[visit.language]),
            enrollment=enrollment,
            rows=step_rows(enrollment, visit.language) if draft else [],
            may_postpone=draft and not enrollment["partner_id"] and not enrollment["partner_id_postponed"],
            back=page_of(enrollment),
            fields=names(ACCOUNT),
        )

    async def offer(self, visit: Visit) -> Response:
        """The profiles to choose from. Raises ApiProblemError for a wrong account or code."""
        enrollment, profiles = await enrollment_of(visit), await _profiles(visit)
        words, alone = WORDS[visit.language], len(profiles) == 1
        return self._choice.answer(
            visit,
            account=typed(ACCOUNT, visit),
            profiles=[(one["partner_id"], _said(one, words)) for one in profiles],
            chosen=visit.value("partner_id", enrollment["partner_id"] or (profiles[0]["partner_id"] if alone else "")),
            path=f"{page_of(enrollment)}/partner-id",
            fields={"partner_id"},
        )

    async def join(self, visit: Visit, account: Mapping[str, str]) -> Response:
        """The profile is in the program already: only the support contact is asked."""
        enrollment = await enrollment_of(visit)
        inputs = shown(SUPPORT, visit, self._join.texts[visit.language], enrollment["support_contact"])
        return self._join.answer(visit, hidden=account, inputs=inputs, back=page_of(enrollment))

    async def choose(self, visit: Visit) -> Response:
        enrollment, wanted = await enrollment_of(visit), typed((*ACCOUNT, NUMBER), visit)
        states = {one["partner_id"]: one["program_state"] for one in await _profiles(visit)}
        if enrollment["status"] == "draft" and states.get(wanted["partner_id"]) == ENROLLED:
            return await self.join(visit, wanted)
        api = f"/v1/enrollments/{enrollment['enrollment_id']}/partner-id"
        saved = await visit.api.send("PUT", api, wanted, key=visit.key)
        return done(next_page(saved), "saved") if saved["status"] == "draft" else done(page_of(saved), "linked")


def _add_sign_in(portal: Portal, pages: AccountPages) -> None:
    path = f"{PATH}/{{enrollment_id}}/partner-id"

    @portal.page(path, needs=SUBMIT, kinds=PARTNERS)
    async def show_sign_in(visit: Visit) -> Response:
        return await pages.sign_in(visit)

    async def refused(visit: Visit) -> Response:
        """A refused choice shows the profiles again, unless the account itself is refused."""
        try:
            return await (pages.offer(visit) if visit.value("do") == "choose" else pages.sign_in(visit))
        except ApiProblemError:
            return await pages.sign_in(visit)

    @portal.form(path, needs=SUBMIT, kinds=PARTNERS, again=refused)
    async def take(visit: Visit) -> Response:
        try:
            return await (pages.choose(visit) if visit.value("do") == "choose" else pages.offer(visit))
        except ApiProblemError as problem:
            if problem.code != NOT_SIGNED_IN:
                raise
            return await pages.sign_in(replace(visit, problem=problem))

    @portal.form(f"{PATH}/{{enrollment_id}}/postpone", needs=SUBMIT, kinds=PARTNERS, again=show_sign_in)
    async def postpone(visit: Visit) -> Response:
        api = f"/v1/enrollments/{visit.path('enrollment_id')}/partner-id/postpone"
        saved = await visit.api.send("POST", api, key=visit.key)
        return done(next_page(saved), "postponed")


async def _profiles(visit: Visit) -> list[dict[str, Any]]:
    """Of the membership account. Changes nothing."""
    found = await visit.api.send("POST", "/v1/partner-profiles/lookup", typed(ACCOUNT, visit))
    profiles: list[dict[str, Any]] = found["items"]
    return profiles


def _add_join(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/join")
    path = f"{PATH}/{{enrollment_id}}/join"
    account = (*ACCOUNT, NUMBER)

    @portal.page(path, needs=SUBMIT, kinds=PARTNERS)
    async def show_join(visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        texts = page.texts[visit.language]
        asked = shown(account, visit, texts, enrollment) + shown(SUPPORT, visit, texts, enrollment["support_contact"])
        return page.answer(
            visit, hidden={}, inputs=asked, back=page_of(enrollment), fields={*names(account), *names(SUPPORT)}
        )

    @portal.form(path, needs=SUBMIT, kinds=PARTNERS, again=show_join)
    async def take_join(visit: Visit) -> Response:
        wanted = {**typed(account, visit), "support_contact": typed(SUPPORT, visit)}
        api = f"/v1/enrollments/{visit.path('enrollment_id')}/join"
        try:
            await visit.api.send("POST", api, wanted, key=visit.key)
        except ApiProblemError as problem:
            if problem.code != NOT_SIGNED_IN:
                # The API names the part of the body; the page has one form.
                problem.errors = {name.removeprefix("support_contact."): said for name, said in problem.errors.items()}
                raise
            return await show_join(replace(visit, problem=problem))
        return done(f"{PATH}/{visit.path('enrollment_id')}", "joined")


def _said(profile: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    state = words["profile_states"][profile["status"]]
    known = f", {words['in_program']}" if profile["program_state"] == ENROLLED else ""
    kind = words["profile_kinds"][profile["kind"]]
    return f"{profile['partner_id']}: {profile['company_name']}, {profile['country']}, {kind}, {state}{known}"
