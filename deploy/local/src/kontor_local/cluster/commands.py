"""kubectl and helm, as programs."""

import asyncio
import json
from typing import Any

from kontor_local.cluster.programs import ROOT, helm

CHART = ROOT / "deploy" / "helm" / "kontor"


class CommandError(RuntimeError):
    """A program ended with another code than 0. The text has what it said."""


async def run(program: str, *arguments: str, given: str | None = None) -> str:
    """What it printed. Raises CommandError."""
    pipe = asyncio.subprocess.PIPE
    stdin = asyncio.subprocess.DEVNULL if given is None else pipe
    process = await asyncio.create_subprocess_exec(program, *arguments, stdin=stdin, stdout=pipe, stderr=pipe)
    try:
        output, errors = await process.communicate(given.encode() if given is not None else None)
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        words = " ".join((program, *arguments[:4]))
        raise CommandError(f"{words} ended with {process.returncode}: {errors.decode()}{output.decode()}")
    return output.decode()


class Kubectl:
    """In one namespace."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    async def __call__(self, *arguments: str, given: str | None = None) -> str:
        return await run("kubectl", "--namespace", self.namespace, *arguments, given=given)

    async def apply(self, *objects: dict[str, Any]) -> None:
        await self("apply", "--filename", "-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    async def get(self, *arguments: str) -> Any:
        """One object, or the items of a list."""
        found = json.loads(await self("get", *arguments, "--output", "json"))
        return found.get("items", found)


async def install(release: str, namespace: str, values: dict[str, Any], *flags: str) -> str:
    """Helm's install or upgrade, which waits until all is ready. Raises CommandError."""
    place = ("--namespace", namespace, "--values", "-", "--wait", *flags)
    return await run(helm(), "upgrade", "--install", release, str(CHART), *place, given=json.dumps(values))
