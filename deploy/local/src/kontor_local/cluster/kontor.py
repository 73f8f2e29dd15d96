"""`make cluster`, inside: Kontor's chart on the cluster until Ctrl-C."""

import asyncio
import os
import sys
from pathlib import Path

from kontor_local.cluster.commands import CommandError
from kontor_local.cluster.release import NAMESPACE, Release
from kontor_local.shutdown import sigterm_as_interrupt


async def _run() -> None:
    cluster = Path(os.environ["KONTOR_CLUSTER"])
    enter = cluster.parent / "enter"
    print("Installing the chart: topics, indexes, four services …", flush=True)
    with sigterm_as_interrupt():
        async with Release(cluster / "kontor") as kontor:
            print(await kontor.kubectl("get", "pods", "--output", "wide"))
            print(f"Served by {kontor.backend}. One address for all services, inside: {kontor.public_url('identity')}")
            print(f"Mails: {kontor.mailbox.directory}   logs of the cluster: {cluster / 'log'}")
            print(
                f"Programs inside: sudo {enter} kubectl -n {NAMESPACE} get pods   Ctrl-C stops everything.", flush=True
            )
            await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(_run())
    except KeyboardInterrupt:
        sys.exit(130)
    except CommandError as error:
        sys.exit(str(error))
