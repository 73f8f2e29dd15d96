"""The one address of `make up`: each path goes to its service, as it came, and back."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from applications import build_applications
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from kontor_contracts.topics import SERVICES
from kontor_local.gateway import Gateway, routes
from kontor_local.guest import GuestServer
from kontor_local.merged_openapi import merged
from kontor_local.ports import Port


def service(name: str) -> FastAPI:
    """Answers with what it was asked."""
    app = FastAPI(title=name)

    @app.api_route("/{path:path}", methods=["GET", "POST", "HEAD"], operation_id=f"{name}Anything")
    async def anything(request: Request) -> Response:
        body = (await request.body()).decode()
        answer = JSONResponse(
            {
                "service": name,
                "path": request.scope["raw_path"].decode(),
                "query": request.scope["query_string"].decode(),
                "headers": dict(request.headers),
                "body": body,
            },
            201 if request.method == "POST" else 200,
        )
        answer.raw_headers += [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
        return answer

    return app


@asynccontextmanager
async def gateway(**urls: str) -> AsyncIterator[httpx2.AsyncClient]:
    servers = [GuestServer(service(name)) for name in SERVICES]
    own = Gateway(
        {**dict(zip(SERVICES, (one.url for one in servers), strict=True)), **urls},
        mails="http://mails.example",
        site=Path("not-built"),
    )
    for server in servers:
        await server.start()
    await own.start()
    try:
        async with httpx2.AsyncClient(base_url=own.url) as http:
            yield http
    finally:
        await own.stop()
        for server in servers:
            await server.stop()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/me", "identity"),
        ("/v1/me/sessions/s1", "identity"),
        ("/v1/me/resellers", "relationships"),
        ("/v1/enrollments/e%2F1?x=%20y&x=2", "enrollment"),
        ("/v1/mails", "notifications"),
        ("/.well-known/jwks.json", "identity"),
    ],
)
async def test_a_path_goes_to_its_service_as_it_came(path: str, name: str) -> None:
    async with gateway() as http:
        seen = (await http.get(path)).json()
        assert seen["service"] == name
        assert "?".join(filter(None, (seen["path"], seen["query"]))) == path


async def test_body_and_headers_pass_and_those_of_the_connection_do_not() -> None:
    async with gateway() as http:
        headers = {"authorization": "Bearer t", "te": "trailers"}
        answer = await http.post("/v1/users", content=b"x" * 100_000, headers=headers)
        seen = answer.json()
        assert (answer.status_code, len(seen["body"])) == (201, 100_000)
        assert seen["headers"]["authorization"] == "Bearer t" and "te" not in seen["headers"]
        assert seen["headers"]["host"] == http.base_url.netloc.decode()
        assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert (await http.head("/v1/users")).status_code == 200


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/userspace", "/v1", "/openapi.jsonx"])
async def test_a_path_of_nobody_is_not_found(path: str) -> None:
    async with gateway() as http:
        answer = await http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_a_service_that_does_not_answer_is_named_as_such() -> None:
    async with gateway(notifications=f"http://127.0.0.1:{Port().release()}") as http:
        answer = await http.get("/v1/mails")
        assert (answer.status_code, answer.json()["code"]) == (502, "try-again")
        assert (await http.get("/v1/me")).status_code == 200


@pytest.mark.parametrize(("language", "words"), [("en", "Begin here"), ("de", "Beginnen Sie hier")])
async def test_the_first_page_says_what_there_is(language: str, words: str) -> None:
    async with gateway() as http:
        page = await http.get("/", headers={"accept-language": language})
        assert page.status_code == 200 and words in page.text
        assert 'href="/create-account"' in page.text and 'href="http://mails.example"' in page.text
        assert "script-src" not in page.headers["content-security-policy"]


async def test_every_link_of_the_first_page_leads_to_an_endpoint() -> None:
    """Against the applications themselves: the services of this test answer anything."""
    known = {"/docs"} | {getattr(route, "path", "") for app in build_applications().values() for route in app.routes}
    async with gateway() as http:
        links = re.findall(r'href="(/[^"?]*)', (await http.get("/")).text)
    assert "/create-account" in links
    assert set(links) - {"/"} <= known


async def test_many_requests_pass_side_by_side() -> None:
    async with gateway() as http:
        answers = await asyncio.gather(*(http.get(f"/v1/users/{n}") for n in range(100)))
        assert [one.json()["path"] for one in answers] == [f"/v1/users/{n}" for n in range(100)]


def test_every_service_has_paths() -> None:
    assert set(routes().values()) == set(SERVICES)


# -- one OpenAPI document


def document(schema: dict[str, Any], operation: str, path: str) -> dict[str, Any]:
    answer = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {path: {"get": {"operationId": operation, "tags": ["x"], "responses": answer}}},
        "components": {"schemas": {"Page": schema, "Problem": {"type": "object"}}},
    }


def test_what_two_services_name_alike_stays_apart() -> None:
    one, other = document({"type": "string"}, "list", "/a"), document({"type": "integer"}, "list", "/b")
    both = merged({"identity": one, "enrollment": other}, title="Kontor", address="http://host")
    assert set(both["components"]["schemas"]) == {"IdentityPage", "EnrollmentPage", "Problem"}
    operation = both["paths"]["/b"]["get"]
    assert (operation["operationId"], operation["tags"]) == ("enrollmentList", ["enrollment: x"])
    reference = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    assert reference == "#/components/schemas/EnrollmentPage"


def test_what_two_services_have_alike_stands_there_once() -> None:
    documents = {"identity": document({}, "one", "/a"), "enrollment": document({}, "two", "/b")}
    both = merged(documents, title="Kontor", address="http://host")
    assert set(both["components"]["schemas"]) == {"Page", "Problem"}
    assert [item["get"]["operationId"] for item in both["paths"].values()] == ["one", "two"]


def test_no_two_services_have_one_path() -> None:
    documents = {"identity": document({}, "one", "/a"), "enrollment": document({}, "two", "/a")}
    with pytest.raises(ValueError, match="/a is a path of two services"):
        merged(documents, title="Kontor", address="http://host")


async def test_the_documentation_is_served_once_it_is_built(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>Messages</p>")
    for site, status in ((tmp_path, 200), (tmp_path / "nothing", 404)):
        own = Gateway({}, site=site)
        await own.start()
        try:
            async with httpx2.AsyncClient(base_url=own.url) as http:
                assert (await http.get("/documentation/")).status_code == status
                assert ("/documentation/" in (await http.get("/")).text) == (status == 200)
        finally:
            await own.stop()
