"""Every refusal says in English and German what is wrong and what to do."""

import asyncio
import json
from collections.abc import Mapping
from string import Formatter
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from fastapi import FastAPI, Request
from harness.applications import build_applications
from unit.test_problem_codes import refusals

from chassis.errors import RefusedError
from chassis.http.problems import HANDLERS, ProblemError
from kontor_contracts.problems import EVERYWHERE, OWN, codes_of
from kontor_contracts.remedies import EVERYWHERE as EVERYWHERE_DE
from kontor_contracts.remedies import OWN as OWN_DE
from kontor_contracts.topics import SERVICES

ENGLISH = "do something else"
VALUES = {"field": "company_name", "seconds": 7, "limit": 5, "left": 0}
"""What handlers and refusals give a sentence."""


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, FastAPI]:
    """Imports every refusal of every service."""
    return build_applications(tmp_path_factory.mktemp("keys"))


def asked(service: str, language: str) -> Request:
    app = SimpleNamespace(state=SimpleNamespace(settings=SimpleNamespace(SERVICE=service)))
    headers = [(b"accept-language", language.encode())]
    return Request({"type": "http", "app": app, "headers": headers, "state": {}})


def answered(service: str, error: Exception, language: str = "de-AT") -> dict[str, Any]:
    answer = asyncio.run(HANDLERS[type(error)](asked(service, language), error))
    body: dict[str, Any] = json.loads(answer.body)
    return body


@pytest.mark.parametrize("service", SERVICES)
def test_every_reason_of_every_refusal_has_a_german_detail(service: str, applications: Mapping[str, FastAPI]) -> None:
    seen = 0
    for refusal in refusals():
        if not refusal.__module__.startswith(f"{service}."):
            continue
        for reason in get_args(refusal.model_fields["reason"].annotation):
            made: Any = refusal.model_construct
            error = RefusedError(made(reason=reason, detail=ENGLISH, **VALUES))
            german, english = answered(service, error), answered(service, error, "en")
            meaning = codes_of(service)[reason]
            assert german["detail"].startswith(f"{meaning.de} ") and len(german["detail"]) > len(meaning.de) + 5
            assert english["detail"] == ENGLISH and "{" not in german["detail"].replace("{link}", "")
            seen += 1
    assert seen > 5 or service == "notifications"


@pytest.mark.parametrize("service", SERVICES)
def test_every_code_has_a_german_detail_that_repeats_in_its_error(service: str) -> None:
    for code, meaning in codes_of(service).items():
        if code == "invalid":
            continue  # its faults are written in each language by `validation_texts`
        error = ProblemError(409, code, ENGLISH, field="company_name", retry_after=7, values=VALUES)
        body = answered(service, error)
        assert body["detail"].startswith(f"{meaning.de} ") and body["detail"].endswith((".", ">."))
        assert body["errors"] == [{"field": "company_name", "message": body["detail"]}]


def test_remedies_and_catalogue_have_the_same_codes() -> None:
    assert EVERYWHERE_DE.keys() == EVERYWHERE.keys(), "see contracts/src/kontor_contracts/remedies.py"
    for service in SERVICES:
        assert OWN_DE[service].keys() == OWN[service].keys(), "see contracts/src/kontor_contracts/remedies.py"


def test_remedies_use_only_values_that_refusals_carry() -> None:
    for remedies in (EVERYWHERE_DE, *OWN_DE.values()):
        for code, text in remedies.items():
            used = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
            assert used <= VALUES.keys(), code


def test_a_value_that_is_missing_leaves_the_meaning() -> None:
    body = answered("chassis", ProblemError(429, "mail-budget-spent", ENGLISH))
    assert body["detail"] == EVERYWHERE["mail-budget-spent"].de
