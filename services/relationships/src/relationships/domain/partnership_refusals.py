"""The reasons for which a command on a partnership is refused, each with a detail that says what to do."""

from typing import ClassVar, Literal, NamedTuple

from kontor_contracts.envelope import Refusal

Reason = Literal["access-consent-missing", "access-end-past", "partnership-not-active", "partnership-unknown"]


class PartnershipRefused(Refusal):
    """Only over HTTP: no command on a partnership comes over the bus."""

    TYPE: ClassVar[str] = "kontor.relationships.partnership-refused.v1"
    reason: Reason
    detail: str
    field: str | None = None


class _Why(NamedTuple):
    detail: str
    field: str | None = None


_WHY: dict[Reason, _Why] = {
    "access-consent-missing": _Why("read what administrator access means and send consent: true", field="consent"),
    "access-end-past": _Why("give an end in the future, or none", field="until"),
    "partnership-not-active": _Why("the two companies have no active partnership now; connect them first"),
    "partnership-unknown": _Why("the two companies have had no partnership; check their ids"),
}


def refused(reason: Reason) -> PartnershipRefused:
    why = _WHY[reason]
    return PartnershipRefused(reason=reason, detail=why.detail, field=why.field)
