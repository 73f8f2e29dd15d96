"""Requests made from each service's own OpenAPI document, good and bad: its answers are those that it documents.

Making a request costs much more than sending it, so all callers send the same ones. KONTOR_FUZZ_EXAMPLES: requests per
operation and mode (the default is small). KONTOR_FUZZ_SEED: the seed.
"""

import asyncio
import os
import time
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from http import HTTPStatus
from typing import Any

import pytest
import requests
import schemathesis
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from service.fuzz_callers import Director, Known

from kontor_contracts.topics import SERVICES

SEED = int(os.environ.get("KONTOR_FUZZ_SEED", "3"))
EXAMPLES = int(os.environ.get("KONTOR_FUZZ_EXAMPLES", "4"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
HEALTH = list(HealthCheck)
# Requests are made in a thread. Meanwhile the Kafka clients of other fixtures, in the loop, take random pauses, which
# Hypothesis takes for ours.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning"
)
TRANSIENT_TRIES = 5
LONGEST_URL = 65_535
"""Bytes. The HTTP server refuses a longer one before the service sees it, as it does what is no HTTP."""


class Attack:
    """Sends requests as each caller and keeps what is wrong with the answers, the first of each sort."""

    def __init__(self, running: Running, callers: Mapping[str, Mapping[str, str]], known: Known) -> None:
        self.found: dict[tuple[str, str, int, str], str] = {}
        self.statuses: dict[int, int] = {}
        self._url = running.url
        self._callers = callers
        self._known = known
        self._session = requests.Session()
        self._count = 0

    def operation(self, operation: Any, mode: GenerationMode) -> None:
        @seed(SEED)
        @settings(max_examples=EXAMPLES, database=None, phases=[Phase.generate], suppress_health_check=HEALTH)
        @given(operation.as_strategy(generation_mode=mode), st.randoms(use_true_random=False))
        def attempt(case: Case[Any], random: Any) -> None:
            keyed = self._aim(case, random)
            for caller, headers in self._callers.items():
                self._judge(case, caller, self._send(case, {**headers, **self._key(keyed=keyed)}))

        if mode is GenerationMode.NEGATIVE and is_only_free_text(operation):
            return
        # Where an operation takes nothing, nothing can be wrong with it.
        with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
            attempt()

    def _aim(self, case: Case[Any], random: Any) -> bool:
        """Put known values instead of made-up ones, most of the time: behind a 404 there is not much to see.

        Whether the request is to have a key of its own.
        """
        for container in (case.path_parameters, case.query, case.body):
            self._fill(container, random)
        return case.method in {"POST", "PUT"} and random.random() < 0.8

    def _key(self, *, keyed: bool) -> dict[str, str]:
        self._count += keyed
        return {"Idempotency-Key": f"fuzz-{self._count}"} if keyed else {}

    def _fill(self, container: Any, random: Any) -> None:
        for item in container if isinstance(container, list) else ():
            self._fill(item, random)
        for name, value in container.items() if isinstance(container, dict) else ():
            if name in self._known and random.random() < 0.8:
                container[name] = random.choice(self._known[name])
            else:
                self._fill(value, random)

    def _send(self, case: Case[Any], headers: dict[str, str]) -> Response:
        for _ in range(TRANSIENT_TRIES):
            answer = case.call(base_url=self._url, session=self._session, headers=headers, timeout=30)
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                break
            time.sleep(0.5)
        return answer

    def _judge(self, case: Case[Any], caller: str, answer: Response) -> None:
        if len(str(answer.request.url)) > LONGEST_URL:
            return
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        faults = [] if answer.headers.get("x-correlation-id") else ["no correlation id"]
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            faults += [f"{type(fault).__name__}: {fault}" for fault in group.exceptions if isinstance(fault, Failure)]
        for fault in faults:
            place = (case.method, case.operation.path, answer.status_code, fault.partition(":")[0])
            self.found.setdefault(place, f"{caller}: {case.as_curl_command()}\n{fault}\n{answer.text[:500]}")


def is_only_free_text(operation: Any) -> bool:
    """Whether a request is a form of free text alone, in which schemathesis finds nothing wrong, after seconds."""
    if operation.query or operation.path_parameters or not operation.body:
        return False
    return all(_is_form(body.media_type) and _takes_any_text(body.definition["schema"]) for body in operation.body)


def _is_form(media_type: str) -> bool:
    return media_type == "application/x-www-form-urlencoded"


def _takes_any_text(schema: Mapping[str, Any]) -> bool:
    fields = schema.get("properties", {}).values()
    return not schema.get("required") and all(set(field) <= {"type", "title"} for field in fields)


def attack(
    running: Running, document: dict[str, Any], callers: Mapping[str, Mapping[str, str]], known: Known
) -> Attack:
    schema = schemathesis.openapi.from_dict(document)
    attack = Attack(running, callers, known)
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        for mode in GenerationMode:
            attack.operation(result.ok(), mode)
    return attack


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SERVICES)
async def test_every_answer_is_one_that_the_service_documents(
    name: str, service: Any, tokens: Tokens, kafka: Topics, mongo: Documents
) -> None:
    async with service(name) as running:
        scene = await Director(running, tokens, kafka, mongo).scene()
        document = (await running.client.get("/openapi.json")).json()
        done = await asyncio.to_thread(attack, running, document, scene.callers, scene.known)
        assert not done.found, f"KONTOR_FUZZ_SEED={SEED} KONTOR_FUZZ_EXAMPLES={EXAMPLES}\n" + "\n\n".join(
            f"{place}\n{story}" for place, story in done.found.items()
        )
        assert done.statuses.get(200), "no request came through: the fuzz shows nothing"
        assert (await running.management.get("/livez")).status_code == 200
