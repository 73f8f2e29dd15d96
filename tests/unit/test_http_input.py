"""What a request may hold: unknown names are refused, each fault has its own line in the caller's language, work is bounded."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from harness.applications import build_applications
from pydantic_core.core_schema import ErrorType

from chassis.http.input.validation_texts import PATTERNS, RULES, TEXTS
from chassis.http.language import LANGUAGES, preferred_language
from chassis.http.routes import API, LenientRoute, StrictRoute
from kontor_contracts import names

ONLY_IN_PYTHON = {
    "no_such_attribute", "needs_python_object", "frozen_field", "frozen_instance", "get_attribute_error",
    "dataclass_exact_type", "named_tuple_type", "default_factory_not_called", "iteration_error", "frozen_dict_type",
    "ordered_dict_type", "counter_type", "deque_type", "set_item_not_hashable", "missing_sentinel_error",
    "ellipsis_error", "is_instance_of", "is_subclass_of", "callable_type", "arguments_type", "missing_argument",
    "unexpected_keyword_argument", "missing_keyword_only_argument", "unexpected_positional_argument",
    "missing_positional_only_argument", "multiple_argument_values", "fraction_type", "fraction_parsing",
    "complex_type", "complex_str_parsing",
}  # fmt: skip
"""Types of errors that need Python objects, calls of functions or types that no body of ours has."""
OURS = {"too_many_fields", "unknown_parameter", "no_parameters"}
SIGN_UP = "/v1/sign-up"

Document = dict[str, Any]


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, FastAPI]:
    return build_applications(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def documents(applications: Mapping[str, FastAPI]) -> Mapping[str, Document]:
    return {name: app.openapi() for name, app in applications.items()}


def client_of(app: FastAPI) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://service.example")


async def sign_up(app: FastAPI, body: Any, language: str = "en") -> httpx2.Response:
    async with client_of(app) as client:
        headers = {"idempotency-key": "k", "content-type": "application/json", "accept-language": language}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await client.post(SIGN_UP, content=content, headers=headers)


def faults(answer: httpx2.Response) -> dict[str, str]:
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    return {fault["field"]: fault["message"] for fault in answer.json()["errors"]}


# -- the table of sentences


def test_every_error_type_of_a_body_has_a_sentence() -> None:
    assert set(TEXTS) - OURS == set(get_args(ErrorType)) - ONLY_IN_PYTHON


def test_every_sentence_is_there_in_each_language() -> None:
    for table in (TEXTS, PATTERNS, RULES):
        for key, sentences in table.items():
            assert set(sentences) == set(LANGUAGES), key
            assert len({tuple(re.findall(r"\{\w+\}", text)) for text in sentences.values()}) == 1, key


def test_every_rule_of_names_has_a_sentence() -> None:
    raised = re.findall(r'raise ValueError\("([^"]+)"\)', Path(names.__file__).read_text())
    assert raised and set(raised) <= set(RULES)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("fr,en;q=0.3,de;q=0.8", "de"),
        ("en;q=0.9,de;q=0.1", "en"),
        ("de;q=0", "en"),
        ("de;q=x", "en"),
        (",;,", "en"),
    ],
)
def test_language_is_the_callers(header: str, language: str) -> None:
    assert preferred_language(header) == language


# -- faults


async def test_each_fault_has_its_field_and_sentence(applications: Mapping[str, FastAPI]) -> None:
    organization = {"name": "https://pay.example/now", "kind": "bank", "country": "de", "more": 1}
    body = {"organization": organization, "email": "nobody", "password": ""}
    said = faults(await sign_up(applications["identity"], body))
    assert said == {
        "organization.name": "Leave out links and mail addresses: give the name alone.",
        "organization.kind": "Give one of these: 'provider', 'reseller' or 'customer'.",
        "organization.country": "Give a country as two capital letters (ISO 3166-1), such as DE.",
        "organization.culture": "This field is needed.",
        "organization.more": "There is no such field; remove it or correct its name.",
        "full_name": "This field is needed.",
        "email": "Give a mail address, such as name@company.example.",
        "password": "Give at least 1 characters.",
    }
    german = faults(await sign_up(applications["identity"], body, "de-DE,de;q=0.9,en;q=0.5"))
    assert german.keys() == said.keys()
    assert german["full_name"] == "Dieses Feld wird benötigt."
    assert german["organization.kind"] == "Geben Sie einen dieser Werte an: 'provider', 'reseller' oder 'customer'."


async def test_a_fault_in_one_kind_of_body_names_the_field(applications: Mapping[str, FastAPI]) -> None:
    body = {"grant_type": "refresh_token", "refresh_token": "ü", "email": "a@b.example"}
    async with client_of(applications["identity"]) as client:
        assert set(faults(await client.post("/v1/token", json=body))) == {"refresh_token", "email"}
        assert set(faults(await client.post("/v1/token", json={"grant_type": "password", "password": 1}))) == {
            "email",
            "password",
        }
        assert faults(await client.post("/v1/token", json={"grant_type": "x"})) == {
            "body": "Give 'grant_type' with one of these values: 'password', 'refresh_token', 'step_up'."
        }


async def test_at_most_twenty_faults_are_reported_of_many_fields(applications: Mapping[str, FastAPI]) -> None:
    few = {f"unknown-{number}": 1 for number in range(20)}
    assert len(faults(await sign_up(applications["identity"], few))) == 20


@pytest.mark.parametrize("where", ["", "organization"])
async def test_sixty_thousand_unknown_fields_cost_little(applications: Mapping[str, FastAPI], where: str) -> None:
    many = {f"k{number}": 1 for number in range(60_000)}
    content = json.dumps({where: many} if where else many).encode()
    began = time.thread_time()
    said = faults(await sign_up(applications["identity"], content))
    assert time.thread_time() - began < 0.25
    assert said[where or "body"].startswith("The object has many fields that do not exist")


async def test_a_made_up_name_is_repeated_in_part(applications: Mapping[str, FastAPI]) -> None:
    said = faults(await sign_up(applications["identity"], {"x" * 100_000: 1}))
    assert max(map(len, said)) == 200


# -- unknown names, everywhere


def operations(documents: Mapping[str, Document]) -> Iterator[tuple[str, str, str, Document]]:
    for service, document in documents.items():
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                yield service, path, method, operation


def open_objects(document: Document, schema: Document, place: str) -> Iterator[str]:
    """Objects in a body that take fields which are not described."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from open_objects(document, document["components"]["schemas"][name], f"{place} {name}")
    if "properties" in schema and schema.get("additionalProperties") is not False:
        yield place
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if isinstance(schema.get("additionalProperties"), dict):
        inner.append(schema["additionalProperties"])
    inner += [schema["items"]] if "items" in schema else []
    for each in inner:
        yield from open_objects(document, each, place)


def test_no_body_takes_a_field_that_is_not_described(documents: Mapping[str, Document]) -> None:
    bodies = [
        (service, operation["operationId"], content["application/json"]["schema"])
        for service, _, _, operation in operations(documents)
        if "application/json" in (content := operation.get("requestBody", {}).get("content", {}))
    ]
    assert bodies
    assert not [where for service, name, schema in bodies for where in open_objects(documents[service], schema, name)]


async def test_every_operation_refuses_unknown_query_parameters(applications: Mapping[str, FastAPI]) -> None:
    asked = 0
    for app in applications.values():
        async with client_of(app) as client:
            for route in app.routes:
                if isinstance(route, StrictRoute) and route.path.startswith(API):
                    (method,) = route.methods or set()
                    answer = await client.request(method, f"{route.path}?not_a_parameter=1&nor_this=2")
                    assert set(faults(answer)) == {"not_a_parameter", "nor_this"}, route.path
                    asked += 1
    assert asked > 60


async def test_a_refused_parameter_is_answered_with_the_known_ones(applications: Mapping[str, FastAPI]) -> None:
    async with client_of(applications["identity"]) as client:
        said = faults(await client.get("/v1/users?sort=name", headers={"accept-language": "de"}))
    assert said == {
        "sort": "Diesen Abfrageparameter gibt es nicht; bekannt sind: cursor, guest, limit, q, role, status."
    }


def test_only_callbacks_take_parameters_of_others(applications: Mapping[str, FastAPI]) -> None:
    routes = [route for app in applications.values() for route in app.routes if isinstance(route, APIRoute)]
    api = [route for route in routes if route.path.startswith(API)]
    assert {type(route) for route in api} == {StrictRoute, LenientRoute}
    assert {route.path for route in api if isinstance(route, LenientRoute)} == {"/v1/external/{name}/callback"}


# -- names for generated clients


def test_operation_ids_are_camel_case_and_unique(documents: Mapping[str, Document]) -> None:
    ids = [operation["operationId"] for _, _, _, operation in operations(documents)]
    assert len(ids) == len(set(ids))
    assert not [id for id in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", id)]


def test_schema_names_are_no_python_paths(documents: Mapping[str, Document]) -> None:
    assert not [name for document in documents.values() for name in document["components"]["schemas"] if "__" in name]


def test_documents_say_where_the_service_is(documents: Mapping[str, Document]) -> None:
    assert {document["servers"][0]["url"] for document in documents.values()} == {
        f"http://127.0.0.1:{port}" for port in range(8001, 8005)
    }


def test_operations_say_which_permission_they_need(documents: Mapping[str, Document]) -> None:
    described = documents["identity"]["paths"]["/v1/users"]["get"]
    assert described["security"] == [{"bearer": ["users:read"]}]
    assert described["description"].endswith("Permission: `users:read`.")


def test_ids_in_paths_and_values_of_the_contracts_are_described(documents: Mapping[str, Document]) -> None:
    for _, path, _, operation in operations(documents):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path" and parameter["name"].endswith("_id"):
                assert parameter["description"], path
    country = documents["identity"]["components"]["schemas"]["NewOrganization"]["properties"]["country"]
    assert country["examples"] == ["DE"]


async def test_a_problem_says_what_it_is_in_the_callers_language(applications: Mapping[str, FastAPI]) -> None:
    async with client_of(applications["identity"]) as client:
        english = (await client.get("/v1/me")).json()
        german = (await client.get("/v1/me", headers={"accept-language": "de"})).json()
    assert (english["title"], german["title"]) == (
        "A valid access token is needed.",
        "Ein gültiges Zugriffstoken wird benötigt.",
    )
    assert english["code"] == german["code"] == "unauthenticated"
