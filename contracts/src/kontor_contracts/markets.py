"""The program's markets: where it is offered, in which region, and which languages there are. One list for all services."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import AfterValidator

from kontor_contracts.values import Country, Culture

NO_COUNTRY = {
    "EU": "the European Union is no country: send the country in which the company is registered",
    "UK": "send GB",
}
"""Codes that are sent by mistake, with what to send instead."""


@dataclass(frozen=True, slots=True)
class Markets:
    """Countries are ISO 3166-1 alpha-2, languages ISO 639-1; a region is a slug such as ``europe``."""

    regions: Mapping[str, str]
    registration_id_mandatory: frozenset[str]
    languages: frozenset[str]

    def region_of(self, country: str) -> str | None:
        """None: the program is not offered there."""
        return self.regions.get(country)


@cache
def markets() -> Markets:
    data: dict[str, Any] = json.loads((files("kontor_contracts") / "markets.json").read_text(encoding="utf-8"))
    regions = {country: region for region, countries in data["regions"].items() for country in countries}
    return Markets(regions, frozenset(data["registration_id_mandatory"]), frozenset(data["languages"]))


def region_of(country: str) -> str | None:
    """The region of a country, None where the program is not offered."""
    return markets().region_of(country)


def market_country(code: str) -> str:
    """Raises ValueError where the program is not offered, saying what to send."""
    if code in NO_COUNTRY:
        raise ValueError(NO_COUNTRY[code])
    if region_of(code) is None:
        raise ValueError(f"the program is not offered in {code}: send the ISO 3166-1 code of a country of the program")
    return code


def market_culture(tag: str) -> str:
    """Raises ValueError where language or country is none."""
    language, _, country = tag.partition("-")
    if language not in markets().languages:
        raise ValueError(f"{language} is no language: send an ISO 639-1 code such as de or en")
    if country and region_of(country) is None:
        raise ValueError(f"{country} is no country of the program: send the language alone, or such as de-DE")
    return tag


MarketCountry = Annotated[Country, AfterValidator(market_country)]
"""A country in which the program is offered. For requests: messages carry ``Country``."""

MarketCulture = Annotated[Culture, AfterValidator(market_culture)]
"""A language that there is, with a country of the program or none. For requests: messages carry ``Culture``."""
