"""What follows from the events of an enrollment."""

from dataclasses import replace

from enrollment.domain.enrollment.evolve.history import Noted, Said, with_note, with_word
from enrollment.domain.enrollment.evolve.partner import OfPartner, with_partner_fact
from enrollment.domain.enrollment.evolve.profile import Profiled, with_data
from enrollment.domain.enrollment.evolve.review import with_paper, with_review_fact
from enrollment.domain.enrollment.evolve.status import advanced
from enrollment.domain.enrollment.facts import Announced, Own
from enrollment.domain.enrollment.own_facts import PaperworkFact, ReviewFact
from enrollment.domain.enrollment.state import Enrollment
from kontor_contracts.enrollment import (
    AcceptanceCancelled,
    AcceptanceMoved,
    AcceptanceRequested,
    AgreementAccepted,
    BusinessChecked,
    ContactChangeEnded,
    ContactChangeRequested,
    ContactUndeliverable,
    ContactVerificationRequested,
    DomainChecked,
    EnrollmentCorrected,
    EnrollmentErased,
    EnrollmentReminded,
    EnrollmentStarted,
    LegalChangeAccepted,
    LegalChangeProposed,
    LegalChangeRejected,
    LegalChangeWithdrawn,
    MailboxExceptionGranted,
    MailboxExceptionWithdrawn,
    PartnerReauthorized,
    PrimaryContactChanged,
    ReauthorizationMoved,
    ReauthorizationNoticed,
    ReviewDelayed,
    ReviewFileChanged,
    WaitEnded,
)

AnnouncedAlone = (
    ContactUndeliverable
    | ContactVerificationRequested
    | EnrollmentCorrected
    | EnrollmentErased
    | EnrollmentReminded
    | ReviewDelayed
    | ReviewFileChanged
    | LegalChangeProposed
    | LegalChangeAccepted
    | LegalChangeRejected
    | LegalChangeWithdrawn
    | ReauthorizationNoticed
    | PartnerReauthorized
    | ReauthorizationMoved
    | WaitEnded
    | AcceptanceRequested
    | AgreementAccepted
    | AcceptanceMoved
    | AcceptanceCancelled
    | BusinessChecked
    | DomainChecked
    | MailboxExceptionGranted
    | MailboxExceptionWithdrawn
    | ContactChangeRequested
    | PrimaryContactChanged
    | ContactChangeEnded
)
"""Facts of the service's own hold what these announce."""


def evolve(state: Enrollment, event: Announced | Own) -> Enrollment:  # noqa: PLR0911  one return per group
    if isinstance(event, EnrollmentStarted):
        return _started(state, event)
    if isinstance(event, AnnouncedAlone):
        return state
    if isinstance(event, Profiled):
        return with_data(state, event)
    if isinstance(event, Noted):
        return with_note(state, event)
    if isinstance(event, Said):
        return with_word(state, event)
    if isinstance(event, ReviewFact):
        return replace(state, dossier=with_review_fact(state.dossier, event))
    if isinstance(event, PaperworkFact):
        return replace(state, paperwork=with_paper(state.paperwork, event))
    if isinstance(event, OfPartner):
        return with_partner_fact(state, event)
    return advanced(state, event)


def _started(state: Enrollment, event: EnrollmentStarted) -> Enrollment:
    return replace(
        state,
        enrollment_id=event.enrollment_id,
        organization_id=event.organization_id,
        program=event.program,
        country=event.country,
        started_by=event.started_by,
        status="draft",
    )
