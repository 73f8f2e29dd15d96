"""No page of a service names another origin: what runs beside a password field comes from the service itself."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest
from fastapi import FastAPI

from chassis.http.documentation.docs import add_docs
from chassis.http.problems import HANDLERS, ProblemError

SERVICES = Path(__file__).parents[2] / "services"
PAGES = sorted(path for ending in ("html", "css", "js") for path in SERVICES.glob(f"*/src/**/*.{ending}"))
LOADING = ("src", "href", "action", "srcset", "data", "poster", "formaction")
ELSEWHERE = re.compile(r"""(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}|@import|url\(\s*["']?(?!data:)[a-z]+:""", re.IGNORECASE)
XML_NAMESPACE = re.compile(r"https?://www\.w3\.org/\S*")


class Loaded(HTMLParser):
    """The addresses that a page loads or sends to, and whether it has scripts of its own in it."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline_scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [address for name in LOADING if (address := given.get(name))]
        self.inline_scripts += tag == "script" and "src" not in given


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI(docs_url=None, redoc_url=None)
    app.state.settings = SimpleNamespace(SERVICE="identity")
    add_docs(app)
    app.add_exception_handler(ProblemError, HANDLERS[ProblemError])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://service.example") as client:
        yield client


async def test_docs_load_everything_from_their_own_service(client: httpx2.AsyncClient) -> None:
    page = await client.get("/docs")
    loaded = Loaded()
    loaded.feed(page.text)
    assert len(loaded.addresses) == 4 and not loaded.inline_scripts
    for address in loaded.addresses:
        assert not urlsplit(address).netloc and not address.startswith("/"), "relative, to work behind a prefix"
        asset = await client.get(urljoin("/docs", address))
        assert asset.status_code == 200 and len(asset.content) > 100
        assert asset.headers["x-content-type-options"] == "nosniff"


async def test_docs_policy_allows_scripts_of_their_own_origin_alone(client: httpx2.AsyncClient) -> None:
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in (await client.get("/docs")).headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert not any("//" in sources or "*" in sources for sources in policy.values())


async def test_docs_ask_no_validator_elsewhere(client: httpx2.AsyncClient) -> None:
    script = (await client.get("/docs/start.js")).text
    assert "validatorUrl: null" in script and not ELSEWHERE.search(script)


async def test_docs_serve_only_their_own_files(client: httpx2.AsyncClient) -> None:
    for name in ("redoc.standalone.js", "..%2F__init__.py", "%2e%2e/core.py"):
        assert (await client.get(f"/docs/{name}")).status_code == 404


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_a_page_template_names_no_other_origin(path: Path) -> None:
    text = XML_NAMESPACE.sub("", path.read_text("utf-8"))
    found = ELSEWHERE.search(text)
    assert not found, f"{path.name} names {found.group()}" if found else ""


def test_the_templates_of_pages_are_found() -> None:
    assert {path.parts[len(SERVICES.parts)] for path in PAGES} >= {"identity", "enrollment", "relationships"}


TEMPLATES = [path for path in PAGES if path.suffix == ".html" and "shell" not in path.parts]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_a_page_extends_the_shell_and_has_its_texts_beside_it(path: Path) -> None:
    assert "pages" in path.parts, "templates are in the service's pages/"
    assert path.read_text("utf-8").startswith('{% extends "shell/page.html" %}')
    assert path.with_suffix(".json").exists()
