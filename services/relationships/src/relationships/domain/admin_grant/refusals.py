"""The reasons for which a change of an administrator grant is refused, each with a detail that says what to do."""

from typing import ClassVar, Literal

from kontor_contracts.envelope import Refusal

Reason = Literal[
    "auto-extend-by-customer",
    "auto-extend-of-top-role",
    "customer-unreachable",
    "grant-not-open",
    "grant-not-pending",
    "no-relationship",
    "too-many-grants",
]


class GrantRefused(Refusal):
    """Only over HTTP."""

    TYPE: ClassVar[str] = "kontor.relationships.admin-grant-refused.v1"
    reason: Reason
    detail: str
    field: str | None = None


_DETAILS: dict[Reason, tuple[str, str | None]] = {
    "auto-extend-by-customer": ("only the customer can have the grant extended; ask it", "days"),
    "auto-extend-of-top-role": (
        "a grant with the role global-administrator is never extended; leave the role out, or set 0",
        "auto_extend_days",
    ),
    "customer-unreachable": (
        "this customer has no work account here and cannot approve; invite it first",
        None,
    ),
    "grant-not-open": ("the grant has ended; request a new one", None),
    "grant-not-pending": ("the grant was answered already; look at its status", None),
    "no-relationship": ("customer and partner have no relationship; invite the customer first", None),
    "too-many-grants": ("customer and partner have as many open grants as they may; end one first", None),
}


def refused(reason: Reason) -> GrantRefused:
    detail, field = _DETAILS[reason]
    return GrantRefused(reason=reason, detail=detail, field=field)
