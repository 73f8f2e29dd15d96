"""What a provider writes about itself in the directory. Limits are those of the program's business profiles."""

import re
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from chassis import Form
from chassis.http.addresses import InvalidAddressError, mail_address
from kontor_contracts.directory import (
    CustomerSize,
    Description,
    LeadContact,
    Location,
    ProviderProfile,
    ProviderService,
    SupportLevel,
)
from kontor_contracts.markets import MarketCountry, MarketCulture
from kontor_contracts.values import Name

PICTURES = (".png", ".jpg", ".jpeg", ".gif")
"""No SVG: it may hold scripts."""
LANGUAGE = re.compile(r"[a-z]{2}")


def _site(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or "." not in parts.hostname:
        raise ValueError("give a whole address such as https://provider.example/partner")
    return url


def _mailbox(address: str) -> str:
    try:
        return mail_address(address)
    except InvalidAddressError as error:
        raise ValueError(str(error)) from error


def _language(tag: str) -> str:
    if not LANGUAGE.fullmatch(tag):
        raise ValueError("give a language without a country, such as de")
    return tag


Website = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^https://[^\s<>\"'@\\]+$"),
    AfterValidator(_site),
]
"""With https, and without a user name: what is before an @ may look like another site."""
Phone = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^\+[0-9](?:[ ()/.-]{0,2}[0-9]){4,19}$")
]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Language = Annotated[MarketCulture, AfterValidator(_language)]
Tag = Annotated[Name, StringConstraints(max_length=60)]
Place = Annotated[Name, StringConstraints(max_length=120)]


T = TypeVar("T")


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _once(values: list[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))


class LocationForm(Form):
    country: MarketCountry = Field(description="ISO 3166-1 code of the country.", examples=["DE"])
    city: Place = Field(description="The city.", examples=["Bremen"])
    address: Place | None = Field(default=None, description="Street and number.", examples=["Am Wall 1"])


class LeadContactForm(Form):
    name: Name = Field(description="The person or the team.", examples=["Vertrieb Nord"])
    email: Mailbox = Field(description="The mail address.", examples=["partner@provider.example"])
    phone: Phone | None = Field(default=None, description="With the country code.", examples=["+49 421 555 0"])


class ProfileForm(Form):
    """The whole profile; what is left out is empty. Other partners may not be named without their agreement."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"description": "Cloud services.", "languages": ["de"]}]})

    description: Description | None = Field(
        default=None,
        description="What the provider offers; plain text.",
        examples=["Cloud services for small companies."],
    )
    website: Website | None = Field(
        default=None, description="Address of the website, with https.", examples=["https://provider.example/partner"]
    )
    linkedin: Website | None = Field(
        default=None, description="The company's page there.", examples=["https://www.linkedin.com/company/provider"]
    )
    phone: Phone | None = Field(default=None, description="With the country code.", examples=["+49 421 555 0"])
    languages: list[Language] = Field(
        default=[], max_length=20, description="ISO 639-1 codes of the languages spoken.", examples=[["de", "en"]]
    )
    countries_served: list[MarketCountry] = Field(
        default=[], max_length=60, description="Countries whose resellers are served.", examples=[["DE", "AT"]]
    )
    services: list[ProviderService] = Field(
        default=[], max_length=3, description="Help beside orders and billing.", examples=[["training"]]
    )
    support_level: SupportLevel | None = Field(default=None, description="When support answers.")
    industries: list[Tag] = Field(
        default=[], max_length=20, description="Industries that the provider knows; searched.", examples=[["Handwerk"]]
    )
    products: list[Tag] = Field(
        default=[], max_length=20, description="Products and solutions; searched.", examples=[["Office"]]
    )
    customer_sizes: list[CustomerSize] = Field(
        default=[], max_length=3, description="Companies that the provider's resellers sell to.", examples=[["small"]]
    )
    locations: list[LocationForm] = Field(
        default=[], max_length=100, description="Places of business, at most five in one country.", examples=[[]]
    )

    logo_url: Website | None = Field(
        default=None,
        description="A PNG, JPEG or GIF at the website's own host, at most 300 pixels wide. Kontor does not load it.",
        examples=["https://provider.example/logo.png"],
    )
    lead_contact: LeadContactForm | None = Field(
        default=None, description="Published: the person or team that interested companies write to."
    )

    @field_validator("logo_url")
    @classmethod
    def is_a_picture_of_the_website(cls, url: str | None, given: ValidationInfo) -> str | None:
        """At another host, somebody else would see who reads the directory, and could change the picture."""
        if url is None or "website" not in given.data:
            return url
        if not urlsplit(url).path.lower().endswith(PICTURES):
            raise ValueError("give a PNG, JPEG or GIF; its address ends with .png, .jpg, .jpeg or .gif")
        site = _host(given.data.get("website") or "")
        if not site or not (_host(url) == site or _host(url).endswith(f".{site}")):
            raise ValueError("give website as well, and a logo at the host of the website")
        return url

    def profile(self) -> ProviderProfile:
        """Each value once, in the order given."""
        return ProviderProfile(
            description=self.description,
            website=self.website,
            linkedin=self.linkedin,
            phone=self.phone,
            languages=_once(self.languages),
            countries_served=_once(self.countries_served),
            services=_once(self.services),
            support_level=self.support_level,
            industries=_once(self.industries),
            products=_once(self.products),
            customer_sizes=_once(self.customer_sizes),
            locations=tuple(Location(**one.model_dump()) for one in self.locations),
            logo_url=self.logo_url,
            lead_contact=LeadContact(**self.lead_contact.model_dump()) if self.lead_contact else None,
        )
