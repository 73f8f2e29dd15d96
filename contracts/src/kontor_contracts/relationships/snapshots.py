"""The present state of relationships, for readers who hold it themselves: the compacted topic ``relationships.snapshot``.

Key: the aggregate, as on ``relationships.events``. The newest record of a key is what is so now; a tombstone (a null value)
says that nothing of it is left. ``sequence`` is the number of the last event that it includes: that event and all before it
are in ``relationships.events`` when the snapshot is published. A record with a lower ``sequence`` than one before it is a
late copy and says nothing.
"""

from typing import ClassVar

from kontor_contracts.admin_grants import GrantRole
from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Id, Moment, PartnerId, Permission, Value


class EdgeGrant(Value):
    """An administrator grant of the customer. It counts until ``expires_at``."""

    grant_id: Id
    roles: tuple[GrantRole, ...]
    expires_at: Moment


class Edge(Value):
    """A partner that the customer works with now. ``version`` counts the changes of this relationship."""

    partner_id: PartnerId
    permissions: tuple[Permission, ...]
    version: int
    since: Moment
    grants: tuple[EdgeGrant, ...] = ()


class CustomerSnapshot(Event):
    """The partners that the customer works with now, all of them. Key: ``customer:<customer_id>``.

    An edge that is not here any more has ended. The last one to end leaves a tombstone; so do a closed work account and an
    imported customer that was matched with another one.
    """

    TYPE: ClassVar[str] = "kontor.relationships.customer-snapshot.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("customer_id",)
    customer_id: Id
    edges: tuple[Edge, ...]


class PartnershipSnapshot(Event):
    """Provider and reseller work together. Key: ``partnership:<partnership_id>``. A tombstone: they do no longer.

    ``active`` false: one of them is no active partner now, so nothing follows from the partnership. ``admin_access``: the
    provider may administer the reseller's own account, until ``admin_access_until`` if there is such a date.
    """

    TYPE: ClassVar[str] = "kontor.relationships.partnership-snapshot.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider_id", "reseller_id")
    partnership_id: Id
    provider_id: Id
    reseller_id: Id
    active: bool
    since: Moment
    admin_access: bool
    admin_access_until: Moment | None = None


class PartnerSnapshot(Event):
    """The company is an active partner now. Key: ``partner:<organization_id>``.

    A tombstone: it is suspended, closed or gone, and none of its rights holds.
    """

    TYPE: ClassVar[str] = "kontor.relationships.partner-snapshot.v1"
    organization_id: Id
    partner_id: PartnerId


SNAPSHOTS: tuple[type[Payload], ...] = (CustomerSnapshot, PartnershipSnapshot, PartnerSnapshot)
