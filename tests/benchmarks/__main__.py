"""``python -m benchmarks``: measure all rows, or those named, and write the report."""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from benchmarks.ground import Ground
from benchmarks.measure import Row
from benchmarks.plots import drawn
from benchmarks.report import printed, written
from benchmarks.rows import checks, commands, documents, events, mail, relay, rest, stages, throughput
from benchmarks.servers import SECANTUSD_BINARY, found

Measure = Callable[[Ground, int, float], Awaitable[list[Row]]]

ROWS: dict[str, Measure] = {
    "commands": commands.measure,
    "events": events.measure,
    "events-no-database": events.measure_without_database,
    "relay": relay.measure,
    "mail": mail.measure,
    "checks": checks.measure,
    "rest": rest.measure,
    "stages": stages.measure,
    "scale-instances": throughput.measure_instances,
    "scale-partitions": throughput.measure_partitions,
    "scale-documents": documents.measure,
}


async def measure(names: list[str], rounds: int, seconds: float, out: Path) -> bool:
    """Whether every row met its goal."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="kontor-bench-") as directory:
        async with Ground(Path(directory)).standing() as ground:
            print(f"backends: {ground.backends.description}", flush=True)
            for name in names:
                for row in await ROWS[name](ground, rounds, seconds):
                    print(printed(row), flush=True)
                    rows.append(row)
            written(rows, ground.backends.description, out)
            drawn(rows, out)
    return all(row.met for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", default=",".join(ROWS), help="which to measure, by comma (default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="floor and Kontor by turns, so many times each")
    parser.add_argument("--seconds", type=float, default=5.0, help="load in each round")
    parser.add_argument("--out", type=Path, default=Path(".local/bench"), help="where report.json goes")
    given = parser.parse_args()
    names = given.rows.split(",")
    if (binary := found(SECANTUSD_BINARY)) is not None:
        os.environ.setdefault("KONTOR_TEST_SECANTUSD", str(binary))
    if unknown := set(names) - set(ROWS):
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}; known: {', '.join(ROWS)}")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        met = runner.run(measure(names, given.rounds, given.seconds, given.out))
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
