"""``python docs/tools/site_pages.py``: the documentation as one site in ``.local/docs/site``. `make docs` sets its path.

The repository's pages keep their folders, so a link works in both. Beside them come the message catalogue, the HTTP
reference, and the AsyncAPI and OpenAPI documents. MkDocs ends with 1 at a link that leads nowhere.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncapi
import catalogue
import endpoints
from harness.applications import build_applications

from kontor_local.merged_openapi import merged

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / ".local/docs/pages"
OWN = (
    "README.md",
    "docs/**/*.md",
    "contracts/*.md",
    "services/*/README.md",
    "deploy/**/README.md",
    "deploy/helm/*/*.md",
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAV: list[Any] = [
    {"Start": "README.md"},
    {
        "Concepts": [
            "docs/requests-and-records.md",
            "docs/sign-in.md",
            "docs/portals.md",
            "docs/reliability.md",
            "docs/performance.md",
        ]
    },
    {
        "Messages": [
            "contracts/README.md",
            "messages/README.md",
            "messages/asyncapi.md",
            "docs/acls.md",
            "docs/mails.md",
            "contracts/CHANGELOG.md",
        ]
    },
    {"HTTP": [f"http/{name}.md" for name in ("identity", "enrollment", "relationships", "notifications")]},
    {"How to": ["docs/write-a-service.md", "docs/portal-pages.md"]},
]


def sources(root: Path) -> dict[Path, bytes]:
    """The repository's own pages and every file that one of them links to, by their path."""
    found: dict[Path, bytes] = {}
    for pattern in OWN:
        for path in sorted(root.glob(pattern)):
            found[path.relative_to(root)] = path.read_bytes()
            for target in _linked(path):
                if target.is_file() and target.suffix != ".md":
                    found[target.relative_to(root)] = target.read_bytes()
    return found


def written(root: Path, version: str) -> dict[Path, bytes]:
    """What is made from the contracts and the services' applications."""
    found = {Path(path): text.encode() for path, text in catalogue.pages(root).items()}
    channels = asyncapi.documents(root, version)
    found |= {Path(f"messages/asyncapi/{name}.json"): _json(one) for name, one in channels.items()}
    lines = [f"- [{name}](asyncapi/{name}.json): {one['info']['description']}" for name, one in channels.items()]
    found[Path("messages/asyncapi.md")] = "\n".join(["# AsyncAPI", "", *lines, ""]).encode()
    with tempfile.TemporaryDirectory() as keys:
        documents = {name: app.openapi() for name, app in build_applications(Path(keys)).items()}
    for name, document in documents.items():
        found[Path(f"http/{name}.md")] = endpoints.page(name, document).encode()
        found[Path(f"http/openapi/{name}.json")] = _json(document)
    found[Path("http/openapi/kontor.json")] = _json(merged(documents, title="Kontor", address="/"))
    return found


def nav(pages: dict[Path, bytes]) -> list[Any]:
    """The fixed part, then folders whose pages are read one after the other."""

    def folder(place: str) -> list[str]:
        names = sorted(str(path) for path in pages if path.suffix == ".md" and str(path).startswith(f"{place}/"))
        return sorted(names, key=lambda name: not name.endswith("README.md"))

    services = [str(path) for path in sorted(pages) if re.fullmatch(r"(services|deploy)/.*\.md", str(path))]
    return [*NAV, {"Operating": folder("docs/operating")}, {"Services": services}, {"Decisions": folder("docs/adr")}]


def main() -> int:
    version = _version()
    pages = sources(ROOT) | written(ROOT, version)
    shutil.rmtree(PAGES, ignore_errors=True)
    for path, content in pages.items():
        target = PAGES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    config = PAGES.parent / "mkdocs.yml"
    text = (ROOT / "docs/tools/mkdocs.yml").read_text(encoding="utf-8")
    config.write_text(f"{text}nav: {json.dumps(nav(pages))}\n", encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "-f", str(config)]
    return subprocess.run(command, check=False).returncode  # noqa: S603  our own interpreter


def _linked(page: Path) -> Iterator[Path]:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            yield (page.parent / target).resolve()


def _version() -> str:
    project = (ROOT / "contracts/pyproject.toml").read_text(encoding="utf-8")
    return re.search(r'^version = "(.+)"$', project, re.MULTILINE)[1]  # type: ignore[index]


def _json(document: Any) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main())
