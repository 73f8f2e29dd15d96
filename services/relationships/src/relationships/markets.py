"""The program's regions: partners sell, and invite, inside one region only (program rule; regional authorization)."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def _regions() -> Mapping[str, str]:
    """Country → region, for the 237 countries in which the program is offered."""
    regions: dict[str, list[str]] = json.loads(files("relationships").joinpath("markets.json").read_text())
    return {country: region for region, countries in regions.items() for country in countries}


def region_of(country: str) -> str | None:
    """The region of a country (ISO 3166-1 alpha-2), None where the program is not offered."""
    return _regions().get(country)
