"""One trace from a request over two services to the mail, at a collector that is a process of its own."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from harness.collector import Collector, SpanLine
from harness.running import Running
from harness.topics import Topics
from service.conftest import Service
from service.identity.company import once, sign_up, some_email
from support import eventually

from kontor_local.ports import HOST, Port

PARENT = "00f067aa0ba902b7"
SOON = {"OTEL_BSP_SCHEDULE_DELAY": "50"}


@dataclass(frozen=True)
class Traced:
    identity: Running
    notifications: Running
    collector: Collector

    async def sign_up(self, email: str, organization: str = "Müller & Söhne GmbH", **personal: Any) -> str:
        """Somebody signs up from a page that is traced already; the id of the trace."""
        trace = secrets.token_hex(16)
        headers = once() | {"traceparent": f"00-{trace}-{PARENT}-01"}
        body = sign_up(email, name=organization) | personal
        answer = await self.identity.client.post("/v1/sign-up", json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return trace

    async def way(self, trace: str, last: str) -> list[SpanLine]:
        """From a span of this name up to the first one of the trace, once the collector has them all.

        A span is sent when it has ended, and a request may end after what it has caused.
        """

        def found() -> list[SpanLine]:
            by_id = {span.id: span for span in self.collector.spans() if span.trace == trace}
            way = [span for span in by_id.values() if span.name == last][:1]
            while way and way[-1].parent in by_id:
                way.append(by_id[way[-1].parent])
            return way if way and way[-1].parent == PARENT else []

        return await eventually(found)


@pytest.fixture(scope="module")
async def traced(service: Service, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Traced]:
    collector = Collector(tmp_path_factory.mktemp("collector"))
    await collector.start()
    env = {"run_id": secrets.token_hex(4), "KONTOR_TRACES_URL": collector.url, **SOON}
    async with service("identity", **env) as identity, service("notifications", **env) as notifications:
        yield Traced(identity, notifications, collector)
    await collector.stop()


async def test_one_trace_leads_from_a_request_to_the_mail(traced: Traced) -> None:
    events = traced.identity.topic("identity.events")
    trace = await traced.sign_up(some_email())
    way = await traced.way(trace, "send mail")
    assert [(span.service, span.name, span.error) for span in way] == [
        ("notifications", "send mail", False),
        ("notifications", "timer mail", False),
        ("notifications", f"process {events}", False),
        ("identity", f"send {events}", False),
        ("identity", "POST /v1/sign-up", False),
    ]
    # The event that tells of the delivery belongs to it, and so does what its readers make of it.
    told = traced.identity.topic("notifications.events")
    assert (await traced.way(trace, f"process {told}"))[0].service == "identity"


async def test_log_lines_name_their_trace_and_span(traced: Traced) -> None:
    trace = await traced.sign_up(some_email())
    way = await traced.way(trace, "send mail")
    span_of = {
        line["event"]: line["span_id"]
        for running in (traced.identity, traced.notifications)
        for line in running.logs()
        if line.get("trace_id") == trace
    }
    _, timer, process, _, request = way
    assert span_of["request"] == request.id
    assert span_of["record_applied"] == process.id
    assert span_of["mail_attempted"] == timer.id


async def test_records_carry_the_traceparent_of_their_span(traced: Traced, kafka: Topics) -> None:
    trace = await traced.sign_up(some_email())
    send = (await traced.way(trace, "send mail"))[3]
    records = await kafka.read_all(traced.identity.topic("identity.events"))
    given = {(record.headers.get("traceparent") or b"").decode() for record in records}
    assert f"00-{trace}-{send.id}-01" in given


async def test_no_personal_data_is_in_a_span(traced: Traced) -> None:
    mark = f"canary{secrets.token_hex(4)}"
    email, password = f"{mark}@{mark}.example", f"Werkbank {secrets.token_hex(4)} 2026"
    trace = await traced.sign_up(email, f"{mark} GmbH", full_name=f"Kim {mark}", password=password)
    await traced.way(trace, "send mail")
    link = await traced.identity.mailed_token(email, "/verify-address")
    page = await traced.identity.client.get("/verify-address", params={"token": link})
    assert page.status_code == 200
    await eventually(lambda: "GET /verify-address" in traced.collector.text())
    for canary in (mark, password, link):
        assert canary not in traced.collector.text()


async def test_a_collector_that_is_away_costs_only_spans(service: Service) -> None:
    away = Port()
    env = {"KONTOR_TRACES_URL": f"http://{HOST}:{away.number}/v1/traces", **SOON}
    async with service("identity", **env) as identity:
        answer = await identity.client.post("/v1/sign-up", json=sign_up(some_email()), headers=once())
        assert answer.status_code == 202
        await eventually(lambda: _lost(identity))
        said = [line for line in identity.logs() if line["event"] == "spans_not_exported"]
        assert [line["level"] for line in said] == ["warning"]
        assert await identity.stop() == 0
    away.release()


async def _lost(identity: Running) -> bool:
    return await identity.metric("kontor_spans_total", outcome="lost") > 0
