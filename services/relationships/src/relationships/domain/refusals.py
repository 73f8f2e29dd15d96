"""Why an invitation is refused, in closed words, each with what to do about it."""

from typing import ClassVar, Literal, NamedTuple

from kontor_contracts.envelope import Refusal

Reason = Literal[
    "already-accepted",
    "consent-missing",
    "invitation-expired",
    "invitation-revoked",
    "inviter-not-active",
    "link-invalid",
    "link-missing",
    "not-a-customer",
    "not-a-draft",
    "not-a-provider",
    "not-a-reseller",
    "not-sent",
    "own-domain",
    "own-organization",
    "partnership-missing",
    "region-differs",
    "too-many-partners",
]


class InvitationRefused(Refusal):
    """Over HTTP only: nobody invites over the bus."""

    TYPE: ClassVar[str] = "kontor.relationships.invitation-refused.v1"
    reason: Reason
    detail: str
    field: str | None = None
    status: int | None = None


class _Why(NamedTuple):
    """``status`` where neither 409 nor, for a field, 422 says it well."""

    detail: str
    field: str | None = None
    status: int | None = None


_WHY: dict[Reason, _Why] = {
    "already-accepted": _Why("another company has accepted this invitation; ask the sender for one of your own"),
    "consent-missing": _Why("read what accepting means and send consent: true", field="consent"),
    "invitation-expired": _Why("this invitation is too old; ask the sender for a new one", status=410),
    "invitation-revoked": _Why("the sender has taken this invitation back; ask them about it", status=410),
    "inviter-not-active": _Why("the company that invited you is no active partner at present; ask them about it"),
    "link-invalid": _Why("the link is incomplete or not valid; open it as it stands in the mail", status=403),
    "link-missing": _Why("keep {link} in the text: it becomes the personal link", field="body"),
    "not-a-customer": _Why("sign in with the work account of a customer; this invitation is for one", status=403),
    "not-a-draft": _Why("only a draft can be changed or sent; write a new invitation"),
    "not-a-provider": _Why("only an indirect provider invites to a partnership", status=403),
    "not-a-reseller": _Why("this is for an indirect reseller whose enrollment is active", status=403),
    "not-sent": _Why("the sender has not sent this invitation yet; wait for the mail"),
    "own-domain": _Why("a customer's address is not at a partner's own domain", field="recipient.email"),
    "own-organization": _Why("a company cannot accept its own invitation; forward it to the addressee", status=403),
    "partnership-missing": _Why("reseller and provider need a partnership first"),
    "region-differs": _Why("partners and customers work together within one region of the program only"),
    "too-many-partners": _Why("your company works with as many partners as it may; ask the program's staff"),
}


def refused(reason: Reason) -> InvitationRefused:
    why = _WHY[reason]
    return InvitationRefused(reason=reason, detail=why.detail, field=why.field, status=why.status)
