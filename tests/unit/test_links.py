"""Links between the documents lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEFT_OUT = {".venv", ".tools", ".local", ".git", "node_modules"}
DOCUMENTS = [
    *sorted(
        path.relative_to(ROOT).as_posix()
        for folder in ("docs", "deploy", "services", "contracts")
        for path in (ROOT / folder).rglob("*.md")
        if not LEFT_OUT & set(path.parts)
    ),
    "README.md",
]
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_of_a_document_lead_somewhere(name: str) -> None:
    document = ROOT / name
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for path, anchor in LINK.findall(text):
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{name} links {path}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{name} links #{anchor} of {path or name}"
