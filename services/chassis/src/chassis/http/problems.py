"""Error answers: problem+json (RFC 9457), with a code that never changes and a detail that says what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil
from typing import Any

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from chassis.auth.principal import ForbiddenError, StepUpError, UnauthenticatedError
from chassis.errors import (
    ExpiredKeyError,
    RefusedError,
    ReusedKeyError,
    TakenError,
    TooLargeError,
    TooManyCommandsError,
    TransientError,
)
from chassis.http.input.validation import MOST_FAULTS, faults
from chassis.http.input.validation_texts import Sentences
from chassis.http.language import Language, preferred_language
from kontor_contracts.problems import codes_of
from kontor_contracts.remedies import german_detail

log = structlog.get_logger("chassis.http.problems")

RETRY_AFTER = "1"
CODES = {400: "bad-request", 404: "not-found", 405: "method-not-allowed", 408: "too-slow", 413: "too-large"}
"""Codes of what the framework refuses by itself. Not the status's phrase: that differs between versions of Python."""


KEY_HEADER = ("header", "Idempotency-Key")
NO_KEY = {"missing", "string_too_short"}
INVALID: Sentences = {
    "en": "The request does not have the documented form; each fault stands in errors.",
    "de": "Die Anfrage hat nicht die beschriebene Form; jeder Fehler steht in errors.",
}


class ProblemError(Exception):
    """Answers with problem+json. ``code`` is closed and stable, ``detail`` says what to do about it."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        """``retry_after`` in seconds, for 429 and 503. ``values`` are for details in other languages than English."""
        self.headers = headers or {}
        self.values = {"field": field, "seconds": retry_after, **(values or {})}
        self.status = status
        self.retry_after = retry_after
        self.code = code
        self.detail = detail
        self.field = field
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class FormFault:
    """``field`` with dots; what is wrong with it and what to do, in each language."""

    field: str
    en: str
    de: str


class FaultyFormError(Exception):
    """422 `invalid` with all faults of a form at once, for rules that need more than the form itself."""

    def __init__(self, faults: Sequence[FormFault]) -> None:
        self.faults = faults
        super().__init__(", ".join(fault.field for fault in faults))


class Fault(BaseModel):
    """``field``: its place in the body with dots, or the name of a parameter or header."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457, and for faults of a field ``errors``."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    correlation_id: str
    errors: list[Fault] = []


def not_found(what: str) -> ProblemError:
    """404, also where something exists that the caller must not know of."""
    return ProblemError(404, "not-found", f"there is no such {what}")


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    errors: Sequence[dict[str, str]] = (),
    *,
    values: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """``detail`` is English; for German callers it is the catalogue's, with ``values``. Errors that repeat it follow."""
    said = _in_language(request, code, detail, values or {})
    errors = [{**fault, "message": said} if fault["message"] == detail else fault for fault in errors]
    detail = said
    body = {
        "type": f"urn:kontor:problem:{code}",
        "title": _title(request, status, code),
        "status": status,
        "detail": detail,
        "code": code,
        "correlation_id": getattr(request.state, "correlation_id", ""),
        "errors": errors,
    }
    headers = {"www-authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    if status in {429, 503}:
        headers["retry-after"] = RETRY_AFTER
    return JSONResponse(body, status_code=status, media_type="application/problem+json", headers=headers)


def try_again(request: Request) -> JSONResponse:
    """503: nobody knows what became of the request. Its repetition finds out."""
    return problem(request, 503, "try-again", "send the same request again, with the same Idempotency-Key")


def _title(request: Request, status: int, code: str) -> str:
    """What the code means, in the caller's language."""
    meaning = codes_of(request.app.state.settings.SERVICE).get(code)
    if meaning is None:
        return HTTPStatus(status).phrase
    return meaning.de if _language(request) == "de" else meaning.en


def _in_language(request: Request, code: str, detail: str, values: Mapping[str, Any]) -> str:
    """Unless it is the list of faults, which is written in the caller's language."""
    if code == "invalid" or _language(request) != "de":
        return detail
    return german_detail(request.app.state.settings.SERVICE, code, values) or detail


def _language(request: Request) -> Language:
    return preferred_language(request.headers.get("accept-language", ""))


async def _on_problem(request: Request, error: Any) -> Response:
    errors = [{"field": error.field, "message": error.detail}] if error.field else []
    answer = problem(request, error.status, error.code, error.detail, errors, values=error.values)
    answer.headers.update(error.headers)
    if error.retry_after is not None:
        answer.headers["retry-after"] = str(error.retry_after)
    return answer


async def _on_refused(request: Request, error: Any) -> Response:
    refusal = error.refusal
    detail = getattr(refusal, "detail", None) or refusal.reason.replace("-", " ")
    field = getattr(refusal, "field", None)
    errors = [{"field": field, "message": detail}] if field else []
    status = _status(request, refusal.reason, field)
    retry_after = getattr(refusal, "retry_after", None)
    values = {**dict(refusal), "field": field, "seconds": retry_after}
    answer = problem(request, status, refusal.reason, detail, errors, values=values)
    if retry_after:
        answer.headers["retry-after"] = str(retry_after)
    return answer


def _status(request: Request, reason: str, field: str | None) -> int:
    """The domain knows no statuses: the catalogue of codes has them."""
    meaning = codes_of(request.app.state.settings.SERVICE).get(reason)
    return meaning.statuses[0] if meaning else (422 if field else 409)


async def _on_invalid(request: Request, error: Any) -> Response:
    if any(found["loc"] == KEY_HEADER and found["type"] in NO_KEY for found in error.errors()[:MOST_FAULTS]):
        detail = "send an Idempotency-Key header, for instance a UUID"
        return problem(request, 400, "idempotency-key-missing", detail, [{"field": KEY_HEADER[1], "message": detail}])
    language = _language(request)
    return problem(request, 422, "invalid", INVALID[language], faults(error, language))


async def _on_faulty_form(request: Request, error: Any) -> Response:
    language = _language(request)
    errors = [{"field": fault.field, "message": getattr(fault, language)} for fault in error.faults]
    return problem(request, 422, "invalid", INVALID[language], errors)


async def _on_http(request: Request, error: Any) -> Response:
    code = CODES.get(error.status_code, f"http-{error.status_code}")
    answer = problem(request, error.status_code, code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _on_unauthenticated(request: Request, error: Any) -> Response:
    return problem(request, 401, "unauthenticated", str(error))


async def _on_step_up(request: Request, error: Any) -> Response:
    """As RFC 9470 says it: a client can tell from the header alone what to ask its user for."""
    answer = problem(request, 401, "second-factor-needed", str(error))
    answer.headers["www-authenticate"] = (
        'Bearer error="insufficient_user_authentication", '
        'error_description="sign in with a second factor", acr_values="mfa"'
    )
    return answer


async def _on_forbidden(request: Request, error: Any) -> Response:
    return problem(request, 403, "forbidden", str(error))


async def _on_taken(request: Request, error: Any) -> Response:
    detail = f"{error.name} is in use already"
    return problem(request, 409, "taken", detail, [{"field": error.name, "message": detail}])


async def _on_reused_key(request: Request, error: Any) -> Response:
    errors = [{"field": "Idempotency-Key", "message": str(error)}]
    return problem(request, 422, "idempotency-key-reused", str(error), errors)


async def _on_expired_key(request: Request, error: Any) -> Response:
    errors = [{"field": "Idempotency-Key", "message": str(error)}]
    return problem(request, 409, "idempotency-key-expired", str(error), errors)


async def _on_too_many_commands(request: Request, error: Any) -> Response:
    answer = problem(request, 429, "too-many-requests", str(error))
    settings = request.app.state.settings
    answer.headers["retry-after"] = str(max(1, ceil((error.until - settings.now()).total_seconds())))
    return answer


async def _on_too_large(request: Request, error: Any) -> Response:
    return problem(request, 413, "too-large", str(error))


async def _on_transient(request: Request, error: Any) -> Response:
    log.warning("request_deferred", error=str(error), held=True)
    return try_again(request)


HANDLERS: dict[Any, Any] = {
    ProblemError: _on_problem,
    RefusedError: _on_refused,
    RequestValidationError: _on_invalid,
    FaultyFormError: _on_faulty_form,
    HTTPException: _on_http,
    UnauthenticatedError: _on_unauthenticated,
    StepUpError: _on_step_up,
    ForbiddenError: _on_forbidden,
    TakenError: _on_taken,
    ReusedKeyError: _on_reused_key,
    ExpiredKeyError: _on_expired_key,
    TooManyCommandsError: _on_too_many_commands,
    TooLargeError: _on_too_large,
    TransientError: _on_transient,
}
"""By exception. Whatever else is raised is a bug, which `chassis.http.serving.middleware` answers with 500."""
