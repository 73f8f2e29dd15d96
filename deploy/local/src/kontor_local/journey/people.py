"""The cast. Germany, German and English speakers, umlauts everywhere."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Person:
    """Somebody with a user; ``tokens`` holds what the last sign-in gave."""

    name: str
    email: str
    culture: str
    password: str
    user_id: str = ""
    token: str = ""
    refresh_token: str | None = None


@dataclass(slots=True)
class Company:
    """A work account of the journey and its first administrator."""

    name: str
    kind: str
    program: str
    admin: Person
    partner_id: str = ""
    membership_account: str = ""
    contact_email: str = ""
    support_email: str = ""
    organization_id: str = ""
    enrollment_id: str = ""
    others: list[Person] = field(default_factory=list)


OPERATOR = Person("Olga Öztürk", "olga.oeztuerk@program.example", "de", "Prüfen ist unser Handwerk 1")

PROVIDER = Company(
    name="Großhandel Nord AG",
    kind="provider",
    program="indirect-provider",
    admin=Person("Jörg Großmann", "joerg.grossmann@grosshandel-nord.example", "de", "Lagerhaus am Nordkai 7"),
    partner_id="5200001",
    membership_account="nord@membership.example",
    contact_email="partner@grosshandel-nord.example",
    support_email="hilfe@grosshandel-nord.example",
)

RESELLER = Company(
    name="Müller & Söhne IT GmbH",
    kind="reseller",
    program="indirect-reseller",
    admin=Person("Jürgen Müller", "juergen.mueller@mueller-soehne.example", "de", "Werkbank und Wolke 2026"),
    partner_id="4711001",
    membership_account="mueller@membership.example",
    contact_email="anna.schaefer@mueller-soehne.example",
    support_email="support@mueller-soehne.example",
    others=[Person("Zoë Brown", "zoe.brown@mueller-soehne.example", "en", "a helpdesk with a view 22")],
)

CUSTOMER = Company(
    name="Bäckerei Süß KG",
    kind="customer",
    program="",
    admin=Person("Käthe Süß", "kaethe.suess@baeckerei-suess.example", "de", "Mohnbrötchen um fünf 44"),
)

IMPORTED_CUSTOMER = "Fahrräder Köhler oHG"
