"""docs/operating/settings.md says of every setting what it means."""

import pytest
from applications import settings_class
from harness.chart import ROOT
from settings_page import meanings

from kontor_contracts.topics import SERVICES

PAGE = (ROOT / "docs" / "operating" / "settings.md").read_text()


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_has_a_meaning_and_a_line(service: str) -> None:
    texts = meanings(settings_class(service))
    for name, field in settings_class(service).model_fields.items():
        assert texts.get(name) or field.description, f"say below {name} in the settings what it means"
        assert f"`KONTOR_{name.upper()}`" in PAGE
