"""The forms of an enrollment's information: legal profile, primary contact, support contact.

A draft goes through them as the steps of a wizard; later they correct what is wrong, for the company and for the staff.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit, done
from enrollment.pages.portal.inputs import Input, at, names, shown, typed
from enrollment.pages.portal.welcome import checklist_of
from enrollment.pages.portal.wizard import (
    PARTNERS,
    PATH,
    STEPS,
    SUBMIT,
    Step,
    enrollment_of,
    next_page,
    profile_inputs,
    step_rows,
)
from enrollment.pages.portal.words import WORDS, facts

CHANGED = "changed-meanwhile"


def add_steps(portal: Portal) -> None:
    for step in STEPS:
        if step.inputs:
            add_step(portal, step, PATH, SUBMIT, PARTNERS, on=next_page)


def add_step(
    portal: Portal,
    step: Step,
    path: str,
    needs: str,
    kinds: tuple[str, ...],
    *,
    on: Callable[[Mapping[str, Any]], str] | None = None,
) -> None:
    """``on``: where a draft goes on after the step; None: there is no wizard."""
    page = PortalPage("enrollment", "portal/step")
    address = f"{path}/{{enrollment_id}}/{step.name}"

    @portal.page(address, needs=needs, kinds=kinds)
    async def show_step(visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        inputs = await inputs_of(visit, step, enrollment)
        texts = page.texts[visit.language]
        # A new contact reads the language of the person who names it, until they choose another.
        stored = (at(enrollment, step.part) or {"culture": visit.language}) if step.part else enrollment
        changed = visit.problem is not None and visit.problem.code == CHANGED
        words = {**texts, **texts["steps"][step.name], "languages": WORDS[visit.language]["languages"]}
        draft = enrollment["status"] == "draft" and on is not None
        return page.answer(
            visit,
            title=words["title"],
            text=words,
            inputs=shown(inputs, visit, words, stored),
            # Saved again, the form overwrites what somebody else has saved: only after the page has said so.
            revision=enrollment["revision"] if changed else visit.value("revision", str(enrollment["revision"])),
            stored=facts(enrollment, visit.language) if changed else [],
            rows=step_rows(enrollment, visit.language) if draft else [],
            back=f"{path}/{enrollment['enrollment_id']}",
            draft=draft,
            fields=names(inputs),
        )

    @portal.form(address, needs=needs, kinds=kinds, again=show_step)
    async def save_step(visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        body = typed(await inputs_of(visit, step, enrollment), visit)
        api = f"/v1/enrollments/{visit.path('enrollment_id')}/{step.name}"
        saved = await visit.api.send("PUT", api, body, key=visit.key, revision=visit.value("revision"))
        if on is not None and saved["status"] == "draft":
            return done(on(saved), "saved")
        return done(f"{path}/{visit.path('enrollment_id')}", "corrected")


async def inputs_of(visit: Visit, step: Step, enrollment: Mapping[str, Any]) -> tuple[Input, ...]:
    """The step's inputs, as the enrollment's country asks for them."""
    if step.name != "profile":
        return step.inputs
    kind = enrollment["program"].removeprefix("indirect-")
    checklist = await checklist_of(visit, enrollment["country"], kind)
    if checklist is None:
        return step.inputs
    needed = any(one["item"] == "registration_id" and one["required"] for one in checklist["items"])
    return profile_inputs(checklist["formats"], registration_needed=needed)
