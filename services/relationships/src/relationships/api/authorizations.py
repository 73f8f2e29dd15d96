"""The question that other services ask before they act: may this partner do that for this customer?"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field, ValidationError

from chassis import Authenticator, ForbiddenError, Principal, require
from chassis.http.middleware import Headers, Shortcuts
from kontor_contracts.values import Id, Permission
from relationships.api.views import AuthorizationView, BatchAnswerView, BatchView, CheckProblem
from relationships.checks import Check, Checks
from relationships.domain.check import Reason

PERMISSION = "authorizations:check"
NOT_YOURS = ForbiddenError(PERMISSION, "ask about your own company only")
MOST_CHECKS = 100
"""In one request."""

Consistency = Annotated[
    Literal["bounded", "latest"],
    Field(description="bounded: as it was some seconds ago or later; latest: as it is now, which takes a read"),
]
Asker = Annotated[Principal, require(PERMISSION)]


class CheckForm(BaseModel):
    customer_id: Id
    action: Permission
    organization_id: Id | None = Field(default=None, description="the partner; the caller's own by default")


class BatchForm(BaseModel):
    checks: list[CheckForm] = Field(min_length=1, max_length=MOST_CHECKS)
    consistency: Consistency = "bounded"


def router(checks: Checks) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["authorizations"])

    @routes.get("/authorizations/check")
    async def check(
        customer_id: Id,
        action: Permission,
        caller: Asker,
        organization_id: Annotated[Id | None, Query(description="the partner; the caller's own by default")] = None,
        consistency: Consistency = "bounded",
    ) -> AuthorizationView:
        """Whether the partner may do ``action`` for the customer. One round trip to the database at most."""
        asked = Check(organization_id or caller.organization_id, customer_id, action)
        (reason,) = await checks.answers(caller, [asked], latest=consistency == "latest")
        if reason is None:
            raise NOT_YOURS
        return _view(reason)

    @routes.post("/authorizations/check-batch", response_model=BatchView, response_model_exclude_none=True)
    async def check_batch(form: BatchForm, caller: Asker) -> Response:
        """Up to 100 checks, answered in their order, with one round trip to the database at most.

        It changes nothing, so it takes no Idempotency-Key. A check that the caller may not ask has a ``problem`` in the
        place of a reason; the others are answered.
        """
        reasons = await checks.answers(caller, _asked(form, caller), latest=form.consistency == "latest")
        return Response(_batch(reasons), media_type="application/json")

    return routes


def shortcuts(checks: Checks, authenticator: Authenticator) -> Shortcuts:
    """Both ways to ask without a way round: for plain questions of somebody known, whose answers are known."""

    def single(headers: Headers, query: bytes) -> bytes | None:
        caller = authenticator.at_once(headers.get(b"authorization", b""), PERMISSION)
        given = _plain(query)
        if caller is None or given is None:
            return None
        partner = given.get("organization_id", caller.organization_id)
        reasons = checks.at_once(caller, [Check(partner, given["customer_id"], ACTIONS[given["action"]])])
        return ANSWERS[reasons[0]] if reasons and reasons[0] else None

    def batch(headers: Headers, body: bytes) -> bytes | None:
        caller = authenticator.at_once(headers.get(b"authorization", b""), PERMISSION)
        if caller is None or headers.get(b"content-type") != b"application/json":
            return None
        try:
            form = BatchForm.model_validate_json(body)
        except ValidationError:
            return None
        reasons = checks.at_once(caller, _asked(form, caller)) if form.consistency == "bounded" else None
        return _batch(reasons) if reasons else None

    path = "/v1/authorizations/check"
    return {("GET", path): single, ("POST", f"{path}-batch"): batch}


def _asked(form: BatchForm, caller: Principal) -> list[Check]:
    own = caller.organization_id
    return [Check(one.organization_id or own, one.customer_id, one.action) for one in form.checks]


def _batch(reasons: Sequence[Reason | None]) -> bytes:
    # Put together from ready answers: to build and check a hundred of them would take longer than to find them.
    return b'{"answers":[' + b",".join(ANSWERS[reason] for reason in reasons) + b"]}"


NAMES = frozenset({"customer_id", "action", "organization_id"})
VALUE = re.compile(r"[A-Za-z0-9:._-]{1,128}")
"""An id as it stands in an address, when nothing in it has to be escaped."""
ACTIONS: Mapping[str, Permission] = {action: action for action in get_args(Permission)}


def _plain(query: bytes) -> dict[str, str] | None:
    """The parameters, where they are the usual ones, each once and well-formed."""
    pairs = [pair.split("=", 1) for pair in query.decode("latin-1").split("&")]
    given = {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and VALUE.fullmatch(pair[1])}  # noqa: PLR2004
    usual = len(given) == len(pairs) and given.keys() <= NAMES and "customer_id" in given
    return given if usual and given.get("action") in ACTIONS else None


def _view(reason: Reason) -> AuthorizationView:
    return AuthorizationView(allowed=reason == "granted", reason=reason)


def _written(answer: BaseModel) -> bytes:
    return answer.model_dump_json(exclude_none=True).encode()


ANSWERS: Mapping[Reason | None, bytes] = {
    None: _written(
        BatchAnswerView(allowed=False, problem=CheckProblem(status=403, code="forbidden", detail=str(NOT_YOURS)))
    ),
    **{reason: _written(_view(reason)) for reason in get_args(Reason)},
}
"""Ready to be sent; None: the caller may not ask this."""
