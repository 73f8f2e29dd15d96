"""The OpenAPI file of an external membership registry says what its adapter reads and sends."""

from pathlib import Path
from typing import Any

import yaml

from enrollment.membership_accounts import MAX_PROFILES, _Profile

OPENAPI = Path(__file__).parents[3] / "contracts" / "openapi" / "membership-registry.yaml"


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(OPENAPI.read_text(encoding="utf-8"))["components"]["schemas"]
    return found


def test_the_file_names_the_fields_that_the_adapter_reads() -> None:
    ours, said = _Profile.model_json_schema(), schemas()["Profile"]
    assert ours["properties"].keys() == said["properties"].keys()
    assert sorted(ours["required"]) == sorted(said["required"])
    for name, field in ours["properties"].items():
        assert field.get("enum") == said["properties"][name].get("enum"), name
        assert name == "company_name" or field.get("pattern") == said["properties"][name].get("pattern"), name


def test_the_file_bounds_the_number_of_profiles_as_the_adapter_does() -> None:
    assert schemas()["Profiles"]["properties"]["profiles"]["maxItems"] == MAX_PROFILES
