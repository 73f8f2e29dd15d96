"""A port that one Kontor has found is never another one's, also while no server has it."""

import os
import subprocess
import sys

from kontor_local.ports import Port

OTHER = """
import sys
from kontor_local.ports import Port
print(Port(int(sys.argv[1])).number)
"""


def other_kontor_gets(number: int) -> int:
    env = dict(os.environ)
    args = [sys.executable, "-c", OTHER, str(number)]
    return int(subprocess.run(args, capture_output=True, check=True, text=True, env=env, timeout=60).stdout)


def test_a_port_between_finding_and_binding_is_given_to_nobody_else() -> None:
    port = Port()
    number = port.release()
    assert Port(number).number != number
    assert other_kontor_gets(number) != number


def test_a_port_is_free_again_when_nobody_wants_it_any_more() -> None:
    port = Port()
    number = port.release()
    del port
    assert other_kontor_gets(number) == number


def test_a_port_that_somebody_listens_on_is_not_given() -> None:
    port = Port()
    assert Port(port.number).number != port.number
