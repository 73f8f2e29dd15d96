"""The page that shows a service's OpenAPI document. Everything it loads comes from an installed package.

The page shares its origin with pages that ask for passwords, so no script from elsewhere may run on it. The package
`fastapi-offline` brings Swagger UI as published; of its own code nothing is used, because its page has inline scripts.
"""

from importlib.resources import files

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response

from chassis.http.problems import not_found

ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}

START = """\
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""
"""``validatorUrl``: by default Swagger UI sends the document's address to a public validator."""

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API</title>
<link rel="icon" href="docs/favicon.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
"""All addresses are relative, so the page works behind any public address."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI sets styles of its own in the page and has its icons in data addresses. Scripts are files only."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def add_docs(app: FastAPI) -> None:
    """``/docs`` and what it loads. Nothing of it is in the OpenAPI document."""
    static = files("fastapi_offline") / "static"

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(PAGE, headers=HEADERS)

    @app.get("/docs/start.js", include_in_schema=False)
    def start() -> Response:
        return _asset(START.encode(), "text/javascript")

    @app.get("/docs/{name}", include_in_schema=False)
    def asset(name: str) -> Response:
        if name not in ASSETS:
            raise not_found("file")
        # Read at each request: the page is seldom opened, and the script would stay in memory for good.
        return _asset((static / name).read_bytes(), ASSETS[name])


def _asset(content: bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers=HEADERS | {"cache-control": "max-age=3600"})
