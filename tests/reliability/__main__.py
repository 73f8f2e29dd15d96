"""``python -m reliability run`` and ``bugs``: what `make chaos` and `make chaos-bugs` call."""

import asyncio
import json
import os
import secrets
import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from reliability.bugs import BUGS
from reliability.faults import FAULTS
from reliability.report import show
from reliability.rig import Plan, Result, run

ROOT = Path(os.environ.get("KONTOR_CHAOS_ROOT", ".local/chaos"))
ALL = ("crash", *FAULTS)


def main(arguments: list[str]) -> int:
    given = _parse(arguments)
    if given.what == "bugs":
        return asyncio.run(_bugs(given))
    return asyncio.run(_runs(given))


async def _runs(given: Namespace) -> int:
    faults = ALL if given.faults == "all" else tuple(given.faults.split(","))
    results = []
    for number in range(given.runs):
        plan = Plan(
            f"{given.seed}.{number}", given.minutes * 60, faults, given.clients, given.instances, shipped=given.shipped
        )
        print(f"run {number + 1} of {given.runs}, seed {plan.seed}", flush=True)
        results.append(await run(ROOT / f"run-{number + 1}", plan))
        show(results[-1:])
    if given.runs > 1:
        show(results)
    _write(results, ROOT / "report.json")
    return 0 if all(result.ok for result in results) else 1


async def _bugs(given: Namespace) -> int:
    """Each bug in turn. Found: an invariant that it is said to break has fallen."""
    names = list(BUGS) if given.faults == "all" else given.faults.split(",")
    missed = []
    for name in names:
        bug = BUGS[name]
        minutes = max(given.minutes, bug.minutes)
        plan = Plan(f"{given.seed}.{name}", minutes * 60, bug.faults, given.clients, given.instances, name)
        began = time.monotonic()
        result = await run(ROOT / f"bug-{name}", plan)
        hit = [invariant for invariant in result.broken if invariant in bug.breaks]
        missed += [] if hit else [name]
        story = next((v.stories[0] for v in result.verdicts if v.invariant in hit), "")
        found = f"found by {', '.join(hit)}" if hit else f"NOT FOUND (broken: {', '.join(result.broken) or 'nothing'})"
        print(f"{name:28} {found} after {time.monotonic() - began:.0f} s\n{'':28} {story}", flush=True)
    print(f"{len(names) - len(missed)} of {len(names)} seeded bugs found")
    return 1 if missed else 0


def _write(results: list[Result], path: Path) -> None:
    faults: Counter[str] = sum((result.faults for result in results), Counter())
    document = {
        "ok": all(result.ok for result in results),
        "backend": results[0].backend,
        "seeds": [result.plan.seed for result in results],
        "faults": dict(sorted(faults.items())),
        "runs": [
            {
                "seed": result.plan.seed,
                "seconds": round(result.seconds, 1),
                "commands": dict(result.commands),
                "records": result.records,
                "mails": result.mails,
                "quiet_after": result.quiet,
                "surprises": result.surprises,
                "verdicts": [asdict(verdict) for verdict in result.verdicts],
            }
            for result in results
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def _parse(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="python -m reliability", description="Hurt Kontor and look whether it holds.")
    parser.add_argument("what", choices=["run", "bugs"])
    parser.add_argument("--minutes", type=float, default=0.25, help="of load and faults in each run")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seed", default=secrets.token_hex(4))
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--instances", type=int, default=2, help="of each service; the embedded broker takes one")
    parser.add_argument("--shipped", action="store_true", help="with the services' settings as they are shipped")
    parser.add_argument(
        "--faults", default="all", help=f"names by comma: {', '.join(ALL)}, crash:C3, …; for bugs: their names"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
