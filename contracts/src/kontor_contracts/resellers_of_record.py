"""What relationships announces and accepts about resellers of record: the reseller that a provider names on a subscription.

`kontor_contracts.relationships` lists these messages. Key of the events: the record, one per provider, customer and subscription.
"""

from typing import ClassVar, Literal

from kontor_contracts.customers import Note
from kontor_contracts.envelope import Command, Event, Payload, Refusal
from kontor_contracts.values import Id, Line, Moment, PartnerId, Value

RecordEnd = Literal[
    "replaced",
    "removed-by-provider",
    "given-up-by-reseller",
    "ended-by-program",
    "customer-relationship-ended",
    "partnership-ended",
]
"""``replaced``: the provider named another reseller. The last two: the customer no longer works with both, or the two partners
not with each other."""

RecordRefusal = Literal[
    "customer-not-shared",
    "id-reused",
    "partner-id-unknown",
    "partner-not-active",
    "partner-not-reseller",
    "partnership-missing",
    "portal-not-entitled",
    "record-unknown",
    "region-differs",
    "reseller-not-active",
    "too-late",
]


class NamedPartner(Value):
    """A partner without its contact."""

    organization_id: Id
    partner_id: PartnerId
    name: Line


class _OfRecord(Event):
    """``subscription_id``: as the provider numbers it."""

    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id", "customer_id")
    record_id: Id
    customer_id: Id
    subscription_id: Id
    provider: NamedPartner
    reseller: NamedPartner


class ResellerOfRecordSet(_OfRecord):
    """The provider named the reseller on the subscription.

    A change of the reseller is two events: the one before ends with ``replaced``, then this. So neither reseller learns who the
    other one is. ``set_by``: the user; ``portal``: the portal that asked for it. One of them is there.
    """

    TYPE: ClassVar[str] = "kontor.relationships.reseller-of-record-set.v1"
    set_by: Id | None = None
    portal: Id | None = None
    set_at: Moment


class ResellerOfRecordEnded(_OfRecord):
    """The reseller is no longer named on the subscription.

    ``ended_by``: the user, ``portal``: the portal that asked for it; both null where it follows from another end.
    """

    TYPE: ClassVar[str] = "kontor.relationships.reseller-of-record-ended.v1"
    because: RecordEnd
    ended_by: Id | None = None
    portal: Id | None = None
    comment: Note | None = None
    since: Moment
    ended_at: Moment


class ResellerOfRecordMoved(_OfRecord):
    """The record is about another customer id from now on: an imported customer was matched, or its match was undone.

    The subscription and its reseller stay. ``reseller``: who is named, or was named last.
    """

    TYPE: ClassVar[str] = "kontor.relationships.reseller-of-record-moved.v1"
    former_customer_id: Id
    moved_at: Moment


class ResellerOfRecordRefused(Refusal):
    """The command changed nothing. ``partner_id``: the reseller that was to be named; null where one was to be removed.

    ``partner-not-active``: the provider is no active partner. ``partner-id-unknown``, ``partner-not-reseller``,
    ``reseller-not-active``, ``region-differs``, ``partnership-missing`` and ``customer-not-shared`` are about the reseller, as
    ``POST /v1/resellers/validate`` answers. ``record-unknown``: no reseller was named on the subscription.
    ``portal-not-entitled``: the portal may not speak for the provider. ``id-reused``, ``too-late``: as for imports.
    """

    TYPE: ClassVar[str] = "kontor.relationships.reseller-of-record-refused.v1"
    TENANT: ClassVar[tuple[str, ...]] = ()
    portal: Id
    provider_partner_id: PartnerId
    customer_id: Id
    subscription_id: Id
    partner_id: PartnerId | None = None
    reason: RecordRefusal


class _AskOfRecord(Command):
    TENANT: ClassVar[tuple[str, ...]] = ()
    portal: Id
    provider_partner_id: PartnerId
    customer_id: Id
    subscription_id: Id


class SetResellerOfRecord(_AskOfRecord):
    """Name the reseller ``partner_id`` on a subscription of the provider ``provider_partner_id``, instead of the one before.

    Key: ``portal:customer_id``. The answer is ``reseller-of-record-set`` or ``reseller-of-record-refused``; a command that names
    the same reseller again has no answer.
    """

    TYPE: ClassVar[str] = "kontor.relationships.set-reseller-of-record.v1"
    partner_id: PartnerId


class RemoveResellerOfRecord(_AskOfRecord):
    """Name no reseller on the subscription any more.

    Key: ``portal:customer_id``. The answer is ``reseller-of-record-ended`` or ``reseller-of-record-refused``; where none is named
    any more there is no answer.
    """

    TYPE: ClassVar[str] = "kontor.relationships.remove-reseller-of-record.v1"


EVENTS: tuple[type[Payload], ...] = (
    ResellerOfRecordSet,
    ResellerOfRecordEnded,
    ResellerOfRecordMoved,
    ResellerOfRecordRefused,
)
COMMANDS: tuple[type[Payload], ...] = (SetResellerOfRecord, RemoveResellerOfRecord)
