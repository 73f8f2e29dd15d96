"""A server that is away is one line when it goes, one a minute, one when it is back; all other trouble is seen, too."""

import logging
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from chassis.errors import UnavailableError
from chassis.observability.held_lines import HeldLines
from chassis.observability.metrics import Metrics
from chassis.observability.outages import Outages


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Broker:
    away = False

    async def ping(self) -> None:
        if self.away:
            raise UnavailableError("broker: no answer")


class Written(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def msg(self, line: str) -> None:
        self.lines.append(line)

    warning = error = msg

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} x{getattr(record, 'times', 1)}")


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def held(time: Time) -> HeldLines:
    return HeldLines(lambda _, __, event: f"{event['event']} x{event['times']}", time)


@pytest.fixture
def written(held: HeldLines) -> Written:
    written = Written()
    written.addFilter(held.library_filter(written))
    return written


def _trouble(held: HeldLines, written: Written, times: int) -> None:
    """Our own lines, and as many of a library."""
    for _ in range(times):
        with pytest.raises(structlog.DropEvent):
            held.processor(written, "warning", {"event": "sweep_failed", "logger": "relay", "held": True})
        written.handle(logging.LogRecord("aiokafka.conn", logging.ERROR, "", 0, "cannot connect", (), None))


async def test_an_outage_is_one_line_at_once_one_a_minute_and_one_at_its_end(
    held: HeldLines, written: Written, time: Time
) -> None:
    broker, metrics = Broker(), Metrics()
    outages = Outages({"broker": broker.ping}, held, metrics, time)
    held.hold()
    broker.away = True
    with capture_logs() as lines:
        for second in range(0, 180, 5):
            time.now = float(second)
            _trouble(held, written, 200)
            await outages.look()
        assert metrics.registry.get_sample_value("kontor_dependency_available", {"dependency": "broker"}) == 0
        report: dict[str, Any] = outages.report()["broker"]
        assert (report["available"], report["away_seconds"]) == (False, 175)
        broker.away, time.now = False, 185.0
        await outages.look()
    assert [line["event"] for line in lines] == ["dependency_unavailable"] * 3 + ["dependency_available"]
    assert [line["seconds"] for line in lines] == [0, 60, 120, 185]
    assert written.lines == []
    assert outages.report() == {"broker": {"available": True}}


async def test_trouble_while_servers_answer_is_one_line_of_a_kind_a_minute(
    held: HeldLines, written: Written, time: Time
) -> None:
    outages = Outages({"broker": Broker().ping}, held, Metrics(), time)
    held.hold()
    for second in (0, 5, 30, 65):
        time.now = float(second)
        _trouble(held, written, 7)
        assert held.trouble.is_set(), "it is looked at at once"
        await outages.look()
    assert written.lines == ["sweep_failed x7", "cannot connect x7", "sweep_failed x21", "cannot connect x21"]


def test_lines_go_out_as_usual_where_nobody_releases_them(held: HeldLines, written: Written) -> None:
    assert held.processor(written, "warning", {"event": "sweep_failed", "held": True}) == {"event": "sweep_failed"}
    written.handle(logging.LogRecord("aiokafka.conn", logging.ERROR, "", 0, "cannot connect", (), None))
    assert written.lines == ["cannot connect x1"]


def test_what_is_not_of_the_broker_s_libraries_is_never_held(held: HeldLines, written: Written) -> None:
    held.hold()
    written.handle(logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "boom", (), None))
    assert held.processor(written, "error", {"event": "request_failed"}) == {"event": "request_failed"}
    assert written.lines == ["boom x1"]
