"""``python -m kontor_local.cluster``: the commands behind `make cluster`, `make cluster-programs` and `make test-cluster`."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from kontor_local.cluster import programs
from kontor_local.cluster.cluster import Cluster
from kontor_local.processes import ProcessError
from kontor_local.shutdown import BusyError, only_one, sigterm_as_interrupt

ROOT = Path(".local/cluster")
FAILED, UNAVAILABLE, INTERRUPTED = 1, 3, 130

app = typer.Typer(help="A Kubernetes on this machine, with Kontor's chart on it.", no_args_is_help=True)
Nodes = Annotated[int, typer.Option(min=1, help="Nodes of the cluster.")]


@app.command()
def build() -> None:
    """Build the programs of a cluster, once: 45 minutes on two cores. Exit code 3: they cannot be built here."""
    _guarded(_build)


@app.command()
def check() -> None:
    """Tell whether a cluster can run here. Exit code 3: something is missing, and named."""
    _guarded(_check)


def _check() -> int:
    programs.check()
    return 0


def _build() -> int:
    programs.build()
    return 0


@app.command(context_settings={"ignore_unknown_options": True})
def inside(command: list[str], nodes: Nodes = 2) -> None:
    """Start a cluster, run a command inside, end the cluster. Exit code 3: no cluster can run here."""
    _guarded(lambda: asyncio.run(_inside(command, nodes)))


async def _inside(command: list[str], nodes: int) -> int:
    with sigterm_as_interrupt(), only_one(ROOT / "lock"):
        async with Cluster(ROOT / "run", nodes) as cluster:
            entered = cluster.inside(*command)
            (ROOT / "enter").write_text(f'#!/bin/sh\nexec {" ".join(cluster.inside())} "$@"\n')
            (ROOT / "enter").chmod(0o755)
            process = await asyncio.create_subprocess_exec(*entered)
            return await process.wait()


def _guarded(work: Callable[[], int]) -> None:
    try:
        code = work()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except programs.ClusterUnavailableError as error:
        print(error, file=sys.stderr)
        code = UNAVAILABLE
    except (ProcessError, BusyError, subprocess.SubprocessError) as error:
        print(error, file=sys.stderr)
        code = FAILED
    raise typer.Exit(code)


if __name__ == "__main__":
    app()
