"""Kontor's HTTP API with an access token, for commands that need a service rather than the broker."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kontor_cli.connection import fail

if TYPE_CHECKING:
    import httpx2

NOT_DONE, USAGE, NO_SERVICE, NOT_FOUND, NOT_ALLOWED = 1, 2, 3, 4, 5
SECONDS = 30.0
CODES: Mapping[int, int] = {
    HTTPStatus.BAD_REQUEST: USAGE,
    HTTPStatus.UNPROCESSABLE_ENTITY: USAGE,
    HTTPStatus.UNAUTHORIZED: NOT_ALLOWED,
    HTTPStatus.FORBIDDEN: NOT_ALLOWED,
    HTTPStatus.NOT_FOUND: NOT_FOUND,
    HTTPStatus.CONFLICT: NOT_DONE,
    HTTPStatus.GONE: NOT_DONE,
}


class RefusedError(Exception):
    """The service said no; the text is its own. ``code`` is the exit code."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Api:
    """``url`` is where the installation answers; the token is what the file holds when it is asked."""

    url: str
    token_file: Path

    def get(self, path: str, query: Mapping[str, str | int]) -> dict[str, Any]:
        """Raises RefusedError. Ends the command where nothing answers."""
        return self._asked("GET", path, params=dict(query))

    def post(self, path: str, form: Mapping[str, Any]) -> dict[str, Any]:
        """The same. Each call is a request of its own: it is not sent again."""
        return self._asked("POST", path, json=dict(form))

    def _asked(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            token = self.token_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            fail(f"--token-file (KONTOR_TOKEN_FILE): {error}", USAGE)
        headers = {"authorization": f"Bearer {token}"}
        if method == "POST":
            headers["idempotency-key"] = secrets.token_hex(16)
        # Here, so that the other commands do not load an HTTP client.
        import httpx2  # noqa: PLC0415

        try:
            with httpx2.Client(base_url=self.url.rstrip("/"), timeout=SECONDS) as http:
                answer = http.request(method, path, headers=headers, **request)
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            fail(f"{self.url} does not answer: {type(error).__name__}; is --url right?", NO_SERVICE)
        return _content(answer, self.url)


def _content(answer: "httpx2.Response", url: str) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if answer.is_success and isinstance(body, dict):
        return body
    if not isinstance(body, dict) or "code" not in body:
        fail(f"{url} answers {answer.status_code}, and not as Kontor does; is --url right?", NO_SERVICE)
    text = f"{body.get('detail') or body.get('title')} ({body['code']})"
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        fail(text, NO_SERVICE)
    raise RefusedError(text, CODES.get(answer.status_code, NOT_DONE))
