"""How long refused sign-ins take, for an address that is known and for one that is not: ``python sign_in_times.py [N]``.

Asks N times each (1,000), one after the other and in random order, of a service of its own, and prints the distributions
and how well one could tell them apart: the chance that a known address took longer than an unknown one (0.5: not at all),
and the z-score of the rank sum (Mann and Whitney). Not a test: a time is no ground for a test to fail.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from harness.running import Running, Services
from harness.tokens import Tokens
from service.identity.company import Person, some_email, token

from kontor_local.backends import Backends
from kontor_local.environment import Surroundings
from kontor_local.keys import SIGNING, write_keys
from kontor_local.processes import spawn

WARM_UP = 50


@asynccontextmanager
async def identity(ground: Path) -> AsyncIterator[Running]:
    backends = Backends(ground, keep_data=False, ports={})
    await backends.start()
    write_keys(ground / "keys")
    tokens = Tokens(ground / "keys" / SIGNING)
    tokens.start()
    around = Surroundings(
        kafka=backends.kafka, mongo=backends.mongo, smtp_port=1, urls={"identity": tokens.url}, keys=ground / "keys"
    )
    issuer = {"KONTOR_ISSUER": tokens.issuer, "KONTOR_JWKS_URL": tokens.jwks_url}
    try:
        async with Services(around, issuer, ground / "logs", starter=spawn).run("identity") as running:
            yield running
    finally:
        tokens.stop()
        await backends.stop()


async def measure(running: Running, count: int) -> tuple[dict[str, list[float]], set[str]]:
    known = (await Person.sign_up(running)).email
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    answers: set[str] = set()
    order = ["known", "unknown"] * count
    random.shuffle(order)
    for n, which in enumerate(["known", "unknown"] * WARM_UP + order):
        email = known if which == "known" else some_email()
        started = time.perf_counter()
        answer = await token(running, grant_type="password", email=email, password="not this one, 1987")
        took = time.perf_counter() - started
        if n >= 2 * WARM_UP:
            times[which].append(took)
            body = {name: value for name, value in answer.json().items() if name != "correlation_id"}
            answers.add(f"{answer.status_code} {sorted(body.items())}")
    return times, answers


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def apart(known: list[float], unknown: list[float]) -> tuple[float, float]:
    """The chance that a known one took longer, and its distance from a half in standard deviations."""
    ranked = sorted([(took, 1) for took in known] + [(took, 0) for took in unknown])
    ranks = sum(rank for rank, (_, is_known) in enumerate(ranked, 1) if is_known)
    n, m = len(known), len(unknown)
    u = ranks - n * (n + 1) / 2
    return u / (n * m), (u - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5


async def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as ground:
        async with identity(Path(ground)) as running:
            times, answers = await measure(running, count)
    for which, took in times.items():
        cuts = statistics.quantiles(took, n=100)
        say(f"{which:>8}: p5 {cuts[4] * 1e3:.2f}  p50 {cuts[49] * 1e3:.2f}  p95 {cuts[94] * 1e3:.2f} ms  ({len(took)})")
    chance, z = apart(times["known"], times["unknown"])
    say(f"a known address took longer in {chance:.3f} of the pairs; z = {z:+.2f}; different answers: {len(answers)}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
