"""The reasons for which an invitation is refused, each with a detail that says what to do."""

from typing import ClassVar, Literal, NamedTuple

from kontor_contracts.envelope import Refusal

Reason = Literal[
    "access-refused",
    "access-unknown",
    "access-unneeded",
    "already-accepted",
    "already-sent",
    "consent-missing",
    "invitation-declined",
    "invitation-expired",
    "invitation-revoked",
    "inviter-not-active",
    "link-foreign",
    "link-hidden",
    "link-invalid",
    "link-missing",
    "link-repeated",
    "no-match-proposed",
    "not-a-customer",
    "not-a-draft",
    "not-a-provider",
    "not-a-reseller",
    "not-sent",
    "not-the-addressee",
    "own-domain",
    "own-organization",
    "partnership-missing",
    "region-differs",
    "sent-meanwhile",
    "too-many-access-requests",
    "too-many-partners",
]


class InvitationRefused(Refusal):
    """Only over HTTP: no command on an invitation comes over the bus."""

    TYPE: ClassVar[str] = "kontor.relationships.invitation-refused.v1"
    reason: Reason
    detail: str
    field: str | None = None


class _Why(NamedTuple):
    detail: str
    field: str | None = None


_WHY: dict[Reason, _Why] = {
    "access-refused": _Why("the inviter did not let your company in; talk to them"),
    "access-unknown": _Why("there is no such request to be let in"),
    "access-unneeded": _Why("you may accept this invitation right away; you need not ask"),
    "already-accepted": _Why("another company has accepted this invitation; ask the sender for a new one"),
    "already-sent": _Why("this invitation is sent already; POST …/resend sends it again with a new link"),
    "consent-missing": _Why("read what accepting means and send consent: true", field="consent"),
    "invitation-declined": _Why("the addressee has declined this invitation; talk to them before you write a new one"),
    "invitation-expired": _Why("this invitation has expired; ask the sender for a new one"),
    "invitation-revoked": _Why("the sender has revoked this invitation; ask them about it"),
    "inviter-not-active": _Why("the company that invited you is not an active partner now; ask them about it"),
    "link-invalid": _Why("the link is incomplete or not valid; open it as it stands in the mail"),
    "link-foreign": _Why("leave out links to other sites; links to your own mail domain may stay", field="body"),
    "link-hidden": _Why(
        "put spaces or line breaks around {link}, so that mail programs show it as a link", field="body"
    ),
    "link-repeated": _Why("keep {link} once, in the text and not in the subject", field="body"),
    "link-missing": _Why("keep {link} in the text: it becomes the personal link", field="body"),
    "no-match-proposed": _Why(
        "this imported customer is not proposed to your company; leave out same_as", field="same_as"
    ),
    "not-a-customer": _Why("this invitation is for a customer; sign in with a customer's work account"),
    "not-a-draft": _Why("only a draft can be changed or sent; write a new invitation"),
    "not-a-provider": _Why("only an indirect provider can invite to a partnership"),
    "not-a-reseller": _Why("only an indirect reseller with an active enrollment can do this"),
    "not-sent": _Why("the sender has not sent this invitation yet; wait for the mail"),
    "not-the-addressee": _Why(
        "this invitation is for another address; sign in with that one, or ask the inviter: POST …/access-requests"
    ),
    "own-domain": _Why(
        "the address is at a partner's own domain; give an address of the customer", field="recipient.email"
    ),
    "own-organization": _Why("a company cannot accept its own invitation; forward it to the addressee"),
    "partnership-missing": _Why("reseller and provider have no active partnership; connect them first"),
    "region-differs": _Why("partners and customers can only work together within one region of the program"),
    "sent-meanwhile": _Why(
        "somebody else has sent this invitation again just now; look at it, and send it again if it is still needed"
    ),
    "too-many-access-requests": _Why(
        "too many companies have asked to be let in; ask the inviter for an invitation of your own"
    ),
    "too-many-partners": _Why("your company works with as many partners as it may; ask the program's staff"),
}


def refused(reason: Reason) -> InvitationRefused:
    why = _WHY[reason]
    return InvitationRefused(reason=reason, detail=why.detail, field=why.field)
