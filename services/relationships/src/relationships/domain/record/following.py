"""Which customer a record is about: it follows the relationships of a customer that is matched, and of one whose match is undone.

A subscription stays the same one while its customer gets a work account, so what a provider named for the imported customer
is named for the customer that it is.
"""

from collections.abc import Mapping

from relationships.domain.customer.state import State as CustomerState
from relationships.domain.customer.state import match_of, works_with
from relationships.domain.record.state import Record

Customers = Mapping[str, CustomerState]


def others_of(record: Record, customer: CustomerState | None) -> tuple[str, ...]:
    """The customers that the record may be about instead."""
    found = [record.home] if record.home else []
    if customer is not None:
        found += [customer.matched.customer_id] if customer.matched else [*customer.unmatched]
    return tuple(dict.fromkeys(id for id in found if id != record.customer_id))


def customer_of(record: Record, customers: Customers) -> str:
    """The id of the customer that the record is about now. ``customers``: its own and ``others_of`` it, as far as known."""
    now = customers.get(record.customer_id)
    if now is None:
        return record.customer_id
    if now.matched is not None:
        into = customers.get(now.matched.customer_id)
        # Not before the other one has the relationships.
        return now.matched.customer_id if into and match_of(into, record.customer_id) else record.customer_id
    home = record.home
    if home and home in customers and customers[home].matched is None and home in now.unmatched:
        return home
    if record.current is None or _works_with_both(record, now):
        return record.customer_id
    # Named during a match that is undone: where the two partners are, the subscription is.
    return next(
        (id for id in now.unmatched if id in customers and _works_with_both(record, customers[id])), record.customer_id
    )


def left(record: Record, customer: CustomerState | None) -> tuple[str, ...]:
    """The partners of the naming that do not work with the customer."""
    if record.current is None:
        return ()
    both = (record.provider.partner_id, record.current.reseller.partner_id)
    return tuple(one for one in both if customer is None or not works_with(customer, one))


def _works_with_both(record: Record, customer: CustomerState) -> bool:
    return not left(record, customer)
