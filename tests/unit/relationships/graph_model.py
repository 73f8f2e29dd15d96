"""What anybody would expect of the graph of partners and customers. It shares no rule with the product."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kontor_contracts.values import Partner

BY_RESELLER = {"administer", "administer-users", "administer-licences", "administer-subscriptions", "view"}
BY_PROVIDER = {"order", "add-subscription", "view"}
BY_GRANT = {"administer-users", "view"}

Pair = tuple[str, str]
"""A customer and a partner id; or a provider and a reseller by their organizations."""


@dataclass
class Edge:
    invitations: set[str] = field(default_factory=set)
    subscriptions: int = 0


@dataclass
class Ends:
    """When the relationships of a pair ended. An acceptance of before an end counts for nothing after it."""

    last: dict[Pair, datetime] = field(default_factory=dict)

    def since(self, pair: Pair, accepted_at: datetime) -> bool:
        return pair in self.last and self.last[pair] >= accepted_at


@dataclass
class Model:
    suspended: set[str] = field(default_factory=set)
    """Organizations of partners."""
    closed: set[str] = field(default_factory=set)
    """Organizations, of partners and of customers."""
    partnerships: set[Pair] = field(default_factory=set)
    edges: dict[Pair, Edge] = field(default_factory=dict)
    ends: Ends = field(default_factory=Ends)
    asked: dict[str, Pair] = field(default_factory=dict)
    """The customer and the partner of each grant."""
    over: set[str] = field(default_factory=set)
    """Grants that ended, by either side or with the relationship."""
    held: dict[str, datetime] = field(default_factory=dict)
    """Grants that give rights, and until when."""

    # -- what happens

    def connected_by(self, pair: Pair, at: datetime) -> None:
        if not self.ends.since(pair, at):
            self.partnerships.add(pair)

    def disconnected(self, pair: Pair, at: datetime) -> None:
        if pair in self.partnerships:
            self.partnerships.discard(pair)
            self.ends.last[pair] = at

    def accepted(self, customer: str, partners: Sequence[Partner], invitation_id: str, at: datetime) -> None:
        for partner in partners:
            pair = (customer, partner.partner_id)
            if not self.ends.since(pair, at):
                self.edges.setdefault(pair, Edge()).invitations.add(invitation_id)

    def ended(self, pair: Pair, at: datetime) -> None:
        """The grants of a relationship end with it, also those that are not answered yet."""
        if self.edges.pop(pair, None):
            self.ends.last[pair] = at
            for grant_id in [id for id, asked_for in self.asked.items() if asked_for == pair]:
                self.grant_ended(grant_id)

    def grant_counts(self, grant_id: str, until: datetime) -> None:
        if grant_id not in self.over and self.asked[grant_id] in self.edges:
            self.held[grant_id] = until

    def grant_ended(self, grant_id: str) -> None:
        self.over.add(grant_id)
        self.held.pop(grant_id, None)

    # -- what is asked

    def active(self, partner: Partner) -> bool:
        return partner.organization_id not in self.suspended | self.closed

    def connected(self, provider: Partner, reseller: Partner) -> bool:
        pair = (provider.organization_id, reseller.organization_id)
        return pair in self.partnerships and self.active(provider) and self.active(reseller)

    def lists(self, customer: str, partner: Partner) -> bool:
        return (customer, partner.partner_id) in self.edges and customer not in self.closed

    def may(self, customer: str, partner: Partner, action: str, at: datetime) -> bool:
        if not self.active(partner) or not self.lists(customer, partner):
            return False
        if action in (BY_RESELLER if partner.program == "indirect-reseller" else BY_PROVIDER):
            return True
        pair = (customer, partner.partner_id)
        granted = any(self.asked[id] == pair and at < until for id, until in self.held.items())
        return granted and action in BY_GRANT
