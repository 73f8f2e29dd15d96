"""What `make check` says about texts: log events are names that an alert can use."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "plain_english.py"


@pytest.fixture(scope="module")
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plain_english", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("event", ['"keys read again"', '"Started"', 'f"gone {x}"', "event", '"a-b"', '"_a"'])
@pytest.mark.parametrize("logger", ["log", "self._log", "logger", "log.bind(a=1)"])
def test_a_log_event_that_is_no_name_is_found(check: ModuleType, logger: str, event: str) -> None:
    (line,) = check.log_events("x.py", f"{logger}.warning({event}, error=1)")
    assert line.startswith("x.py:1: log event ")


@pytest.mark.parametrize("call", ['log.info("topic_read_failed", error=1)', "catalog.error('some thing')", "log.info"])
def test_a_log_event_that_is_a_name_passes(check: ModuleType, call: str) -> None:
    assert check.log_events("x.py", call) == []
