"""The domain check: whether the organization has proved the mail domain of its primary contact.

If it has, the contact's employment needs no review. Otherwise a person reviews it, with documents. The check follows the
proof: a domain that is proved during the review passes the step, and one that is given up opens it again.
"""

from dataclasses import dataclass

from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import DomainNoted
from enrollment.domain.enrollment.state import Enrollment, PrimaryContact
from kontor_contracts.enrollment import DomainChecked

REVIEWED = ("in-review", "action-required")


@dataclass(frozen=True, slots=True)
class FollowDomain:
    """The organization has proved the domain, or has given it up. ``domain`` in its ASCII form, in lower case."""

    domain: str
    proved: bool


def follow_domain(command: FollowDomain, state: Enrollment) -> list[Fact]:
    contact, dossier = state.primary_contact, state.dossier
    if state.status not in REVIEWED or contact is None or mail_domain(contact) != command.domain:
        return []
    if command.proved:
        return [] if "employment" in dossier.passed else checked(state, proved=True)
    return checked(state, proved=False) if dossier.proved_domain == command.domain else []


def checked(state: Enrollment, *, proved: bool) -> list[Fact]:
    """What follows from the comparison, for an enrollment whose contact has confirmed."""
    assert state.primary_contact, "a submission requires it"
    domain = mail_domain(state.primary_contact)
    told = DomainChecked(
        enrollment_id=state.enrollment_id, organization_id=state.organization_id, domain=domain, proved=proved
    )
    return [DomainNoted(domain if proved else None), told]


def mail_domain(contact: PrimaryContact) -> str:
    return contact.email.rpartition("@")[2].lower()
