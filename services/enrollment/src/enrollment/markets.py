"""The program's markets: which region a country belongs to, and where a registration id is mandatory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Markets:
    """Countries are ISO 3166-1 alpha-2; a region is a slug such as ``europe``."""

    regions: Mapping[str, str]
    registration_id_mandatory: frozenset[str]

    def region_of(self, country: str) -> str | None:
        """None: the program is not offered there."""
        return self.regions.get(country)


def load_markets() -> Markets:
    data: dict[str, Any] = json.loads((files("enrollment") / "data" / "markets.json").read_text(encoding="utf-8"))
    regions = {country: region for region, countries in data["regions"].items() for country in countries}
    return Markets(regions, frozenset(data["registration_id_mandatory"]))
