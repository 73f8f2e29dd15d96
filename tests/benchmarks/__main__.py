"""``python -m benchmarks``: measure all rows, or those named, and write the report."""

import argparse
import asyncio
import os
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

import uvloop

from benchmarks.ground import Ground
from benchmarks.measure import Row
from benchmarks.plots import drawn
from benchmarks.report import printed, written
from benchmarks.rows import checks, commands, documents, events, lists, mail, memory, relay, rest, stages, throughput
from benchmarks.servers import SECANTUSD_BINARY, found

Measure = Callable[[Ground, int, float], Awaitable[list[Row]]]

ROWS: dict[str, Measure] = {
    # In this order, because the embedded broker has the more to do the more it holds, and the last of these leave millions
    # of records in it: what is measured on an idle system first, then what shares the processors with all three servers.
    "mail": mail.measure,
    "commands": commands.measure,
    "relay": relay.measure,
    "events": events.measure,
    "events-no-database": events.measure_without_database,
    "checks": checks.measure,
    "rest": rest.measure,
    "stages": stages.measure,
}


def scale(minutes: float) -> dict[str, Measure]:
    """Rows that take minutes each, and are measured only where they are named: all of them by ``scale``."""
    return {
        "scale-instances": throughput.measure_instances,
        "scale-partitions": throughput.measure_partitions,
        "scale-documents": documents.measure,
        "scale-lists": lists.measure,
        "scale-memory": partial(memory.measure, minutes=minutes),
    }


async def measure(wanted: Mapping[str, Measure], rounds: int, seconds: float, out: Path) -> bool:
    """Whether every row met its goal. A row that cannot be measured is one that did not, and keeps none from the others."""
    rows: list[Row] = []
    complete = True
    with tempfile.TemporaryDirectory(prefix="kontor-bench-") as directory:
        async with Ground(Path(directory)).standing() as ground:
            print(f"backends: {ground.backends.description}", flush=True)
            for name, one in wanted.items():
                try:
                    found = await one(ground, rounds, seconds)
                except Exception:  # noqa: BLE001  any error is printed below
                    print(f"{name} FAILED\n{traceback.format_exc()}", flush=True)
                    complete = False
                    continue
                for row in found:
                    print(printed(row), flush=True)
                rows += found
                written(rows, ground.backends.description, out)
            drawn(rows, out)
    return complete and all(row.met for row in rows)


def chosen(names: str, minutes: float) -> dict[str, Measure]:
    """ValueError names what is unknown."""
    slow = scale(minutes)
    known = {**ROWS, **slow}
    wanted = [one for name in names.split(",") for one in (slow if name == "scale" else [name])]
    if unknown := sorted(set(wanted) - set(known)):
        raise ValueError(f"unknown rows: {', '.join(unknown)}; known: {', '.join(known)}, scale")
    return {name: known[name] for name in wanted}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", default=",".join(ROWS), help="which to measure, by comma (default: all but scale)")
    parser.add_argument(
        "--rounds", type=int, default=3, help="interleaved rounds of floor and Kontor, this many of each"
    )
    parser.add_argument("--seconds", type=float, default=5.0, help="load in each round")
    parser.add_argument("--minutes", type=float, default=10.0, help="load on the memory over a long run")
    parser.add_argument("--out", type=Path, default=Path(".local/bench"), help="where report.json goes")
    given = parser.parse_args()
    if (binary := found(SECANTUSD_BINARY)) is not None:
        os.environ.setdefault("KONTOR_TEST_SECANTUSD", str(binary))
    try:
        rows = chosen(given.rows, given.minutes)
    except ValueError as error:
        parser.error(str(error))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        met = runner.run(measure(rows, given.rounds, given.seconds, given.out))
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
