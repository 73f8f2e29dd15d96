"""Only identity's pages have a password field, and none of them needs a script."""

import re
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"
TEMPLATES = sorted(path for path in SERVICES.glob("*/src/**/*.html") if "site-packages" not in path.parts)
OTHERS = [path for path in TEMPLATES if path.parts[len(SERVICES.parts)] != "identity"]
SCRIPTS = sorted(path for path in SERVICES.glob("*/src/**/*.js") if path.parts[len(SERVICES.parts)] != "chassis")


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: str(path.relative_to(SERVICES)))
def test_no_page_of_another_service_asks_for_a_password(path: Path) -> None:
    assert not re.search(r"type=[\"']?password|current-password|/v1/token", path.read_text("utf-8"), re.IGNORECASE)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_a_page_for_people_works_without_a_script(path: Path) -> None:
    assert "<script" not in path.read_text("utf-8")


def test_the_pages_of_services_have_no_script_files() -> None:
    assert SCRIPTS == [] and len(TEMPLATES) >= 5
