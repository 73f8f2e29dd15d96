"""Every command of an enrollment, by the kind of actor who may give it, and what it leads to in a state."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, get_args

from unit.enrollment import story

from enrollment.domain.enrollment.account import EndWithAccount, FollowCorrection, ForgetApplicant
from enrollment.domain.enrollment.check_results import CheckResult
from enrollment.domain.enrollment.checking import RecordChecks, RepeatChecks, checked_company
from enrollment.domain.enrollment.contact_change import WithdrawContactChange
from enrollment.domain.enrollment.deadlines import Elapse
from enrollment.domain.enrollment.decide import Command, decide
from enrollment.domain.enrollment.delivery import NoteMail
from enrollment.domain.enrollment.document_requests import ForgetFile, RemoveFile, WithdrawDocumentRequest
from enrollment.domain.enrollment.domain_check import FollowDomain
from enrollment.domain.enrollment.ending import WithdrawNotice
from enrollment.domain.enrollment.legal_change import JudgeLegalChange, WithdrawLegalChange
from enrollment.domain.enrollment.mailbox_exceptions import AcceptMailbox, RefuseMailboxAgain
from enrollment.domain.enrollment.names import ChangeLegalName, FollowAccountName
from enrollment.domain.enrollment.reauthorization import EndWait, MoveReauthorization
from enrollment.domain.enrollment.refusals import EnrollmentRefused
from enrollment.domain.enrollment.reviewing import AddNote, MarkRisk, ReleaseReview
from enrollment.domain.enrollment.state import Actor, Enrollment, PrimaryContact, Status, SupportContact
from enrollment.domain.enrollment.transitions import By

OTHER = PrimaryContact("Béla Weiß", "bela.weiss@mueller-soehne.example", "+49 221 222", "de")
NEW_LINK = "d" * 64
OTHERS = PrimaryContact("Cora Zander", "cora.zander@mueller-soehne.example", "+49 221 333", "de")
Make = Callable[[Enrollment, datetime], Command]


def company(at: datetime) -> Actor:
    return story.company(at)


def newest(state: Enrollment) -> str:
    return state.link.token_hash if state.link else story.FIRST_LINK


COURSE: Mapping[str, tuple[By, Make]] = {
    "StartEnrollment": ("company", lambda _, at: story.start(at=at)),
    "AssociatePartnerId": ("company", lambda _, at: story.associate(company(at), partner_id="4711009")),
    "AssociatePartnerId of another name": (
        "company",
        lambda _, at: story.associate(company(at), partner_id="4711008", company_name="Schulze Holding AG"),
    ),
    "PostponePartnerId": ("company", lambda _, at: story.postpone(company(at))),
    "EraseEnrollment": ("company", lambda _, at: story.erase(company(at))),
    "EraseEnrollment by staff": ("staff", lambda _, at: story.erase(story.staff(at))),
    "UpdateProfile": ("company", lambda _, at: story.update(company_name="Müller AG", actor=company(at))),
    "UpdateProfile by staff": ("staff", lambda _, at: story.update(company_name="Müller SE", actor=story.staff(at))),
    "SetPrimaryContact": ("company", lambda _, at: story.contact(OTHER, company(at), token_hash=NEW_LINK)),
    "SetPrimaryContact by staff": ("staff", lambda _, at: story.contact(OTHER, story.staff(at), token_hash=NEW_LINK)),
    "SetSupportContact": ("company", lambda _, at: story.support(SupportContact("a@b.example", "0221 1"), company(at))),
    "Submit": ("company", lambda _, at: story.submit(at=at)),
    "JoinAsEnrolled": ("company", lambda _, at: story.join(company(at))),
    "ResendVerification": ("company", lambda _, at: story.resend(NEW_LINK, at)),
    "ResendVerification by staff": ("staff", lambda _, at: story.resend(NEW_LINK, at, story.staff(at))),
    "ConfirmContact": ("contact", lambda state, at: story.confirm(newest(state), at)),
    "DenyContact": ("contact", lambda state, at: story.deny(newest(state), at)),
    "Review": ("staff", lambda _, at: story.review(at=at)),
    "Review that rejects": ("staff", lambda _, at: story.reject(at=at)),
    "Review of one step": ("staff", lambda _, at: story.review(at=at, step="employment")),
    "ClaimReview": ("staff", lambda _, at: story.claim(story.staff(at))),
    "ReleaseReview": ("staff", lambda _, at: ReleaseReview(actor=story.staff(at))),
    "AddNote": ("staff", lambda _, at: AddNote(actor=story.staff(at), text="Called the company.")),
    "MarkRisk": ("staff", lambda _, at: MarkRisk(actor=story.staff(at), high=True)),
    "AcceptMailbox": (
        "staff",
        lambda _, at: AcceptMailbox(
            email="info@mueller-soehne.example", fault="role-mailbox", reason="The owner's.", actor=story.staff(at)
        ),
    ),
    "RefuseMailboxAgain": (
        "staff",
        lambda _, at: RefuseMailboxAgain(email="info@mueller-soehne.example", actor=story.staff(at)),
    ),
    "FollowDomain": ("account", lambda _, __: FollowDomain("mueller-soehne.example", proved=True)),
    "RecordChecks": (
        "timer",
        lambda state, _: RecordChecks(
            company=checked_company(state), results=(CheckResult(check="external", outcome="flagged"),)
        ),
    ),
    "RepeatChecks": (
        "staff",
        lambda state, at: RepeatChecks(
            actor=story.staff(at),
            company=checked_company(state),
            results=(CheckResult(check="external", outcome="pending"),),
        ),
    ),
    "RequestDocuments": ("staff", lambda _, at: story.ask("lease", actor=story.staff(at))),
    "WithdrawDocumentRequest": ("staff", lambda _, at: WithdrawDocumentRequest(actor=story.staff(at))),
    "AddFile": ("company", lambda _, at: story.add_file(actor=company(at), file_id=f"f-{at:%d%H}")),
    "RemoveFile": ("company", lambda _, at: RemoveFile(actor=company(at), file_id="f-1")),
    "ForgetFile": ("timer", lambda _, at: ForgetFile("f-1")),
    "NoteMail": ("timer", lambda _, at: NoteMail(mail_id="m-1", template="review-started", state="queued", at=at)),
    "GiveNotice": ("company", lambda _, at: story.notice(company(at))),
    "GiveNotice by staff, at once": (
        "staff",
        lambda _, at: story.notice(story.staff(at), at_once=True, explanation="Fraud."),
    ),
    "WithdrawNotice": ("company", lambda _, at: WithdrawNotice(actor=company(at))),
    "Appeal": ("company", lambda _, at: story.appeal(company(at))),
    "SignAgreement": ("company", lambda _, at: story.sign(at=at)),
    "SignAgreement of a new version": ("company", lambda _, at: story.accept(at)),
    "RequestContactChange": ("company", lambda _, at: story.name_contact(actor=company(at))),
    "WithdrawContactChange": ("company", lambda _, at: WithdrawContactChange(actor=company(at))),
    "AnswerContactChange": ("contact", lambda _, at: story.answer_change(at=at)),
    "AnswerContactChange that declines": ("contact", lambda _, at: story.answer_change("decline", at=at)),
    "AnswerContactChange that objects": ("contact", lambda _, at: story.answer_change("object", at=at)),
    "CorrectContact": ("staff", lambda _, at: story.correct_contact(OTHERS, story.staff(at))),
    "AskAcceptance": ("staff", lambda _, at: story.ask_acceptance("2027-07", at)),
    "CancelAcceptance": ("staff", lambda _, at: story.cancel_acceptance(at=at)),
    "MoveAcceptance": (
        "staff",
        lambda _, at: story.move_acceptance(at + timedelta(days=90), story.staff(at)),
    ),
    "Withdraw": ("company", lambda _, at: story.withdraw(company(at))),
    "Withdraw by staff": ("staff", lambda _, at: story.withdraw(story.staff(at))),
    "Elapse": ("timer", lambda _, at: Elapse(at)),
    "Suspend": ("staff", lambda _, at: story.suspend(at=at)),
    "Reinstate": ("staff", lambda _, at: story.reinstate(at=at)),
    "FollowAccountName": ("account", lambda state, _: FollowAccountName("Müller KG", state.company_name or "")),
    "ChangeLegalName": (
        "staff",
        lambda _, at: ChangeLegalName(name="Müller & Co. KG", reviewer="user-9", reviewer_organization="program"),
    ),
    "ProposeLegalChange": ("company", lambda _, at: story.propose(company(at))),
    "WithdrawLegalChange": ("company", lambda _, at: WithdrawLegalChange(actor=company(at))),
    "JudgeLegalChange": ("staff", lambda _, at: JudgeLegalChange(decision="accept", actor=story.staff(at))),
    "JudgeLegalChange that rejects": (
        "staff",
        lambda _, at: JudgeLegalChange(decision="reject", reason="proof-missing", actor=story.staff(at)),
    ),
    "ConfirmReauthorization": ("company", lambda _, at: story.reconfirm(company(at))),
    "MoveReauthorization": (
        "staff",
        lambda _, at: MoveReauthorization(due_at=at + timedelta(days=100), explanation=None, actor=story.staff(at)),
    ),
    "EndWait": ("staff", lambda _, at: EndWait(explanation=None, actor=story.staff(at))),
    "FollowCorrection": ("account", lambda _, at: FollowCorrection(at)),
    "EndWithAccount": ("account", lambda _, at: EndWithAccount(at)),
    "ForgetApplicant": ("account", lambda _, at: ForgetApplicant()),
}
"""By name: who gives it, and the command for a state and a moment."""


def command_class(name: str) -> str:
    return name.split(" ", maxsplit=1)[0]


@cache
def in_every_state() -> Mapping[str, Enrollment]:
    """One state of each status; ``complete`` is a draft that can be submitted, ``none`` is before the start.

    A partner ends by its timer once it is under notice. ``-change``: a change of its legal profile is under review;
    ``-unsettled``: it was rejected. ``-due``: the yearly confirmation is. ``-waiting``: it was missed. ``-acceptance``: a new
    version of the agreement is to be accepted; ``-unaccepted``: it was not.
    ``-contact``: another primary contact is asked; ``-contacted``: it has confirmed.
    ``some-documents``: one of two is there. ``-unlinked``: without its partner id.
    ``-checking``: an automatic check is pending.
    """
    under_notice = {
        f"{where}-notice": story.after(story.notice(), story.given(where)) for where in ("active", "suspended")
    }
    asked: list[Command] = [story.ask("registry-record", "lease"), story.add_file()]
    some = {"some-documents": story.played(asked, story.given("in-review"))}
    changing = {
        f"{where}-change": story.after(story.propose(), story.given(where)) for where in ("active", "suspended")
    }
    reject = JudgeLegalChange(
        decision="reject", reason="proof-missing", actor=story.staff(story.NOW + timedelta(days=11))
    )
    for where in ("active", "suspended"):
        changing[f"{where}-due"] = story.after(story.elapse(300), story.given(where))
    for where in ("active", "suspended"):
        changing[f"{where}-contact"] = story.after(story.name_contact(), story.given(where))
        changing[f"{where}-acceptance"] = story.after(story.ask_acceptance(), story.given(where))
    changing["active-contacted"] = story.after(story.answer_change(), changing["active-contact"])
    changing["suspended-unaccepted"] = story.after(story.elapse(101), changing["active-acceptance"])
    changing["ended-waiting"] = story.after(story.elapse(500), changing["active-due"])
    changing["active-unsettled"] = story.after(reject, changing["active-change"])
    return {
        "none": Enrollment(),
        **{where: story.given(where) for where in story.STATUSES},
        **under_notice,
        **changing,
        **some,
        "qualified-unlinked": story.played(story.UNLINKED),
        "in-review-checking": story.played((*story.STATUSES["contact-pending"], story.confirm_checking())),
    }


def moment_for(name: str, state: Enrollment) -> datetime:
    """A timer comes at its latest end; everything else an hour after the last milestone."""
    last = state.history[-1].at if state.history else story.NOW
    if name != "Elapse":
        return last + timedelta(hours=1)
    announced = state.reauthorization.due_at if state.reauthorization and state.partner else last
    return max(last + timedelta(days=200), announced, state.wait_until or last)


def outcome(name: str, state: Enrollment) -> str:
    """``→ status``, ``changed``, ``so already``, or the reason of the refusal."""
    command = COURSE[name][1](state, moment_for(name, state))
    facts: Any = decide(command, state)
    if facts and isinstance(facts[0], EnrollmentRefused):
        return f"no: {facts[0].reason}"
    after = story.after(command, state)
    if after.status != state.status:
        return f"→ {after.status}"
    return "changed" if facts else "so already"


STATUSES: tuple[Status, ...] = get_args(Status)
