"""Authorization checks over HTTP: may a partner act for a customer?

These two endpoints are called most often, so they are plain Starlette routes (`chassis.http.plain_routes`).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, get_args

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router

from chassis import ForbiddenError, Principal, permitted, require
from chassis.http.plain_routes import PlainRoute, read_json, read_query
from kontor_contracts.authz.rules import Reason, Verdict
from kontor_contracts.customers import Action
from kontor_contracts.values import Id
from relationships.api.views import AuthorizationView, BatchAnswerView, BatchView, CheckProblem
from relationships.checks import Check, Checks

PERMISSION = "authorizations:check"
NOT_YOURS = ForbiddenError(PERMISSION, "you may only ask about your own company")
MOST_CHECKS = 100
"""In one request."""
JSON = "application/json"
TAGS = ["authorizations"]

Consistency = Annotated[
    Literal["bounded", "latest"],
    Field(description="bounded: at most some seconds old; latest: read from the database"),
]
Asker = Annotated[Principal, require(PERMISSION)]


class CheckForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    customer_id: Id
    action: Action
    organization_id: Id | None = Field(default=None, description="the partner; by default the caller's company")


class CheckQuery(CheckForm):
    consistency: Consistency = "bounded"


class BatchForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    checks: list[CheckForm] = Field(min_length=1, max_length=MOST_CHECKS)
    consistency: Consistency = "bounded"


def router(checks: Checks) -> Router:
    async def single(request: Request) -> Response:
        caller = await permitted(request, PERMISSION)
        asked = read_query(request, CheckQuery)
        (verdict,) = await checks.answers(caller, _asked([asked], caller), latest=asked.consistency == "latest")
        if verdict is None:
            raise NOT_YOURS
        return Response(_said(verdict), media_type=JSON)

    async def batch(request: Request) -> Response:
        caller = await permitted(request, PERMISSION)
        form = await read_json(request, BatchForm)
        verdicts = await checks.answers(caller, _asked(form.checks, caller), latest=form.consistency == "latest")
        return Response(_batch(verdicts), media_type=JSON)

    path = "/v1/authorizations/check"
    return Router(
        [
            PlainRoute(path, single, check_authorization, method="GET", tags=TAGS),
            PlainRoute(f"{path}-batch", batch, check_authorizations, method="POST", tags=TAGS),
        ]
    )


def check_authorization(asked: Annotated[CheckQuery, Query()], caller: Asker) -> AuthorizationView:
    """Whether the partner may do ``action`` for the customer, and by which relationship."""
    raise NotImplementedError("describes `single` to OpenAPI")


def check_authorizations(form: BatchForm, caller: Asker) -> BatchView:
    """Up to 100 checks, answered in their order.

    It changes nothing, so it takes no Idempotency-Key. A check that the caller may not ask has a ``problem`` instead of a
    reason; the others are answered.
    """
    raise NotImplementedError("describes `batch` to OpenAPI")


def _asked(forms: Sequence[CheckForm], caller: Principal) -> list[Check]:
    own = caller.organization_id
    return [Check(one.organization_id or own, one.customer_id, one.action) for one in forms]


def _batch(verdicts: Sequence[Verdict | None]) -> bytes:
    # Joined from prepared parts: building and validating a hundred takes longer than finding them.
    return b'{"answers":[' + b",".join(NOT_ASKED if one is None else _said(one) for one in verdicts) + b"]}"


def _said(verdict: Verdict) -> bytes:
    held = verdict.held
    if held is None:
        return ANSWERS[verdict.reason] + b"}"
    # Ids need no escapes: they are letters, digits and some signs.
    grant = f',"grant":"{verdict.grant_id}"' if verdict.grant_id else ""
    return ANSWERS[verdict.reason] + f',"edge":"{held.edge}","version":{held.version}{grant}}}'.encode()


def _begun(reason: Reason) -> bytes:
    view = AuthorizationView(allowed=reason == "granted", reason=reason)
    return view.model_dump_json(exclude_none=True).encode().removesuffix(b"}")


ANSWERS: Mapping[Reason, bytes] = {reason: _begun(reason) for reason in get_args(Reason)}
"""The beginning of an answer, by reason."""
NOT_ASKED = (
    BatchAnswerView(allowed=False, problem=CheckProblem(status=403, code="forbidden", detail=str(NOT_YOURS)))
    .model_dump_json(exclude_none=True)
    .encode()
)
"""The caller may not ask this."""
