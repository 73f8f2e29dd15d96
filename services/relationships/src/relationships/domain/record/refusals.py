"""The reasons for which a change of a reseller of record is refused, each with a detail that says what to do."""

from typing import ClassVar, Literal, NamedTuple, cast

from kontor_contracts.envelope import Refusal
from kontor_contracts.resellers_of_record import RecordRefusal, ResellerOfRecordRefused
from relationships.domain.record.commands import Asked

HttpReason = Literal[
    "customer-not-shared",
    "partner-id-unknown",
    "partner-not-active",
    "partner-not-reseller",
    "partnership-missing",
    "record-unknown",
    "region-differs",
    "reseller-not-active",
]
"""Of the reasons on the bus those that people meet; the others are about a portal and its command's id."""


class RecordRefused(Refusal):
    """Over HTTP. Over the bus it is `ResellerOfRecordRefused`."""

    TYPE: ClassVar[str] = "kontor.relationships.record-refused.v1"
    reason: HttpReason
    detail: str
    field: str | None = None


class _Why(NamedTuple):
    detail: str
    field: str | None = None


_WHY: dict[HttpReason, _Why] = {
    "customer-not-shared": _Why(
        "the customer has to work with both companies; invite it together (customer-joint)", "partner_id"
    ),
    "partner-id-unknown": _Why("no partner of the program has this id; check the number", "partner_id"),
    "partner-not-active": _Why("your company is not an active partner; complete its enrollment first"),
    "partner-not-reseller": _Why("this company is no indirect reseller; name one of your resellers", "partner_id"),
    "partnership-missing": _Why("reseller and provider have no active partnership; connect them first", "partner_id"),
    "record-unknown": _Why("no reseller was named on this subscription; look at the list again"),
    "region-differs": _Why("partners work together only within one region; name a reseller of yours", "partner_id"),
    "reseller-not-active": _Why(
        "the reseller is not an active partner now; name another one, or wait until it is reinstated", "partner_id"
    ),
}


def refused(reason: RecordRefusal, asked: Asked | None) -> RecordRefused | ResellerOfRecordRefused:
    if asked is None:
        over_http = cast("HttpReason", reason)
        why = _WHY[over_http]
        return RecordRefused(reason=over_http, detail=why.detail, field=why.field)
    return ResellerOfRecordRefused(
        portal=asked.portal,
        provider_partner_id=asked.provider_partner_id,
        customer_id=asked.customer_id,
        subscription_id=asked.subscription_id,
        partner_id=asked.partner_id,
        reason=reason,
    )
