"""The reviewers' file of one enrollment: facts, checks, documents, notes and history, and every action on it."""

from collections.abc import Mapping
from typing import Any, get_args

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit, done
from enrollment.pages.portal.actions import REVIEW, STAFF_ACTIONS, add_action, offered
from enrollment.pages.portal.documents import file_path
from enrollment.pages.portal.overview import timeline_rows
from enrollment.pages.portal.reviews import PATH, STAFF
from enrollment.pages.portal.steps import add_step
from enrollment.pages.portal.wizard import STEPS, UNDECIDED, enrollment_of
from enrollment.pages.portal.words import WORDS, address_lines, facts
from kontor_contracts.enrollment import DocumentKind, ReviewStep

CASE = f"{PATH}/{{enrollment_id}}"


def add_cases(portal: Portal) -> None:
    for action in STAFF_ACTIONS:
        add_action(portal, action, PATH, STAFF)
    for step in STEPS:
        if step.inputs:
            add_step(portal, step, PATH, REVIEW, STAFF)
    _add_documents(portal)
    _add_case(portal)


def _add_case(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/case")

    @portal.page(CASE, needs=REVIEW, kinds=STAFF)
    async def show_case(visit: Visit) -> Response:
        id, language = visit.path("enrollment_id"), visit.language
        file = await visit.api.get(f"/v1/reviews/{id}")
        enrollment = file["enrollment"]
        documents = await visit.api.get(f"/v1/enrollments/{id}/documents")
        timeline = await visit.api.get(f"/v1/enrollments/{id}/timeline")
        return page.answer(
            visit,
            title=enrollment["company_name"] or enrollment["organization_id"],
            file=file,
            enrollment=enrollment,
            words=WORDS[language],
            facts=facts(enrollment, language),
            proposed=address_lines((enrollment["legal_change"] or {}).get("address")),
            next=timeline,
            steps=timeline_rows(timeline, language),
            documents=documents["documents"],
            signatures=(await visit.api.get(f"/v1/enrollments/{id}/agreement"))["signatures"],
            offered=_offered(visit, file),
            base=f"{PATH}/{id}",
            you=visit.principal.user_id,
        )

    @portal.page(f"{CASE}/agreement.txt", needs=REVIEW, kinds=STAFF)
    async def download_agreement(visit: Visit) -> Response:
        query = {"version": visit.asked("version")} if visit.asked("version") else {}
        return visit.api.passed_on(f"/v1/enrollments/{visit.path('enrollment_id')}/agreement.txt", query)


def _offered(visit: Visit, file: Mapping[str, Any]) -> list[str]:
    """The pages below the case's, in their order: actions and corrections."""
    enrollment = {**file["enrollment"], "file": file}
    found = offered(STAFF_ACTIONS, visit, enrollment)
    if enrollment["status"] in {"in-review", "action-required"}:
        found.append("documents")
    corrected = [step.name for step in STEPS if step.inputs] if enrollment["status"] in UNDECIDED else []
    return [*found, *(corrected or ["support-contact"])]


def _add_documents(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/ask_documents")

    @portal.page(f"{CASE}/documents", needs=REVIEW, kinds=STAFF)
    async def show_form(visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        words = WORDS[visit.language]
        return page.answer(
            visit,
            enrollment=enrollment,
            kinds=[(kind, words["documents"][kind], visit.value(f"note-{kind}")) for kind in get_args(DocumentKind)],
            chosen=visit.values("kind"),
            steps=[(step, words["review_steps"][step]) for step in get_args(ReviewStep)],
            step=visit.value("step"),
            back=f"{PATH}/{enrollment['enrollment_id']}",
            fields={"step", "explanation"},
        )

    @portal.form(f"{CASE}/documents", needs=REVIEW, kinds=STAFF, again=show_form)
    async def ask(visit: Visit) -> Response:
        documents = [{"kind": kind, "note": visit.value(f"note-{kind}") or None} for kind in visit.values("kind")]
        wanted = {
            "step": visit.value("step"),
            "documents": documents,
            "explanation": visit.value("explanation").replace("\r\n", "\n") or None,
        }
        await visit.api.send("POST", f"/v1/reviews/{visit.path('enrollment_id')}/documents", wanted, key=visit.key)
        return done(f"{PATH}/{visit.path('enrollment_id')}", "documents")

    @portal.page(f"{CASE}/documents/{{document_id}}/files/{{file_id}}", needs=REVIEW, kinds=STAFF)
    async def download(visit: Visit) -> Response:
        return visit.api.passed_on(file_path(visit), {})
