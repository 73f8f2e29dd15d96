"""What can be done to an enrollment, as data: each action has a page that says what will happen, and one request of the API.

An action of the API gets its page by a line here and its texts in `action.json`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Response

from chassis.http.pages import Portal, PortalPage, Visit, done
from enrollment.pages.portal.inputs import Input, at, names, shown, typed
from enrollment.pages.portal.wizard import CLOSED, CONTACT, PARTNERS, PATH, SIGN, SUBMIT, UNDECIDED, enrollment_of
from enrollment.pages.portal.words import WORDS

Enrollment = Mapping[str, Any]
REVIEW = "enrollment:review"
EXPLANATION = Input("explanation", "lines", required=False, attributes={"maxlength": 2000})


@dataclass(frozen=True, slots=True)
class Action:
    """``name``: the last part of the page's address. ``api``: with {id}. ``when``: whether the enrollment allows it.

    ``body``: what is sent beside the inputs; None: no body where there are no inputs.
    """

    name: str
    method: str
    api: str
    needs: str
    when: Callable[[Enrollment], bool]
    inputs: tuple[Input, ...] = ()
    body: Mapping[str, Any] | None = None
    kind: str = "primary"
    guarded: bool = False
    moments: tuple[str, ...] = field(default=())
    """Inputs that are days: the API gets the moment at which they begin."""
    part: str = ""
    """Of the enrollment, which the inputs begin with."""


def _in(*statuses: str) -> Callable[[Enrollment], bool]:
    return lambda enrollment: bool(enrollment["status"] in statuses)


def _changing(status: str) -> Callable[[Enrollment], bool]:
    def changing(enrollment: Enrollment) -> bool:
        change = enrollment["legal_change"]
        return change is not None and bool(change["status"] == status)

    return changing


def _contact_asked(enrollment: Enrollment) -> bool:
    change = enrollment["contact_change"]
    return change is not None and bool(change["status"] == "asked")


def _resendable(enrollment: Enrollment) -> bool:
    denied = enrollment["history"][-1]["by"] == "primary-contact"
    return enrollment["status"] in ({"contact-pending", "cancelled"} if denied else {"contact-pending"})


def _reviewed(fact: str, holds: bool) -> Callable[[Enrollment], bool]:
    """In review, and the reviewers' file says so. The case page gives the file along."""
    return lambda one: one["status"] in {"in-review", "action-required"} and bool(one["file"][fact]) is holds


def _of_company(enrollment: Enrollment) -> bool:
    return bool(enrollment["notice"]) and not enrollment["notice"]["staff"]


ONE = "/v1/enrollments/{id}"
FILE = "/v1/reviews/{id}"
PARTNER = ("active", "suspended")
WAITING = ("contact-pending", "in-review", "action-required", "qualified")

COMPANY_ACTIONS: tuple[Action, ...] = (
    Action("resend", "POST", f"{ONE}/contact-verification/resend", SUBMIT, _resendable),
    Action(
        "appeal",
        "POST",
        f"{ONE}/appeal",
        SUBMIT,
        lambda one: bool(one["appeal_until"]),
        (Input("statement", "lines", attributes={"maxlength": 2000}),),
    ),
    Action("withdraw", "POST", f"{ONE}/withdraw", SUBMIT, _in(*WAITING), body={}, kind="danger"),
    Action("delete", "DELETE", ONE, SUBMIT, _in("draft"), kind="danger", guarded=True),
    Action(
        "legal-change-withdraw",
        "POST",
        f"{ONE}/legal-change/withdraw",
        SUBMIT,
        lambda one: bool(one["legal_change"]),
        kind="danger",
    ),
    Action("contact-change-withdraw", "POST", f"{ONE}/contact-change/withdraw", SIGN, _contact_asked, kind="danger"),
    Action(
        "notice",
        "POST",
        f"{ONE}/notice",
        SIGN,
        lambda one: one["status"] in PARTNER and not one["notice"],
        body={},
        kind="danger",
    ),
    Action("notice-withdraw", "POST", f"{ONE}/notice/withdraw", SIGN, _of_company),
    Action("erase", "DELETE", ONE, SUBMIT, _in(*CLOSED), kind="danger"),
)


def _reason(words: str, *, required: bool = True) -> Input:
    return Input("reason", "select", required=required, words=words)


STAFF_ACTIONS: tuple[Action, ...] = (
    Action("claim", "POST", f"{FILE}/claim", REVIEW, _reviewed("claimed_by", False), body={"take_over": False}),
    Action("take-over", "POST", f"{FILE}/claim", REVIEW, _reviewed("claimed_by", True), body={"take_over": True}),
    Action("release", "POST", f"{FILE}/release", REVIEW, _reviewed("claimed_by", True)),
    Action(
        "note",
        "POST",
        f"{FILE}/notes",
        REVIEW,
        _in(*UNDECIDED),
        (Input("text", "lines", attributes={"maxlength": 1000}),),
    ),
    Action("high-risk", "POST", f"{FILE}/risk", REVIEW, _reviewed("high_risk", False), body={"high": True}),
    Action("usual-risk", "POST", f"{FILE}/risk", REVIEW, _reviewed("high_risk", True), body={"high": False}),
    Action(
        "approve",
        "POST",
        f"{ONE}/review",
        REVIEW,
        _in("in-review"),
        (Input("step", "select", required=False, words="review_steps"), EXPLANATION),
        {"decision": "approve"},
        guarded=True,
    ),
    Action(
        "reject",
        "POST",
        f"{ONE}/review",
        REVIEW,
        _in(*UNDECIDED),
        (_reason("rejections"), EXPLANATION),
        {"decision": "reject"},
        "danger",
        guarded=True,
    ),
    Action("documents-withdraw", "POST", f"{FILE}/documents/withdraw", REVIEW, _in("action-required")),
    Action("resend", "POST", f"{ONE}/contact-verification/resend", REVIEW, _resendable),
    Action("withdraw", "POST", f"{ONE}/withdraw", REVIEW, _in(*UNDECIDED), (EXPLANATION,), kind="danger"),
    Action(
        "accept-change",
        "POST",
        f"{ONE}/legal-change/review",
        REVIEW,
        _changing("in-review"),
        (EXPLANATION,),
        {"decision": "accept"},
    ),
    Action(
        "reject-change",
        "POST",
        f"{ONE}/legal-change/review",
        REVIEW,
        _changing("in-review"),
        (_reason("change_rejections"), EXPLANATION),
        {"decision": "reject"},
        "danger",
    ),
    Action(
        "legal-change-withdraw",
        "POST",
        f"{ONE}/legal-change/withdraw",
        REVIEW,
        lambda one: bool(one["legal_change"]),
        kind="danger",
    ),
    Action(
        "legal-name",
        "PUT",
        f"{ONE}/legal-name",
        REVIEW,
        _in(*PARTNER),
        (Input("name", attributes={"maxlength": 200}),),
    ),
    Action(
        "contact-correction",
        "PUT",
        f"{ONE}/contact-correction",
        REVIEW,
        _in(*PARTNER),
        CONTACT,
        part="primary_contact",
    ),
    Action("contact-change-withdraw", "POST", f"{ONE}/contact-change/withdraw", REVIEW, _contact_asked, kind="danger"),
    Action(
        "suspend",
        "POST",
        f"{ONE}/suspend",
        REVIEW,
        _in("active"),
        (_reason("suspensions"), EXPLANATION),
        kind="danger",
    ),
    Action("reinstate", "POST", f"{ONE}/reinstate", REVIEW, _in("suspended"), (_reason("reinstatements"), EXPLANATION)),
    Action(
        "move-reauthorization",
        "PUT",
        f"{ONE}/reauthorization",
        REVIEW,
        lambda one: bool(one["reauthorization"]),
        (Input("due_at", "date"), EXPLANATION),
        moments=("due_at",),
    ),
    Action(
        "agreement-date",
        "PUT",
        f"{ONE}/agreement/date",
        REVIEW,
        lambda one: bool(one["acceptance"]),
        (Input("accept_until", "date"), EXPLANATION),
        moments=("accept_until",),
    ),
    Action("end-wait", "POST", f"{ONE}/wait/end", REVIEW, lambda one: bool(one["wait_until"]), (EXPLANATION,)),
    Action(
        "notice",
        "POST",
        f"{ONE}/notice",
        REVIEW,
        lambda one: one["status"] in PARTNER and not one["notice"],
        (EXPLANATION,),
        kind="danger",
    ),
    Action(
        "end-at-once",
        "POST",
        f"{ONE}/notice",
        REVIEW,
        _in(*PARTNER),
        (Input("explanation", "lines", attributes={"maxlength": 2000}),),
        {"at_once": True},
        "danger",
    ),
    Action("notice-withdraw", "POST", f"{ONE}/notice/withdraw", REVIEW, lambda one: bool(one["notice"])),
    Action("erase", "DELETE", ONE, REVIEW, _in("draft", *CLOSED), kind="danger"),
)


def add_actions(portal: Portal) -> None:
    for action in COMPANY_ACTIONS:
        add_action(portal, action, PATH, PARTNERS)


def offered(actions: tuple[Action, ...], visit: Visit, enrollment: Enrollment) -> list[str]:
    return [one.name for one in actions if visit.may(one.needs) and one.when(enrollment)]


def add_action(portal: Portal, action: Action, path: str, kinds: tuple[str, ...]) -> None:
    page = PortalPage("enrollment", "portal/action")
    address = f"{path}/{{enrollment_id}}/{action.name}"

    @portal.page(address, needs=action.needs, kinds=kinds)
    async def show_action(visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        texts = page.texts[visit.language]
        text = texts["actions" if action.needs != REVIEW else "of_staff"][action.name]
        changed = visit.problem is not None and visit.problem.code == "changed-meanwhile"
        return page.answer(
            visit,
            title=text["title"],
            text=text,
            enrollment=enrollment,
            inputs=shown(
                action.inputs,
                visit,
                {**WORDS[visit.language], **texts, "labels": {**texts["labels"], **text.get("labels", {})}},
                at(enrollment, action.part) if action.part else None,
            ),
            kind=action.kind,
            # After somebody else's change the page shows what is there now: sent again, it is about that.
            revision=str(enrollment["revision"]) if changed else visit.value("revision", str(enrollment["revision"])),
            back=f"{path}/{enrollment['enrollment_id']}",
            fields=names(action.inputs),
        )

    @portal.form(address, needs=action.needs, kinds=kinds, again=show_action)
    async def act(visit: Visit) -> Response:
        enrollment_id = visit.path("enrollment_id")
        body = {**typed(action.inputs, visit), **(action.body or {})}
        for name in action.moments:
            body[name] = f"{body[name]}T00:00:00Z" if body[name] else ""
        await visit.api.send(
            action.method,
            action.api.format(id=enrollment_id),
            body if action.inputs or action.body is not None else None,
            key=visit.key,
            revision=visit.value("revision") if action.guarded else "",
        )
        return done(f"{path}/{enrollment_id}", action.name)
