"""The state diagram of an enrollment: every change of its status, and who causes it.

`tests/unit/enrollment/test_state_diagram.py` compares it with the decisions in both directions, and the README shows it.
"""

from dataclasses import dataclass
from typing import Literal

from enrollment.domain.enrollment.state import Status

By = Literal["company", "contact", "staff", "timer", "account"]
"""``company``: its users. ``contact``: the holder of the mailed link. ``staff``: of the program. ``account``: the work account
was corrected or erased."""


@dataclass(frozen=True, slots=True)
class Transition:
    """``source`` None: there is no enrollment yet. ``command``: the name of its class. ``words``: for the diagram."""

    source: Status | None
    command: str
    target: Status
    by: By
    words: str


def _each(sources: tuple[Status, ...], command: str, target: Status, by: By, words: str) -> tuple[Transition, ...]:
    return tuple(Transition(source, command, target, by, words) for source in sources)


UNDECIDED: tuple[Status, ...] = ("draft", "contact-pending", "in-review", "action-required", "qualified")
REVIEWED: tuple[Status, ...] = ("in-review", "action-required")

TRANSITIONS: tuple[Transition, ...] = (
    Transition(None, "StartEnrollment", "draft", "company", "start"),
    Transition("draft", "Submit", "contact-pending", "company", "submit"),
    Transition("draft", "JoinAsEnrolled", "active", "company", "in the program already: give the support contact"),
    Transition("contact-pending", "ConfirmContact", "in-review", "contact", "confirm"),
    Transition("contact-pending", "DenyContact", "cancelled", "contact", "I did not request this, twice"),
    Transition("cancelled", "ResendVerification", "contact-pending", "company", "ask again, within 7 days"),
    Transition("cancelled", "ResendVerification", "contact-pending", "staff", "ask again, within 7 days"),
    Transition("cancelled", "SetPrimaryContact", "contact-pending", "company", "ask another contact, within 7 days"),
    Transition("cancelled", "SetPrimaryContact", "contact-pending", "staff", "ask another contact, within 7 days"),
    *_each(REVIEWED, "SetPrimaryContact", "contact-pending", "company", "correct the contact's mailbox"),
    *_each(REVIEWED, "SetPrimaryContact", "contact-pending", "staff", "correct the contact's mailbox"),
    Transition("in-review", "RequestDocuments", "action-required", "staff", "ask for documents"),
    Transition("action-required", "AddFile", "in-review", "company", "upload the last document"),
    Transition("action-required", "WithdrawDocumentRequest", "in-review", "staff", "need the documents no more"),
    Transition("action-required", "Elapse", "rejected", "timer", "30 days without the documents"),
    Transition("in-review", "Review", "qualified", "staff", "approve"),
    Transition(
        "qualified", "AssociatePartnerId", "in-review", "company", "link a postponed partner id of another name"
    ),
    Transition("rejected", "Appeal", "in-review", "company", "appeal, within 30 days, 3 times"),
    *_each(UNDECIDED, "Review", "rejected", "staff", "reject, with a reason"),
    Transition("qualified", "SignAgreement", "active", "company", "sign the agreement"),
    Transition("active", "Suspend", "suspended", "staff", "suspend, with a reason"),
    *_each(("active", "suspended"), "Elapse", "ended", "timer", "30 days after a notice, or at once for good cause"),
    *_each(("active", "suspended"), "Elapse", "ended", "timer", "yearly confirmation missed, 90 days after a notice"),
    Transition("active", "Elapse", "suspended", "timer", "30 days after a rejected change of its legal data"),
    Transition("active", "Elapse", "suspended", "timer", "a new version of the agreement not accepted by its date"),
    Transition("suspended", "Reinstate", "active", "staff", "reinstate"),
    Transition("suspended", "SignAgreement", "active", "company", "accept the agreement, if that was missing"),
    Transition("suspended", "CancelAcceptance", "active", "staff", "withdraw the version that was not accepted"),
    *_each(UNDECIDED, "Withdraw", "withdrawn", "company", "withdraw"),
    *_each(UNDECIDED, "Withdraw", "withdrawn", "staff", "withdraw"),
    Transition("draft", "EraseEnrollment", "withdrawn", "company", "delete"),
    Transition("draft", "EraseEnrollment", "withdrawn", "staff", "delete"),
    Transition("draft", "Elapse", "expired", "timer", "30 days after the last change"),
    Transition("contact-pending", "Elapse", "expired", "timer", "30 days"),
    Transition("qualified", "Elapse", "expired", "timer", "90 days"),
    Transition("draft", "FollowCorrection", "cancelled", "account", "country or kind corrected"),
    *_each(UNDECIDED, "EndWithAccount", "cancelled", "account", "erased"),
)
