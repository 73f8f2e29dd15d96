"""Before a company begins: the countries of the program, and what an enrollment asks for, public."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from chassis import AnswerLanguage, Language, new_router, not_found
from enrollment.api.base_views import View
from enrollment.country_rules import rules_of
from enrollment.domain.enrollment.waits import Waits
from kontor_contracts.markets import Markets
from kontor_contracts.values import Country, Program

Item = Literal[
    "work_account",
    "partner_id",
    "company_name",
    "address",
    "registration_id",
    "primary_contact",
    "support_contact",
    "agreement",
]
Texts = dict[Language, str]

TEXTS: dict[Item, Texts] = {
    "work_account": {
        "en": "A work account of the company, with a user who is its global administrator.",
        "de": "Ein Arbeitskonto des Unternehmens, mit einem Benutzer, der globaler Administrator ist.",
    },
    "partner_id": {
        "en": "The sign-in of a membership account that has an active location in this country.",
        "de": "Die Anmeldedaten eines Mitgliedskontos, das einen aktiven Standort in diesem Land hat.",
    },
    "company_name": {
        "en": "The registered name of the company, with its legal form.",
        "de": "Der eingetragene Name des Unternehmens, mit der Rechtsform.",
    },
    "address": {
        "en": "The registered office: street, city, postal code and state as the country has them.",
        "de": "Der eingetragene Sitz: Straße, Ort, Postleitzahl und Region, wie das Land sie hat.",
    },
    "registration_id": {
        "en": "The number of the company in the country's register; never a person's.",
        "de": "Die Nummer des Unternehmens im Register des Landes; nie die einer Person.",
    },
    "primary_contact": {
        "en": "A person with a mailbox of their own at the company's domain, who confirms by mail. No webmail and no shared "
        "mailbox such as info@.",
        "de": "Eine Person mit eigenem Postfach auf der Domain des Unternehmens, die per E-Mail bestätigt. Kein Webmail und "
        "kein gemeinsames Postfach wie info@.",
    },
    "support_contact": {
        "en": "Mail address, phone number and website where customers get help.",
        "de": "E-Mail-Adresse, Telefonnummer und Website, unter denen Kunden Hilfe bekommen.",
    },
    "agreement": {
        "en": "The program's agreement, which a global administrator accepts after the review.",
        "de": "Der Vertrag des Programms, den ein globaler Administrator nach der Prüfung annimmt.",
    },
}


class MarketView(View):
    country: str
    region: str
    registration_id_mandatory: bool


class MarketsView(View):
    items: list[MarketView]


class StateView(View):
    code: str
    name: str


class FormatsView(View):
    """``states`` empty: the state is free."""

    postal_code_required: bool
    postal_code_example: str | None
    state_required: bool
    states: list[StateView]
    calling_code: str | None
    registration_ids: list[str]


class ChecklistItemView(View):
    item: Item
    required: bool
    text: str


class ChecklistView(View):
    country: str
    region: str
    program: Program
    items: list[ChecklistItemView]
    formats: FormatsView
    review_business_days: int
    draft_days: int


def router(markets: Markets, waits: Waits) -> APIRouter:
    routes = new_router("/v1/markets", tags=["markets"])

    @routes.get("")
    async def list_markets() -> MarketsView:
        """The countries in which the program is offered, with their regions. Needs no access token."""
        return MarketsView(
            items=[
                MarketView(
                    country=country,
                    region=region,
                    registration_id_mandatory=country in markets.registration_id_mandatory,
                )
                for country, region in sorted(markets.regions.items())
            ]
        )

    @routes.get("/{country}/checklist")
    async def show_checklist(
        country: Annotated[Country, Path()],
        language: AnswerLanguage,
        program: Annotated[Program, Query()] = "indirect-reseller",
    ) -> ChecklistView:
        """What an enrollment in this country asks for, in which formats, and how long it takes. Needs no access token.

        404 where the program is not offered.
        """
        found = checklist(markets, waits, country, program, language)
        if found is None:
            raise not_found("market")
        return found

    return routes


def checklist(
    markets: Markets, waits: Waits, country: str, program: Program, language: Language
) -> ChecklistView | None:
    """None where the program is not offered."""
    region = markets.region_of(country)
    if region is None:
        return None
    optional = set[Item]() if country in markets.registration_id_mandatory else {"registration_id"}
    return ChecklistView(
        country=country,
        region=region,
        program=program,
        items=[
            ChecklistItemView(item=item, required=item not in optional, text=texts[language])
            for item, texts in TEXTS.items()
        ],
        formats=_formats(country),
        review_business_days=waits.review,
        draft_days=waits.draft,
    )


def _formats(country: str) -> FormatsView:
    rules = rules_of(country)
    return FormatsView(
        postal_code_required=rules.postal_code_needed,
        postal_code_example=rules.postal_code_example,
        state_required=rules.state_needed,
        states=[StateView(code=code, name=name) for code, name in rules.states],
        calling_code=f"+{rules.calling_code}" if rules.calling_code else None,
        registration_ids=list(rules.registration_ids),
    )
