"""What the authorization check looks at in a customer. The rules are those of every reader: `kontor_contracts.authz.rules`."""

from kontor_contracts.authz.rules import Held, Relationships, edge_of
from relationships.domain.customer.state import State


def held_by(customer: State | None) -> Relationships | None:
    """The relationships that hold. None: the customer is unknown."""
    if customer is None or customer.account is None:
        return None
    customer_id = customer.account.customer_id
    return {
        one.partner_id: Held(one.permissions, edge_of(customer_id, one.partner_id), one.version, one.grants)
        for one in customer.holding
    }
