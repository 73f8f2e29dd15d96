"""What a stack that waits for people does less often than one that is under load."""

from pathlib import Path

import pytest

from chassis import Settings
from kontor_local.environment import IDLE, PREFIX
from kontor_local.stack import Stack

INTERVALS = ("sweep_interval", "timer_interval", "look_interval")


def test_an_idle_stack_looks_several_times_less_often() -> None:
    assert {name.upper() for name in INTERVALS} == IDLE.keys()
    for name in INTERVALS:
        assert float(IDLE[name.upper()]) >= 2 * Settings.model_fields[name].default


@pytest.mark.parametrize("given", [None, IDLE])
def test_a_stack_gives_its_settings_to_every_service(tmp_path: Path, given: dict[str, str] | None) -> None:
    stack = Stack(tmp_path, settings=given)
    for service in stack.services:
        environment = stack.env(service)
        assert {name: environment.get(PREFIX + name) for name in IDLE} == (given or dict.fromkeys(IDLE))
