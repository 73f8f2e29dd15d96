"""The reasons for which a change of a customer relationship is refused, each with a detail that says what to do."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Refusal

Reason = Literal[
    "match-final",
    "match-unknown",
    "no-match-proposed",
    "no-relationship",
    "subscriptions-active",
    "too-many-matches",
    "too-many-partners",
]


class RelationshipRefused(Refusal):
    """Only over HTTP: ends are asked for there."""

    TYPE: ClassVar[str] = "kontor.relationships.relationship-refused.v1"
    reason: Reason
    detail: str
    field: str | None = None


_DETAILS: dict[Reason, str] = {
    "match-final": "the time to undo this match is over; end the relationships that do not fit instead",
    "match-unknown": "the customer has not confirmed that it is this imported customer; look at the list again",
    "no-match-proposed": "no proposal is open for this imported customer; look at the list again",
    "too-many-partners": "your company works with as many partners as it may; ask the program's staff",
    "too-many-matches": "the company has confirmed as many imported customers as it may; ask the program's staff",
    "no-relationship": "customer and partner have no relationship; look at the list again",
    "subscriptions-active": "the customer has active subscriptions with this partner; suspend or move them first",
}


def refused(reason: Reason) -> RelationshipRefused:
    return RelationshipRefused(reason=reason, detail=_DETAILS[reason])
