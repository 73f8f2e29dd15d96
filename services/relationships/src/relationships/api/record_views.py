"""Resellers of record as provider, reseller, customer and the program's staff see them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from chassis import MongoStore
from kontor_contracts.resellers_of_record import NamedPartner, RecordEnd
from relationships.documents import CUSTOMER, PARTNER, PARTNERSHIP
from relationships.domain import partner as domain_partner
from relationships.domain import partnership as domain_partnership
from relationships.domain.customer.state import State as CustomerState
from relationships.domain.customer.state import known as known_relationship
from relationships.domain.partner import active_company, known_company
from relationships.domain.partnership import partnership_id
from relationships.domain.record.judging import Reason, judged
from relationships.domain.record.listing import EVERYBODYS, shown_to
from relationships.domain.record.state import Record, named_before, names


class PartnerNameView(BaseModel):
    organization_id: str
    partner_id: str
    name: str


class NamingView(BaseModel):
    """A reseller that was named, and how that ended."""

    reseller: PartnerNameView
    since: datetime
    until: datetime = Field(description="When it ended.")
    because: RecordEnd
    comment: str | None


class RecordView(BaseModel):
    """The reseller of record of a subscription. A reseller sees what it is or was named on, and no other reseller."""

    record_id: str
    customer_id: str
    customer_name: str | None = Field(
        description="Null for companies that never worked with the customer.", examples=["Bäckerei Süß KG"]
    )
    subscription_id: str
    provider: PartnerNameView
    reseller: PartnerNameView | None = Field(description="Null: none is named now.")
    since: datetime | None = Field(description="Since when the reseller is named.")
    state: Literal["active", "ended"]
    valid: bool = Field(description="The reseller may be named now: it is what an order goes by.")
    code: Reason | None = Field(description="The first thing that is wrong now, or valid; null: none is named.")
    history: list[NamingView]


@dataclass(frozen=True, slots=True)
class _Present:
    """What the records rest on, by document id."""

    found: Mapping[str, Any]

    def partner(self, organization_id: str) -> domain_partner.State | None:
        return self.found.get(PARTNER.id(organization_id))

    def pair(self, record: Record) -> domain_partnership.State | None:
        return self.found.get(_pair_of(record)) if record.current else None

    def customer(self, customer_id: str) -> CustomerState | None:
        return self.found.get(CUSTOMER.id(customer_id))

    def name_of(self, partner: NamedPartner) -> PartnerNameView:
        company = known_company(self.partner(partner.organization_id))
        return PartnerNameView(
            organization_id=partner.organization_id,
            partner_id=partner.partner_id,
            name=company.partner.name if company else partner.name,
        )


async def record_views(store: MongoStore, records: Sequence[Record], viewer: str) -> list[RecordView]:
    """Of records that the viewer may see (`shown_to`), with present names, judged now. One round trip."""
    wanted = dict.fromkeys(pair for record in records for pair in _needs(record))
    states = await store.get_many(*((aggregate, id) for id, aggregate in wanted)) if wanted else ()
    present = _Present({id: state for (id, _), state in zip(wanted, states, strict=True)})
    return [_view(record, viewer, present) for record in records]


def _needs(record: Record) -> Iterator[tuple[str, Any]]:
    resellers = [one.naming.reseller for one in record.past]
    if record.current:
        resellers.append(record.current.reseller)
        yield _pair_of(record), PARTNERSHIP
    for one in (record.provider, *resellers):
        yield PARTNER.id(one.organization_id), PARTNER
    yield CUSTOMER.id(record.customer_id), CUSTOMER


def _pair_of(record: Record) -> str:
    assert record.current is not None, "asked for where a reseller is named"
    reseller = record.current.reseller.organization_id
    return PARTNERSHIP.id(partnership_id(record.provider.organization_id, reseller))


def _view(record: Record, viewer: str, present: _Present) -> RecordView:
    whole = viewer in {record.provider.organization_id, record.customer_id, EVERYBODYS}
    current = record.current if whole or names(record, viewer) else None
    code = _code(record, present) if current else None
    return RecordView(
        record_id=record.record_id,
        customer_id=record.customer_id,
        customer_name=_customer_name(record, viewer, present),
        subscription_id=record.subscription_id,
        provider=present.name_of(record.provider),
        reseller=present.name_of(current.reseller) if current else None,
        since=current.since if current else None,
        state=shown_to(record, viewer) or "ended",
        valid=code == "valid",
        code=code,
        history=[
            NamingView(
                reseller=present.name_of(one.naming.reseller),
                since=one.naming.since,
                until=one.until,
                because=one.because,
                comment=one.comment,
            )
            for one in (record.past if whole else named_before(record, viewer))
        ],
    )


def _code(record: Record, present: _Present) -> Reason | None:
    if record.current is None:
        return None
    return judged(
        active_company(present.partner(record.provider.organization_id)),
        present.partner(record.current.reseller.organization_id),
        present.pair(record),
        present.customer(record.customer_id),
        for_customer=True,
    )


def _customer_name(record: Record, viewer: str, present: _Present) -> str | None:
    """The present name for who works with the customer; for who did, the name of then."""
    customer = present.customer(record.customer_id)
    if customer is None or customer.account is None:
        return None
    if viewer in {record.customer_id, EVERYBODYS}:
        return customer.account.name
    company = known_company(present.partner(viewer))
    own = known_relationship(customer, company.partner.partner_id) if company else None
    if own is None:
        return None
    return customer.account.name if own.holds else own.customer_name
