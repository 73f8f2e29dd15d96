"""The HTTP edge that every service has: problems, correlation, idempotency keys, paging, health."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.chassis.tally.messages import METER
from support import eventually

Headers = dict[str, str]


@pytest.fixture(scope="module")
async def running(tally: Any) -> AsyncIterator[Running]:
    async with tally() as running:
        yield running


@pytest.fixture
def writer(tokens: Tokens) -> Headers:
    return tokens.bearer("org-a", permissions={"counters:write"})


def _problem(response: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """The problem in the answer, which must be one to the letter of RFC 9457 and ours."""
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"urn:kontor:problem:{code}"
    assert problem["title"] and problem["detail"]
    assert problem["correlation_id"] == response.headers["x-correlation-id"]
    return problem


async def _open(running: Running, headers: Headers, name: str, key: str) -> httpx2.Response:
    return await running.client.post("/v1/counters", json={"name": name}, headers={**headers, "Idempotency-Key": key})


# -- problems


async def test_no_token_is_401_and_says_how(running: Running) -> None:
    response = await running.client.get("/v1/counters")
    _problem(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_a_token_may_come_from_a_clock_ahead_and_not_after_its_end(running: Running, tokens: Tokens) -> None:
    now = int(time.time())
    ahead = tokens.bearer("org-a", permissions={"counters:read"}, iat=now + 300, exp=now + 900)
    assert (await running.client.get("/v1/counters", headers=ahead)).status_code == 200
    over = tokens.bearer("org-a", permissions={"counters:read"}, iat=now - 900, exp=now - 300)
    _problem(await running.client.get("/v1/counters", headers=over), 401, "unauthenticated")


async def test_a_missing_permission_is_403_and_is_named(running: Running, tokens: Tokens) -> None:
    response = await _open(running, tokens.bearer("org-a"), "a", "k-403")
    assert "counters:write" in _problem(response, 403, "forbidden")["detail"]


async def test_what_belongs_to_another_organization_is_404(running: Running, writer: Headers, tokens: Tokens) -> None:
    created = await _open(running, writer, "hidden", "k-404")
    path = f"/v1/counters/{created.json()['counter_id']}"
    assert (await running.client.get(path, headers=writer)).status_code == 200
    _problem(await running.client.get(path, headers=tokens.bearer("org-b")), 404, "not-found")
    _problem(await running.client.get("/nowhere"), 404, "not-found")


async def test_a_wrong_method_is_405_and_names_the_right_ones(running: Running, writer: Headers) -> None:
    response = await running.client.delete("/v1/counters/x", headers=writer)
    _problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("body", "field"), [({"name": 5}, "name"), ({}, "name"), ("not json", "body")], ids=["type", "missing", "no json"]
)
async def test_a_wrong_body_is_422_and_names_the_field(
    running: Running, writer: Headers, body: object, field: str
) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    headers = {**writer, "Idempotency-Key": "k-422", "Content-Type": "application/json"}
    response = await running.client.post("/v1/counters", content=content, headers=headers)
    assert [error["field"] for error in _problem(response, 422, "invalid")["errors"]] == [field]


async def test_a_refusal_of_the_domain_keeps_its_reason_and_its_field(running: Running, writer: Headers) -> None:
    problem = _problem(await _open(running, writer, "123", "k-refused"), 422, "no-letters")
    assert [error["field"] for error in problem["errors"]] == ["name"]
    assert problem["detail"] == "give the counter a name that has letters"


async def test_a_refusal_without_a_field_is_409(running: Running, writer: Headers) -> None:
    path = f"/v1/counters/{(await _open(running, writer, 'closed', 'k-409')).json()['counter_id']}"
    await running.client.post(f"{path}/close", headers={**writer, "Idempotency-Key": "k-close"})
    add = {"amount": 1}
    response = await running.client.post(f"{path}/add", json=add, headers={**writer, "Idempotency-Key": "k-add"})
    _problem(response, 409, "counter-closed")


@pytest.mark.parametrize("chunked", [False, True], ids=["with length", "chunked"])
async def test_a_body_over_a_mebibyte_is_413(running: Running, writer: Headers, chunked: bool) -> None:
    body = json.dumps({"amount": 1, "note": "x" * 1_100_000}).encode()

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    headers = {**writer, "Idempotency-Key": "k-413", "Content-Type": "application/json"}
    response = await running.client.post(
        "/v1/counters/large/add", content=parts() if chunked else body, headers=headers
    )
    _problem(response, 413, "too-large")


async def test_an_event_too_large_for_the_topic_is_413_and_changes_nothing(
    running: Running, writer: Headers, mongo: Documents
) -> None:
    headers = {**writer, "Idempotency-Key": "k-big"}
    note = "x" * 600_000
    response = await running.client.post("/v1/counters/big/add", json={"amount": 1, "note": note}, headers=headers)
    _problem(response, 413, "too-large")
    with pytest.raises(KeyError):
        await mongo.one(running, "counter:big")


async def test_a_bug_is_500_and_its_correlation_id_leads_to_the_log(running: Running, writer: Headers) -> None:
    response = await running.client.get("/v1/bug", headers={**writer, "X-Correlation-Id": "find-me-again"})
    problem = _problem(response, 500, "internal")
    assert problem["correlation_id"] == "find-me-again"
    assert "a bug of ours" not in response.text

    def logged() -> list[dict[str, Any]]:
        """The lines about it, once the last is there: the answer goes out before it."""
        found = [line for line in running.logs() if line.get("correlation_id") == "find-me-again"]
        return found if any(line["event"] == "request" for line in found) else []

    lines = await eventually(logged)
    assert any("a bug of ours" in line.get("exception", "") for line in lines)
    assert [line["status"] for line in lines if line["event"] == "request"] == [500]


# -- correlation


async def test_a_correlation_id_goes_through_answer_event_and_log(
    running: Running, writer: Headers, kafka: Topics
) -> None:
    headers = {**writer, "X-Correlation-Id": "abc:1.2_3-4"}
    response = await _open(running, headers, "followed", "k-correlation")
    assert response.headers["x-correlation-id"] == "abc:1.2_3-4"

    async def announced() -> bool:
        events = await kafka.envelopes(running.topic("tally.events"))
        return any(event.correlationid == "abc:1.2_3-4" for event in events)

    await eventually(announced)
    assert any(line.get("correlation_id") == "abc:1.2_3-4" for line in running.logs())


@pytest.mark.parametrize("given", ["", "two words", "x" * 129, "a\tb"], ids=["none", "blank", "long", "control"])
async def test_a_correlation_id_that_is_not_one_is_replaced(running: Running, given: str) -> None:
    response = await running.client.get("/v1/counters", headers={"X-Correlation-Id": given})
    assert response.status_code == 401
    assert len(response.headers["x-correlation-id"]) == 36


@pytest.mark.parametrize(
    ("given", "kept"),
    [("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", True), ("x" * 500, False), ("umlaut-ä", False)],
    ids=["valid", "long", "no ascii"],
)
async def test_a_traceparent_is_kept_if_it_is_one_and_never_stops_a_request(
    running: Running, writer: Headers, kafka: Topics, given: str, kept: bool
) -> None:
    name = f"traced-{len(given)}"
    texts = {**writer, "Idempotency-Key": name, "traceparent": given}
    headers = [(header.encode(), text.encode()) for header, text in texts.items()]
    response = await running.client.post("/v1/counters", json={"name": name}, headers=headers)
    assert response.status_code == 201
    subject = f"counter:{response.json()['counter_id']}"

    async def announced() -> list[str | None]:
        return [
            event.traceparent
            for event in await kafka.envelopes(running.topic("tally.events"))
            if event.subject == subject
        ]

    assert await eventually(announced) == [given if kept else None]


# -- idempotency keys


async def test_the_same_key_gets_the_same_answer_and_changes_nothing(
    running: Running, writer: Headers, mongo: Documents
) -> None:
    first, second = [await _open(running, writer, "once", "k-once") for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    path, headers = f"/v1/counters/{first.json()['counter_id']}", {**writer, "Idempotency-Key": "k-add-once"}
    added = [(await running.client.post(f"{path}/add", json={"amount": 7}, headers=headers)).json() for _ in range(3)]
    assert [answer["total"] for answer in added] == [7, 7, 7]
    assert (await mongo.one(running, f"counter:{first.json()['counter_id']}"))["seq"] == 2


async def test_the_same_key_with_another_body_is_422(running: Running, writer: Headers) -> None:
    await _open(running, writer, "first", "k-reused")
    problem = _problem(await _open(running, writer, "second", "k-reused"), 422, "idempotency-key-reused")
    assert problem["errors"][0]["field"] == "Idempotency-Key"


async def test_a_missing_key_is_400(running: Running, writer: Headers) -> None:
    response = await running.client.post("/v1/counters", json={"name": "keyless"}, headers=writer)
    assert _problem(response, 400, "idempotency-key-missing")["errors"][0]["field"] == "Idempotency-Key"


async def test_a_put_needs_no_key(running: Running, writer: Headers) -> None:
    response = await running.client.put(
        "/v1/counters/keyless/alarm", json={"at": "2090-01-01T00:00:00Z"}, headers=writer
    )
    assert response.json() == {"status": "applied"}


async def test_a_key_is_its_organizations_own(running: Running, tokens: Tokens) -> None:
    mine, theirs = (tokens.bearer(org, permissions={"counters:write"}) for org in ("org-mine", "org-theirs"))
    ids = {
        (await _open(running, who, f"own-{n}", "k-shared")).json()["counter_id"] for n, who in enumerate((mine, theirs))
    }
    assert len(ids) == 2


async def test_twenty_requests_with_one_key_make_one_document(
    running: Running, writer: Headers, mongo: Documents
) -> None:
    answers = await asyncio.gather(*(_open(running, writer, "crowd", "k-crowd") for _ in range(20)))
    assert {response.status_code for response in answers} == {201}
    assert len({response.text for response in answers}) == 1
    documents = [found for found in await mongo.all(running, "counter") if found["state"]["name"] == "crowd"]
    assert [(found["seq"], len(found["cmds"])) for found in documents] == [(1, 1)]


async def test_twenty_creators_of_one_name_make_one_and_announce_one(
    running: Running, writer: Headers, kafka: Topics, quiet: Any
) -> None:
    answers = await asyncio.gather(*(_open(running, writer, "contested", f"k-contested-{n}") for n in range(20)))
    assert sorted(response.status_code for response in answers) == [201] + [409] * 19
    loser = next(response for response in answers if response.status_code == 409)
    assert _problem(loser, 409, "taken")["errors"][0]["field"] == "name"
    winner = next(response for response in answers if response.status_code == 201).json()["counter_id"]
    await quiet(running)
    opened = [one for one in await kafka.envelopes(running.topic("tally.events")) if one.type.endswith("opened.v1")]
    assert [event.subject for event in opened if event.data.name == "contested"] == [f"counter:{winner}"]


# -- lists


async def test_pages_hold_each_once_in_order_and_the_last_says_so(running: Running, tokens: Tokens) -> None:
    headers = tokens.bearer("org-paged", permissions={"counters:write"})
    for n in range(5):
        await _open(running, headers, f"page {n}", f"k-page-{n}")
    pages, cursor = [], ""
    while True:
        found = (await running.client.get(f"/v1/counters?limit=2{cursor}", headers=headers)).json()
        pages.append([item["counter_id"] for item in found["items"]])
        if found["next_cursor"] is None:
            break
        cursor = f"&cursor={found['next_cursor']}"
    assert [len(page) for page in pages] == [2, 2, 1]
    ids = [id for page in pages for id in page]
    assert ids == sorted(set(ids))


async def test_a_page_that_is_exactly_full_is_the_last(running: Running, tokens: Tokens) -> None:
    headers = tokens.bearer("org-full", permissions={"counters:write"})
    for n in range(2):
        await _open(running, headers, f"full {n}", f"k-full-{n}")
    found = (await running.client.get("/v1/counters?limit=2", headers=headers)).json()
    assert (len(found["items"]), found["next_cursor"]) == (2, None)


@pytest.mark.parametrize("query", ["cursor=%FF%FE", "cursor=!!!", "cursor=gA==", "limit=0", "limit=201"])
async def test_a_cursor_or_limit_of_ones_own_making_is_422(running: Running, writer: Headers, query: str) -> None:
    response = await running.client.get(f"/v1/counters?{query}", headers=writer)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == query.partition("=")[0]


# -- what operators look at


async def test_live_and_ready_answer_and_are_not_logged(running: Running) -> None:
    for path in ("/livez", "/readyz"):
        response = await running.management.get(path)
        assert (response.status_code, response.json()) == (200, {"ok": True})
    assert not [line for line in running.logs() if path in str(line)]


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/status"])
async def test_the_public_port_has_no_health_and_no_metrics(running: Running, path: str) -> None:
    assert (await running.client.get(path)).status_code == 404
    assert (await running.management.get(path)).status_code == 200


async def test_the_management_port_has_nothing_else(running: Running) -> None:
    for path in ("/v1/counters", "/openapi.json", "/docs", "/"):
        assert (await running.management.get(path)).status_code == 404


async def test_the_status_reports_consumer_relay_and_servers(running: Running) -> None:
    async def assigned() -> dict[str, Any] | None:
        report: dict[str, Any] = (await running.management.get("/status")).json()
        return report if report["consumer"]["unassigned_seconds"] is None else None

    report = await eventually(assigned)
    assert report["phase"] == "running"
    assert report["dependencies"] == {"database": {"available": True}, "broker": {"available": True}}
    partitions = report["consumer"]["assigned_partitions"]
    assert set(partitions) == set(report["consumer"]["lag"])
    assert partitions[running.topic(METER.name)] == METER.partitions
    assert report["relay"]["pending_documents"] == report["relay"]["failures_in_a_row"] == 0
    assert await running.metric("kontor_consumer_assigned_partitions") == sum(partitions.values())
    assert await running.metric("kontor_dependency_available") == 2


async def test_metrics_and_logs_name_the_route_and_never_the_path(running: Running) -> None:
    await running.client.get("/v1/counters/very-private-token?token=very-private-token")
    assert await running.metric("kontor_http_request_seconds_count", route="/v1/counters/{counter_id}", status="422")
    assert "very-private-token" not in (await running.management.get("/metrics")).text
    assert "very-private-token" not in json.dumps(running.logs())


async def test_methods_nobody_knows_are_counted_as_one(running: Running) -> None:
    for method in ("FROB1", "FROB2"):
        await running.client.request(method, "/v1/counters")
    metrics = (await running.management.get("/metrics")).text
    assert "FROB" not in metrics


async def test_every_line_of_the_log_is_json_of_ours(running: Running) -> None:
    for line in running.logs():
        assert {"event", "level", "logger", "timestamp", "service", "version", "environment"} <= line.keys(), line


# -- the page of the OpenAPI document


async def test_docs_of_a_service_load_nothing_from_elsewhere(running: Running) -> None:
    page = await running.client.get("/docs")
    assert page.status_code == 200 and "://" not in page.text
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert (await running.client.get("/docs/swagger-ui-bundle.js")).status_code == 200
    assert (await running.client.get("/redoc")).status_code == 404
    assert not [
        path for path in (await running.client.get("/openapi.json")).json()["paths"] if path.startswith("/docs")
    ]
