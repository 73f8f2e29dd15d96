"""One enrollment: where it stands, what happens next and who acts, the mails about it, and what can be done."""

from collections.abc import Mapping
from typing import Any

from fastapi import Response

from chassis import Language
from chassis.http.pages import Cookies, Portal, PortalPage, Visit, own_path
from enrollment.pages.portal.actions import COMPANY_ACTIONS, offered
from enrollment.pages.portal.welcome import BACK_COOKIE
from enrollment.pages.portal.wizard import (
    CLOSED,
    PARTNERS,
    PATH,
    READ,
    SIGN,
    enrollment_of,
    next_page,
    page_of,
    step_rows,
)
from enrollment.pages.portal.words import WORDS, facts, word

PAGES = {
    "join-program": "join",
    "upload-documents": "documents",
    "sign-agreement": "agreement",
    "accept-agreement": "agreement",
    "link-partner-id": "partner-id",
    "ask-contact-again": "resend",
    "confirm-by-mail": "resend",
    "correct-contact": "primary-contact",
    "appeal": "appeal",
    "settle-legal-change": "legal-change",
    "confirm-reauthorization": "reauthorization",
}
"""By the next action of the timeline: the page below the enrollment's where the company carries it out."""
NEEDS = {"agreement": SIGN, "reauthorization": SIGN}
PARTNER = ("active", "suspended")


def add_overview(portal: Portal, cookies: Cookies) -> None:
    page = PortalPage("enrollment", "portal/overview")

    @portal.page(f"{PATH}/{{enrollment_id}}", needs=READ, kinds=PARTNERS)
    async def show_overview(visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        timeline = await visit.api.get(f"/v1/enrollments/{enrollment['enrollment_id']}/timeline")
        language, status = visit.language, enrollment["status"]
        draft = status == "draft"
        return page.answer(
            visit,
            title=word(language, "titles", status),
            enrollment=enrollment,
            next=timeline,
            words=WORDS[language],
            todo=_todo(visit, enrollment, timeline),
            wizard=step_rows(enrollment, language) if draft and visit.may("enrollment:submit") else [],
            steps=timeline_rows(timeline, language),
            facts=facts(enrollment, language),
            mails=timeline["mails"],
            ways=_ways(visit, enrollment),
            reason=_reason(enrollment, language),
            invitation=_invitation(visit, cookies),
            partner=status in PARTNER,
            closed=status in CLOSED,
        )


def timeline_rows(timeline: Mapping[str, Any], language: Language) -> list[tuple[str, str, str, str, Any]]:
    """The steps as the timeline has them, for `ui.steps`; the note is a moment."""
    return [
        (
            step["state"],
            word(language, "step_states", step["state"]),
            word(language, "timeline", step["name"]),
            "",
            step["since"],
        )
        for step in timeline["steps"]
    ]


def _todo(visit: Visit, enrollment: Mapping[str, Any], timeline: Mapping[str, Any]) -> tuple[str, str] | None:
    """Address and text of the button for what the company can do next."""
    action = timeline["next_action"]
    if action == "complete-and-submit":
        found = next_page(enrollment)
    elif action == "start-again":
        found = f"{PATH}/welcome?copy={enrollment['enrollment_id']}"
    elif action in PAGES:
        found = f"{page_of(enrollment)}/{PAGES[action]}"
    else:
        return None
    if not visit.may(NEEDS.get(PAGES.get(action, ""), "enrollment:submit")):
        return f"/access?permission={NEEDS.get(PAGES.get(action, ''), 'enrollment:submit')}", WORDS[visit.language][
            "ask"
        ]
    return found, word(visit.language, "do", action)


def _ways(visit: Visit, enrollment: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The other things that can be done: address and text."""
    status, base, words = enrollment["status"], page_of(enrollment), WORDS[visit.language]["ways"]
    found = []
    if visit.may("enrollment:submit"):
        if status in {"contact-pending", "in-review", "action-required"}:
            found += ["profile", "primary-contact", "support-contact"]
        elif status in {"qualified", *PARTNER}:
            found += ["support-contact"]
        if status in {"action-required", "in-review"}:
            found += ["documents"]
        if status in PARTNER:
            found += ["legal-change"]
    if status in PARTNER and visit.may(SIGN):
        found += ["contact-change"]
    if enrollment["agreement_version"] or status == "qualified":
        found += ["agreement"]
    if status in PARTNER and enrollment["reauthorization"] and visit.may(SIGN):
        found += ["reauthorization"]
    found += offered(COMPANY_ACTIONS, visit, enrollment)
    return [(f"{base}/{name}", words[name]) for name in found]


def _reason(enrollment: Mapping[str, Any], language: Language) -> str:
    """Why the enrollment has the status that it has, where there is a reason."""
    return word(language, "reasons", enrollment["history"][-1]["reason"])


def _invitation(visit: Visit, cookies: Cookies) -> str:
    """The invitation that the company came from."""
    kept = own_path(cookies.get(visit.request, BACK_COOKIE))
    return kept if kept.startswith("/invitations/") else ""
