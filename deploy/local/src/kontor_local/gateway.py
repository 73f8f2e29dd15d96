"""One address for all services: passes each request on by the beginning of its path, as the chart's Ingress does.

It adds a first page, the OpenAPI documents of all services as one (`kontor_local.merged_openapi`), and the site that `make docs`
built, if it did.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import httpx2
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.background import BackgroundTask
from starlette.staticfiles import StaticFiles

from chassis.http.pages import PageTemplate, add_docs, page_language
from kontor_local.guest import GuestServer
from kontor_local.merged_openapi import merged
from kontor_local.ports import Port

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
OF_ONE_CONNECTION = {
    b"connection",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
}
"""Headers that are not passed on (RFC 9110, 7.6.1)."""
DOCUMENTATION = "/documentation"
SITE = Path(".local/docs/site")
PATIENCE = httpx2.Timeout(60.0, connect=5.0)


def routes() -> Mapping[str, str]:
    """The service of each beginning of a path. Written by `make generate`, for this gateway and for the chart."""
    found = json.loads(files("kontor_local").joinpath("data/routes.json").read_text(encoding="utf-8"))
    return {beginning: service for service, beginnings in found.items() for beginning in beginnings}


class Gateway:
    """Serves everything on one port in the running loop.

    ``mails``, ``console``: where these are. ``site``: the folder of the built documentation.
    """

    def __init__(
        self,
        services: Mapping[str, str],
        *,
        mails: str = "",
        console: str = "",
        site: Path = SITE,
        port: Port | None = None,
    ) -> None:
        self._services = services
        self._mails = mails
        self._console = console
        self._site = site if (site / "index.html").exists() else None
        self._routes = routes()
        self._first = PageTemplate("kontor_local", "first")
        self._http = httpx2.AsyncClient(timeout=PATIENCE, limits=httpx2.Limits(max_connections=None))
        self._server = GuestServer(self.app(), port=port)
        self.port = self._server.port
        self.url = self._server.url

    def app(self) -> FastAPI:
        """The application, apart from its server."""
        app = FastAPI(title="Kontor", docs_url=None, redoc_url=None, openapi_url=None)
        add_docs(app)
        app.add_route("/", self._show_first, methods=["GET"])
        app.add_route("/openapi.json", self._show_document, methods=["GET"])
        if self._site:
            app.mount(DOCUMENTATION, StaticFiles(directory=self._site, html=True))
        app.add_route("/{path:path}", self._pass_on, methods=METHODS)
        return app

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()
        await self._http.aclose()

    async def _show_first(self, request: Request) -> Response:
        language = page_language(request.query_params.get("lang"), request.headers.get("accept-language"))
        title = self._first.texts[language]["title"]
        site = f"{DOCUMENTATION}/" if self._site else ""
        return self._first.answer(language, title=title, here="/", mails=self._mails, console=self._console, site=site)

    async def _show_document(self, _: Request) -> Response:
        answers = {name: await self._http.get(f"{url}/openapi.json") for name, url in self._services.items()}
        documents = {name: answer.raise_for_status().json() for name, answer in answers.items()}
        return JSONResponse(merged(documents, title="Kontor", address=self.url))

    def _service_of(self, path: str) -> str | None:
        """The longest beginning that fits, element by element, decides."""
        fitting = [one for one in self._routes if path == one or path.startswith(f"{one}/")]
        return self._services.get(self._routes[max(fitting, key=len)]) if fitting else None

    async def _pass_on(self, request: Request) -> Response:
        service = self._service_of(request.scope["path"])
        if service is None:
            return _problem(404, "not-found", "no service has this path; / says what there is")
        try:
            answer = await self._http.send(_onward(request, service), stream=True)
        except httpx2.TransportError:
            return _problem(502, "try-again", "the service does not answer; send the same request again")
        response = StreamingResponse(answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose))
        response.raw_headers = [
            (name.lower(), value) for name, value in answer.headers.raw if name.lower() not in OF_ONE_CONNECTION
        ]
        return response


def _onward(request: Request, service: str) -> httpx2.Request:
    """The same request for the service, with the address of its client."""
    raw = request.scope["raw_path"].decode("ascii")
    query = request.scope["query_string"].decode("latin-1")
    headers = [(name, value) for name, value in request.headers.raw if name not in OF_ONE_CONNECTION]
    client = request.client.host if request.client else "unknown"
    headers += [(b"x-forwarded-for", client.encode()), (b"x-forwarded-proto", request.url.scheme.encode())]
    has_body = {"content-length", "transfer-encoding"} & set(request.headers)
    return httpx2.Request(
        request.method,
        f"{service}{raw}{'?' if query else ''}{query}",
        headers=headers,
        content=request.stream() if has_body else None,
    )


def _problem(status: int, code: str, detail: str) -> Response:
    body = {"type": f"urn:kontor:problem:{code}", "title": code, "status": status, "detail": detail, "code": code}
    return JSONResponse(body, status, media_type="application/problem+json")
