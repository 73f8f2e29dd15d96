"""The companies and people of the example messages: one set per culture, so that examples differ where mails do."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from kontor_contracts import Payload
from kontor_contracts.values import Partner, Recipient

NAMESPACE = UUID("6f2d1c1e-7b0a-5c43-9d55-2f0c7a1f7b11")
BEGIN = datetime(2026, 11, 2, 8, 14, 7, tzinfo=UTC)
# A compact JWE in shape alone: nothing is in it.
SEALED = (
    "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImtpZCI6Im5vdGlmaWNhdGlvbnMtMjAyNi0xMCJ9"
    "..48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji.XFBoMYUZodetZdvTiFvSkQ"
)


class Sample(NamedTuple):
    """A message with the aggregate it is about, its number there (0: a command, which has none) and who caused it."""

    data: Payload
    subject: str
    sequence: int
    actor: str = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """A reseller with its people, the provider it works with and a customer of theirs.

    ``joint``: its customer invitation is one for reseller and provider together.
    """

    company: str
    country: str
    culture: str
    region: str
    partner_id: str
    admin: Recipient
    colleague: Recipient
    provider_name: str
    provider_contact: Recipient
    provider_partner_id: str
    customer_name: str
    customer_contact: Recipient
    mail_subject: str
    mail_body: str
    joint: bool

    def id(self, what: str) -> str:
        """The same id for the same thing each time, as examples are compared byte by byte."""
        return str(uuid5(NAMESPACE, f"{self.company}/{what}"))

    @property
    def reseller(self) -> Partner:
        """The company, once it is in the program."""
        return Partner(
            organization_id=self.id("organization"),
            partner_id=self.partner_id,
            name=self.company,
            program="indirect-reseller",
            contact=self.admin,
        )

    @property
    def provider(self) -> Partner:
        """The indirect provider it works with."""
        return Partner(
            organization_id=self.id("provider"),
            partner_id=self.provider_partner_id,
            name=self.provider_name,
            program="indirect-provider",
            contact=self.provider_contact,
        )


GERMAN = Cast(
    company="Müller & Söhne GmbH",
    country="DE",
    culture="de-DE",
    region="europe",
    partner_id="4710815",
    admin=Recipient(name="Jürgen Müller", email="juergen.mueller@mueller-soehne.example", culture="de-DE"),
    colleague=Recipient(name="Zoë Größler", email="zoe.groessler@mueller-soehne.example", culture="de-DE"),
    provider_name="Nordlicht Distribution AG",
    provider_contact=Recipient(name="Åsa Øvergård", email="partner@nordlicht.example", culture="de"),
    provider_partner_id="1000234",
    customer_name="Bäckerei Weiß e. K.",
    customer_contact=Recipient(name="Friederike Weiß", email="weiss@baeckerei-weiss.example", culture="de-DE"),
    mail_subject="Einladung: Müller & Söhne GmbH möchte für Sie tätig werden",
    mail_body="Guten Tag Frau Weiß,\n\nbitte bestätigen Sie uns über diesen Link:\n{link}\n\nViele Grüße\nJürgen Müller\n",
    joint=True,
)

ENGLISH = Cast(
    company="Harbour & Finch Ltd",
    country="GB",
    culture="en-GB",
    region="united-kingdom",
    partner_id="5520031",
    admin=Recipient(name="Siân O'Connor", email="sian.oconnor@harbour-finch.example", culture="en-GB"),
    colleague=Recipient(name="Dev Patel-Reed", email="dev.patel-reed@harbour-finch.example", culture="en-GB"),
    provider_name="Longshore Distribution plc",
    provider_contact=Recipient(name="Partner Desk", email="desk@longshore.example", culture="en"),
    provider_partner_id="1000871",
    customer_name="The Crooked Spire Bookshop",
    customer_contact=Recipient(name="Maud Ashworth", email="maud@crooked-spire.example"),
    mail_subject="Harbour & Finch Ltd would like to work with you",
    mail_body="Dear Maud,\n\nplease authorize us with this link:\n{link}\n\nKind regards\nSiân O'Connor\n",
    joint=False,
)

AUSTRIAN = Cast(
    company="Öztürk Bürotechnik e.U.",
    country="AT",
    culture="de-AT",
    region="europe",
    partner_id="6630127",
    admin=Recipient(name="Ayşe Öztürk", email="office@oeztuerk-buerotechnik.example", culture="de-AT"),
    colleague=Recipient(name="Jörg Hölzl", email="hoelzl@oeztuerk-buerotechnik.example", culture="de-AT"),
    provider_name="Nordlicht Distribution AG",
    provider_contact=Recipient(name="Åsa Øvergård", email="partner@nordlicht.example", culture="de"),
    provider_partner_id="1000234",
    customer_name="Kaffeehaus Žižka",
    customer_contact=Recipient(name="Magdaléna Žižka", email="servus@kaffeehaus-zizka.example", culture="de-AT"),
    mail_subject="Einladung von Öztürk Bürotechnik",
    mail_body="Grüß Gott,\n\nunter diesem Link können Sie uns beauftragen:\n{link}\n\nAyşe Öztürk\n",
    joint=False,
)
