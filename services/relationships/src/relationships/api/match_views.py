"""Response models of imported customers that signed up."""

from datetime import datetime

from pydantic import BaseModel

from kontor_contracts.customer_matches import MatchBasis
from relationships.customer_matches import Proposal
from relationships.domain.customer.state import Match, State, came_with


class ProposalView(BaseModel):
    """A customer that a partner imported from another portal, and that may be the caller's organization.

    ``basis``: what is the same beside the country. ``partners``: names of those that serve it; a confirmation gives them their
    rights under the caller's account. Compare ``external_id`` with your invoices.
    """

    imported_id: str
    name: str
    country: str
    portal: str
    external_id: str
    basis: MatchBasis
    partners: list[str]


class MatchView(BaseModel):
    """An imported customer that the caller's organization is. Until ``undo_until`` it can be undone."""

    imported_id: str
    name: str
    portal: str
    external_id: str
    matched_at: datetime
    undo_until: datetime
    partner_ids: list[str]


class MatchesView(BaseModel):
    """Both are bounded."""

    proposals: list[ProposalView]
    matches: list[MatchView]


def proposal_view(proposal: Proposal, names: dict[str, str]) -> ProposalView:
    account = proposal.account
    return ProposalView(
        imported_id=account.customer_id,
        name=account.name,
        country=account.country,
        portal=account.portal or "",
        external_id=account.external_id or "",
        basis=proposal.basis,
        partners=sorted(names[id] for id in proposal.partner_ids if id in names),
    )


def match_view(match: Match, *, partner_id: str | None = None) -> MatchView:
    """``partner_id``: the partner that looks at it, which sees no other."""
    ids = [one.taken.partner_id for one in match.moved]
    return MatchView(
        imported_id=match.imported_id,
        name=match.imported_name,
        portal=match.portal,
        external_id=match.external_id,
        matched_at=match.matched_at,
        undo_until=match.undo_until,
        partner_ids=ids if partner_id is None else [partner_id],
    )


def matches_seen_by(customer: State, partner_id: str) -> list[MatchView]:
    return [match_view(one, partner_id=partner_id) for one in customer.matches if came_with(one, partner_id)]
