"""The reasons for which a change of a customer relationship is refused, each with a detail that says what to do."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Refusal

Reason = Literal["no-relationship", "subscriptions-active"]


class RelationshipRefused(Refusal):
    """Only over HTTP: ends are asked for there."""

    TYPE: ClassVar[str] = "kontor.relationships.relationship-refused.v1"
    reason: Reason
    detail: str
    field: str | None = None


_DETAILS: dict[Reason, str] = {
    "no-relationship": "customer and partner have no relationship; look at the list again",
    "subscriptions-active": "the customer has active subscriptions with this partner; suspend or move them first",
}


def refused(reason: Reason) -> RelationshipRefused:
    return RelationshipRefused(reason=reason, detail=_DETAILS[reason])
