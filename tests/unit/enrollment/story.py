"""One company on its way through the program: the commands in order, and the state after any of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

from enrollment.domain.enrollment.acceptance import AskAcceptance, CancelAcceptance, MoveAcceptance
from enrollment.domain.enrollment.admission import (
    ConfirmContact,
    DenyContact,
    ResendVerification,
    Review,
    SignAgreement,
)
from enrollment.domain.enrollment.appeals import Appeal
from enrollment.domain.enrollment.application import (
    AssociatePartnerId,
    Mailing,
    SetPrimaryContact,
    SetSupportContact,
    StartEnrollment,
    Submit,
    UpdateProfile,
)
from enrollment.domain.enrollment.check_results import CheckResult
from enrollment.domain.enrollment.contact_change import (
    AnswerContactChange,
    ContactLinks,
    CorrectContact,
    RequestContactChange,
)
from enrollment.domain.enrollment.deadlines import Elapse
from enrollment.domain.enrollment.decide import Command, decide
from enrollment.domain.enrollment.document_requests import AddFile, RequestDocuments
from enrollment.domain.enrollment.ending import GiveNotice
from enrollment.domain.enrollment.erasing import EraseEnrollment
from enrollment.domain.enrollment.evolve import evolve
from enrollment.domain.enrollment.joining import JoinAsEnrolled
from enrollment.domain.enrollment.legal_change import ProposeLegalChange
from enrollment.domain.enrollment.paperwork import UploadedFile
from enrollment.domain.enrollment.postponing import PostponePartnerId
from enrollment.domain.enrollment.reauthorization import CONFIRMATIONS, ConfirmReauthorization
from enrollment.domain.enrollment.refusals import EnrollmentRefused
from enrollment.domain.enrollment.reviewing import ClaimReview
from enrollment.domain.enrollment.standing import Reinstate, Suspend
from enrollment.domain.enrollment.state import Actor, Address, Enrollment, PrimaryContact, SupportContact
from enrollment.domain.enrollment.ways_out import Withdraw
from enrollment.domain.profile import RegistryEntry
from kontor_contracts.enrollment import Applicant, CheckOutcome, Confirmation
from kontor_contracts.problems import codes_of

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
NAME = "Müller & Söhne IT GmbH"
ADDRESS = Address("Nordstraße 12", "Köln", "50667")
CONTACT = PrimaryContact("Anna Schäfer", "anna.schaefer@mueller-soehne.example", "+49 221 1234567", "de")
SUPPORT = SupportContact("support@mueller-soehne.example", "+49 221 7654321", "https://hilfe.example")
FIRST_LINK, SECOND_LINK = "a" * 64, "b" * 64
SEALED = "eyJhbGciOiJFQ0RILUVTIn0..sealed.link.tag"


APPLICANT = Applicant(user_id="user-1", name="Bernd Groß", email="bernd.gross@mueller-soehne.example", culture="de")


def company(at: datetime = NOW, **changes: Any) -> Actor:
    """The user who enrolled."""
    return Actor(user="user-1", organization="org-1", at=at, **changes)


def staff(at: datetime = NOW, organization: str = "program") -> Actor:
    """A reviewer of the program."""
    return Actor(user="user-9", organization=organization, staff=True, at=at)


def mailing(token_hash: str = SECOND_LINK, at: datetime = NOW) -> Mailing:
    return Mailing(token_hash=token_hash, sealed_link=SEALED, expires_at=at + WEEK)


def contact(
    contact: PrimaryContact = CONTACT, actor: Actor | None = None, *, fault: Any = None, token_hash: str = SECOND_LINK
) -> SetPrimaryContact:
    actor = actor or company()
    return SetPrimaryContact(contact, fault, actor, mailing(token_hash, actor.at))


def support(contact: SupportContact = SUPPORT, actor: Actor | None = None) -> SetSupportContact:
    return SetSupportContact(contact, actor or company())


def withdraw(actor: Actor | None = None, explanation: str | None = None) -> Withdraw:
    return Withdraw(actor=actor or company(NOW + timedelta(days=1)), explanation=explanation)


def elapse(days: float) -> Elapse:
    """The timer, so many days after the begin."""
    return Elapse(NOW + timedelta(days=days))


def elapse_at(moment: datetime) -> Elapse:
    return Elapse(moment)


def start(**changes: Any) -> StartEnrollment:
    facts: dict[str, Any] = {
        "enrollment_id": "e-1",
        "program": "indirect-reseller",
        "organization_id": "org-1",
        "organization_name": NAME,
        "organization_kind": "reseller",
        "country": "DE",
        "region": "europe",
        "registration_id_mandatory": False,
        "started_by": "user-1",
        "applicant": APPLICANT,
        "at": NOW,
    }
    return StartEnrollment(**facts | changes)


def profile(**changes: Any) -> RegistryEntry:
    facts: dict[str, Any] = {
        "partner_id": "4711001",
        "membership_account": "mueller@membership.example",
        "access_code_hash": "c" * 64,
        "company_name": NAME,
        "country": "DE",
        "status": "active",
        "kind": "location",
    }
    return RegistryEntry(**facts | changes)


def associate(actor: Actor | None = None, **changes: Any) -> AssociatePartnerId:
    entry = profile(**changes)
    return AssociatePartnerId(entry.partner_id, entry, actor or company())


def join(actor: Actor | None = None, **changes: Any) -> JoinAsEnrolled:
    """A company that is in the program already."""
    entry = profile(**{"program_state": "enrolled"} | changes)
    actor = actor or company()
    return JoinAsEnrolled(partner_id=entry.partner_id, profile=entry, support=SUPPORT, culture="de", actor=actor)


def postpone(actor: Actor | None = None) -> PostponePartnerId:
    return PostponePartnerId(actor=actor or company())


def erase(actor: Actor | None = None) -> EraseEnrollment:
    return EraseEnrollment(actor=actor or company(NOW + timedelta(days=400)))


def update(**changes: Any) -> UpdateProfile:
    facts: dict[str, Any] = {"company_name": NAME, "address": ADDRESS, "registration_id": None, "actor": company()}
    return UpdateProfile(**facts | changes)


def submit(token_hash: str = FIRST_LINK, at: datetime = NOW) -> Submit:
    return Submit(token_hash=token_hash, sealed_link=SEALED, expires_at=at + WEEK, submitted_by="user-1", at=at)


def resend(
    token_hash: str = SECOND_LINK, at: datetime = NOW + timedelta(hours=1), actor: Actor | None = None
) -> ResendVerification:
    actor = actor or company(at)
    return ResendVerification(token_hash=token_hash, sealed_link=SEALED, expires_at=at + WEEK, actor=actor)


def confirm(token_hash: str = FIRST_LINK, at: datetime = NOW + timedelta(hours=2)) -> ConfirmContact:
    return ConfirmContact(token_hash, at)


def confirm_checking(outcome: CheckOutcome = "pending") -> ConfirmContact:
    """With the results of two checks; one of them asks a server."""
    results = (
        CheckResult(check="registration-id", outcome="passed"),
        CheckResult(check="external", outcome=outcome),
    )
    return ConfirmContact(FIRST_LINK, NOW + timedelta(hours=2), results)


def deny(token_hash: str = FIRST_LINK, at: datetime = NOW + timedelta(hours=2)) -> DenyContact:
    return DenyContact(token_hash, at)


def review(**changes: Any) -> Review:
    facts: dict[str, Any] = {
        "decision": "approve",
        "reason": None,
        "reviewer": "user-9",
        "reviewer_organization": "program",
        "at": NOW + timedelta(days=2),
    }
    return Review(**facts | changes)


def reject(**changes: Any) -> Review:
    facts: dict[str, Any] = {"decision": "reject", "reason": "business-not-verified"}
    return review(**facts | changes)


def sign(**changes: Any) -> SignAgreement:
    facts: dict[str, Any] = {
        "version": "2026-11",
        "current_version": "2026-11",
        "accepted": True,
        "language": "de",
        "sha256": "c" * 64,
        "signer": "user-1",
        "signer_organization": "org-1",
        "at": NOW + timedelta(days=3),
    }
    return SignAgreement(**facts | changes)


def suspend(**changes: Any) -> Suspend:
    facts: dict[str, Any] = {
        "reason": "invoices-overdue",
        "explanation": "Three invoices are late.",
        "by": "user-9",
        "organization": "program",
        "at": NOW + timedelta(days=90),
    }
    return Suspend(**facts | changes)


def reinstate(**changes: Any) -> Reinstate:
    facts: dict[str, Any] = {
        "reason": "cause-cleared",
        "explanation": None,
        "by": "user-9",
        "organization": "program",
        "at": NOW + timedelta(days=120),
    }
    return Reinstate(**facts | changes)


def claim(actor: Actor | None = None, *, take_over: bool = False) -> ClaimReview:
    return ClaimReview(actor=actor or staff(NOW + timedelta(hours=3)), take_over=take_over)


def notice(actor: Actor | None = None, **changes: Any) -> GiveNotice:
    return GiveNotice(actor=actor or company(NOW + timedelta(days=100)), **changes)


def appeal(actor: Actor | None = None, statement: str = "Our entry is of last week.") -> Appeal:
    return Appeal(actor=actor or company(NOW + timedelta(days=5)), statement=statement)


def propose(actor: Actor | None = None, **changes: Any) -> ProposeLegalChange:
    facts: dict[str, Any] = {"company_name": "Müller Cloud SE", "address": ADDRESS, "registration_id": None}
    return ProposeLegalChange(actor=actor or company(NOW + timedelta(days=10)), **facts | changes)


def ask(*kinds: Any, actor: Actor | None = None, step: Any = "business") -> RequestDocuments:
    documents = tuple((kind, None) for kind in kinds or ("registry-record",))
    return RequestDocuments(actor=actor or staff(NOW + timedelta(hours=3)), step=step, documents=documents)


def file(file_id: str = "f-1", sha256: str = "", at: datetime = NOW + timedelta(days=1)) -> UploadedFile:
    return UploadedFile(file_id, "Auszug.pdf", "application/pdf", 1234, sha256 or f"hash of {file_id}", "user-1", at)


def add_file(document_id: str = "1", actor: Actor | None = None, **changes: Any) -> AddFile:
    actor = actor or company(NOW + timedelta(days=1))
    return AddFile(actor=actor, document_id=document_id, file=file(at=actor.at, **changes))


def reconfirm(
    actor: Actor | None = None, confirmed: tuple[Confirmation, ...] = CONFIRMATIONS
) -> ConfirmReauthorization:
    return ConfirmReauthorization(confirmed=confirmed, actor=actor or company(NOW + timedelta(days=300)))


def ask_acceptance(version: str = "2027-06", at: datetime = NOW + timedelta(days=40), **changes: Any) -> AskAcceptance:
    facts: dict[str, Any] = {"published_at": at, "accept_until": at + timedelta(days=60)}
    return AskAcceptance(version=version, at=at, **facts | changes)


def cancel_acceptance(version: str = "2027-06", at: datetime = NOW + timedelta(days=45)) -> CancelAcceptance:
    return CancelAcceptance(version=version, by="user-9", at=at)


def move_acceptance(until: datetime, actor: Actor | None = None) -> MoveAcceptance:
    return MoveAcceptance(accept_until=until, explanation=None, actor=actor or staff(NOW + timedelta(days=45)))


def accept(at: datetime = NOW + timedelta(days=50), version: str = "2027-06") -> SignAgreement:
    """A partner signs a newer version."""
    return sign(version=version, current_version=version, at=at)


OTHER = PrimaryContact("Béla Weiß", "bela.weiss@mueller-soehne.example", "+49 221 222", "de")
CONFIRM_LINK, OBJECT_LINK = "e" * 64, "f" * 64


def name_contact(
    contact: PrimaryContact = OTHER, actor: Actor | None = None, *, fault: Any = None, **links: str
) -> RequestContactChange:
    """A partner names another primary contact."""
    actor = actor or company(NOW + timedelta(days=40))
    made = ContactLinks(
        confirm_hash=links.get("confirm_hash", CONFIRM_LINK),
        sealed_link=SEALED,
        expires_at=actor.at + WEEK,
        object_hash=links.get("object_hash", OBJECT_LINK),
        sealed_objection=SEALED,
    )
    return RequestContactChange(contact=contact, fault=fault, links=made, actor=actor)


def answer_change(
    answer: Any = "confirm", token_hash: str = "", at: datetime = NOW + timedelta(days=41)
) -> AnswerContactChange:
    return AnswerContactChange(token_hash or (OBJECT_LINK if answer == "object" else CONFIRM_LINK), answer, at)


def correct_contact(contact: PrimaryContact = OTHER, actor: Actor | None = None, fault: Any = None) -> CorrectContact:
    return CorrectContact(contact=contact, fault=fault, actor=actor or staff(NOW + timedelta(days=42)))


TOLD: tuple[Command, ...] = (associate(), update(), contact(), support())
UNLINKED: tuple[Command, ...] = (start(), postpone(), update(), contact(), support(), submit(), confirm(), review())
"""A company that is approved without its partner id."""
STATUSES: dict[str, tuple[Command, ...]] = {
    "draft": (start(),),
    "complete": (start(), *TOLD),
    "contact-pending": (start(), *TOLD, submit()),
    "in-review": (start(), *TOLD, submit(), confirm()),
    "action-required": (start(), *TOLD, submit(), confirm(), ask()),
    "ended": (start(), *TOLD, submit(), confirm(), review(), sign(), notice(), elapse(131)),
    "withdrawn": (start(), *TOLD, submit(), withdraw()),
    "expired": (start(), *TOLD, submit(), elapse(30)),
    "cancelled": (start(), *TOLD, submit(), deny()),
    "rejected": (start(), *TOLD, submit(), confirm(), reject()),
    "qualified": (start(), *TOLD, submit(), confirm(), review()),
    "active": (start(), *TOLD, submit(), confirm(), review(), sign()),
    "suspended": (start(), *TOLD, submit(), confirm(), review(), sign(), suspend()),
}
"""By where it has come to, the way there; ``complete`` is a draft that misses nothing."""


def played(commands: Iterable[Command], state: Enrollment | None = None) -> Enrollment:
    """The state after the commands; AssertionError where one of them is refused."""
    state = state or Enrollment()
    for command in commands:
        facts = decide(command, state)
        for fact in facts:
            assert not isinstance(fact, EnrollmentRefused), f"{command} was refused: {fact.reason}"
            state = evolve(state, fact)
    return state


def given(where: str) -> Enrollment:
    return played(STATUSES[where])


def after(command: Command, state: Enrollment) -> Enrollment:
    """The state after a command that may be refused."""
    facts = [fact for fact in decide(command, state) if not isinstance(fact, EnrollmentRefused)]
    return reduce(evolve, facts, state)


def refusal(command: Command, state: Enrollment) -> EnrollmentRefused:
    """AssertionError where the command is not refused."""
    (only,) = decide(command, state)
    assert isinstance(only, EnrollmentRefused), only
    return only


def status_of(refused: EnrollmentRefused) -> int:
    """The HTTP status that the catalogue of codes has for a refusal."""
    return codes_of("enrollment")[refused.reason].statuses[0]


def announced(command: Command, state: Enrollment) -> list[str]:
    """The names of what the command lets the world know, in order."""
    return [type(fact).__name__ for fact in decide(command, state) if hasattr(fact, "TYPE")]
