"""A partner's changes of the legal profile and yearly confirmations, and what it is to accept, after an event."""

from dataclasses import replace
from typing import assert_never

from enrollment.domain.enrollment.own_facts import (
    AcceptanceNoted,
    ContactChangeNoted,
    LegalChangeEscalated,
    LegalChangeFact,
    LegalChangeNoted,
    ReauthorizationFact,
    ReauthorizationNoted,
    WaitNoted,
)
from enrollment.domain.enrollment.state import Enrollment

OfPartner = LegalChangeFact | ReauthorizationFact | AcceptanceNoted | ContactChangeNoted


def with_partner_fact(state: Enrollment, fact: OfPartner) -> Enrollment:
    match fact:
        case LegalChangeNoted(change=change):
            return replace(state, legal_change=change)
        case LegalChangeEscalated(escalations=escalations):
            assert state.legal_change, "it is under review"
            return replace(state, legal_change=replace(state.legal_change, escalations=escalations))
        case ReauthorizationNoted(reauthorization=reauthorization):
            return replace(state, reauthorization=reauthorization)
        case WaitNoted(until=until):
            return replace(state, wait_until=until)
        case ContactChangeNoted(change=changed):
            return replace(state, contact_change=changed)
        case AcceptanceNoted(acceptance=acceptance):
            return replace(state, acceptance=acceptance)
        case _:
            assert_never(fact)
