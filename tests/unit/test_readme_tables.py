"""Tables that people write, and that have to be complete: decisions, events, mails."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "adr"
TEMPLATES = ROOT / "services" / "notifications" / "src" / "notifications" / "templates"


def test_each_decision_has_its_own_number_and_a_line_in_the_index() -> None:
    files = sorted(path.name for path in DECISIONS.glob("0*.md"))
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    for name in files:
        assert (DECISIONS / name).read_text(encoding="utf-8").startswith(f"# {int(name[:4])}. "), name
    index = re.findall(
        r"^\| \[(\d+)\]\((.*?)\) \|", (DECISIONS / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert index == [(str(int(name[:4])), name) for name in files]


@pytest.mark.parametrize("service", ["identity", "enrollment", "relationships", "notifications"])
def test_the_readme_of_a_service_names_its_events(service: str) -> None:
    """By class or by wire name. Tables leave out a beginning that several share: ``-closed``, ``…Closed``."""
    text = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    missing = []
    for event in importlib.import_module(f"kontor_contracts.{service}").EVENTS:
        words = event.TYPE.split(".")[2].split("-")
        names = ["-".join(words), event.__name__]
        for left_out in range(1, len(words)):
            names += ["-" + "-".join(words[left_out:]), "…" + "".join(word.title() for word in words[left_out:])]
        if not any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) for name in names):
            missing.append(event.__name__)
    assert missing == []


def test_the_page_of_mails_names_each_mail() -> None:
    """A mail that is missing needs an entry in notifications' catalogue.toml; `make generate` writes the page."""
    text = (ROOT / "docs" / "mails.md").read_text(encoding="utf-8")
    templates = {path.name.partition(".")[0] for path in TEMPLATES.glob("*.en.jinja")} - {"words"}
    assert templates == set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE))
