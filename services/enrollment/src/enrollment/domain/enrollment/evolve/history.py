"""The course of an enrollment: milestones, links, corrections, and what company and program say to each other."""

from dataclasses import replace
from typing import assert_never

from enrollment.domain.enrollment.application import RESENDS_PER_DAY
from enrollment.domain.enrollment.evolve.review import corrected
from enrollment.domain.enrollment.mails import with_mail
from enrollment.domain.enrollment.own_facts import (
    AppealMade,
    ApplicantForgotten,
    ChangesNoted,
    Escalated,
    LinkIssued,
    MailNoted,
    MilestoneReached,
    Reminded,
    Touched,
)
from enrollment.domain.enrollment.signatures import SIGNATURES_KEPT, Signature
from enrollment.domain.enrollment.state import Enrollment, MadeAppeal, Milestone, Notice
from kontor_contracts.enrollment import AgreementSigned, NoticeGiven, NoticeWithdrawn

LINKS_REMEMBERED = 20
"""Older links that are recognized as superseded. Still older ones are unknown."""
MILESTONES_KEPT = 200
CHANGES_KEPT = 50
"""Corrections may go on without end; the document stays small."""


Noted = MilestoneReached | LinkIssued | Touched | ChangesNoted | Reminded | Escalated | ApplicantForgotten | MailNoted
"""Events that note something about the course."""
Said = AppealMade | NoticeGiven | NoticeWithdrawn | AgreementSigned
"""What a side says to the other one."""


def with_note(state: Enrollment, fact: Noted) -> Enrollment:  # noqa: PLR0911  one return per kind of fact
    match fact:
        case MilestoneReached(milestone=milestone):
            return _at_milestone(state, milestone)
        case LinkIssued():
            return _with_link(state, fact)
        case Touched(at=at):
            return replace(state, touched_at=at, reminders=0)
        case ChangesNoted(changes=changes):
            kept = (*state.changes, *changes)[-CHANGES_KEPT:]
            return replace(state, changes=kept, dossier=corrected(state.dossier, changes))
        case Reminded(reminders=reminders):
            return replace(state, reminders=reminders)
        case Escalated(escalations=escalations):
            return replace(state, escalations=escalations)
        case ApplicantForgotten():
            return replace(state, applicant=None)
        case MailNoted(mail=mail):
            return replace(state, mails=with_mail(state.mails, mail))
        case _:
            assert_never(fact)


def _at_milestone(state: Enrollment, milestone: Milestone) -> Enrollment:
    history = (*state.history, milestone)[-MILESTONES_KEPT:]
    return replace(state, history=history, reminders=0, escalations=0)


def _with_link(state: Enrollment, fact: LinkIssued) -> Enrollment:
    older, link = state.link, fact.link
    if older is None:
        return replace(state, link=link)
    remembered = () if fact.other_mailbox else (*state.superseded, older.token_hash)[-LINKS_REMEMBERED:]
    return replace(
        state,
        link=link,
        superseded=remembered,
        resent_at=(*state.resent_at, link.issued_at)[-RESENDS_PER_DAY:],
    )


def with_word(state: Enrollment, fact: Said) -> Enrollment:
    match fact:
        case AppealMade():
            made = MadeAppeal(fact.statement, fact.by, fact.at)
            # Another reviewer can take it, and all is reviewed again.
            fresh = replace(
                state.dossier, claimed_by=None, claimed_at=None, passed=(), approvals=(), proved_domain=None
            )
            return replace(state, appeals=(*state.appeals, made), dossier=fresh)
        case NoticeGiven() | NoticeWithdrawn():
            return replace(state, notice=_notice(fact))
        case AgreementSigned(agreement_version=version):
            signed = (*state.signatures, _signature(fact))[-SIGNATURES_KEPT:]
            return replace(state, agreement_version=version, signatures=signed)
        case _:
            assert_never(fact)


def _signature(fact: AgreementSigned) -> Signature:
    return Signature(
        fact.agreement_version,
        fact.region or "",
        fact.language or "",
        fact.text_sha256 or "",
        fact.signed_by,
        fact.signed_at,
    )


def _notice(fact: NoticeGiven | NoticeWithdrawn) -> Notice | None:
    if isinstance(fact, NoticeWithdrawn):
        return None
    return Notice(fact.ends_at, fact.given_by, fact.by_staff, fact.explanation)
