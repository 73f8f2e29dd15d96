"""The companies that the tests of relationships are about, and an invitation at each stage."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kontor_contracts.relationships import InvitationKind
from kontor_contracts.values import Partner, Permission, Recipient
from relationships.domain.check import held_by
from relationships.domain.customer.state import State as Customer
from relationships.domain.invitation.acceptance import AcceptInvitation, Acceptor, Consented
from relationships.domain.invitation.state import LIFETIMES, Invitation, Mail, Person, State, Status

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
VERSION = "partnership-2026-11"
CONSENT = Consented(
    version=VERSION, language="de", words=("Nord darf bestellen.",), box="Ich stimme zu.", network="192.0.2.0/24"
)

PROVIDER = Partner(
    organization_id="prov",
    partner_id="520001",
    name="Großhandel Nord AG",
    program="indirect-provider",
    contact=Recipient(name="Jörg Großmann", email="partner@nord.example", culture="de"),
)
RESELLER = Partner(
    organization_id="res",
    partner_id="471101",
    name="Müller & Söhne GmbH",
    program="indirect-reseller",
    contact=Recipient(name="Anna Schäfer", email="anna@mueller.example", culture="de"),
)
OTHER_RESELLER = RESELLER.model_copy(
    update={"organization_id": "res2", "partner_id": "471102", "name": "Fremde Federn"}
)
CUSTOMER_CONTACT = Recipient(name="Käthe Süß", email="kaethe@suess.example", culture="de-AT")
RESELLER_CONTACT = Recipient(name="Jürgen Müller", email="juergen@mueller.example", culture="de")
MAIL = Mail("Hallo", "Bitte hier: {link}")
SENDER = Person(
    user_id="u9",
    organization_id="prov",
    organization_name=PROVIDER.name,
    contact=Recipient(name="Ida Vogt", email="ida@nord.example", culture="de"),
)


def invitation(kind: InvitationKind = "partnership", status: Status = "sent") -> Invitation:
    """Sent at NOW, unless it is a draft. A revoked one had been sent."""
    inviter = PROVIDER if kind == "partnership" else RESELLER
    draft = Invitation(
        invitation_id="i1",
        kind=kind,
        inviter=inviter,
        provider=PROVIDER if kind == "customer-joint" else None,
        recipient=RESELLER_CONTACT if kind == "partnership" else CUSTOMER_CONTACT,
        mail=MAIL,
        sender=SENDER,
        created_at=NOW - timedelta(hours=1),
    )
    if status == "draft":
        return draft
    accepted_by = {"partnership": "res"}.get(kind, "cust") if status == "accepted" else None
    return replace(
        draft, status=status, sent_at=NOW, expires_at=NOW + LIFETIMES[kind], accepted_by=accepted_by, request="r1"
    )


def given(kind: InvitationKind = "partnership", status: Status = "sent") -> State:
    return State(invitation(kind, status))


RESELLER_SIGNS = Acceptor(
    organization_id="res",
    name=RESELLER.name,
    kind="reseller",
    country="DE",
    partner=RESELLER,
    user_id="u1",
    contact=RESELLER_CONTACT,
)
CUSTOMER_SIGNS = Acceptor(
    organization_id="cust",
    name="Bäckerei Süß KG",
    kind="customer",
    country="AT",
    partner=None,
    user_id="u2",
    contact=CUSTOMER_CONTACT,
)


def acceptance(kind: InvitationKind = "partnership", **changes: object) -> AcceptInvitation:
    """A valid acceptance a day after sending, with what the test changes."""
    valid = AcceptInvitation(
        generation=1,
        acceptor=RESELLER_SIGNS if kind == "partnership" else CUSTOMER_SIGNS,
        inviter_active=True,
        same_region=True,
        connected=kind == "customer-joint",
        consent=CONSENT,
        at=NOW + timedelta(days=1),
    )
    return replace(valid, **changes)  # type: ignore[arg-type]


def grants_of(customer: Customer) -> dict[str, tuple[Permission, ...]] | None:
    """The permissions of the relationships that hold, by partner id."""
    held = held_by(customer)
    return None if held is None else {partner_id: one.permissions for partner_id, one in held.items()}
