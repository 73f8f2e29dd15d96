"""The operators' console beside everything else, as a process of its own: `kontor console`."""

import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx2

from kontor_local.ports import HOST, Port
from kontor_local.processes import Process, start_within


class Console:
    """Needs the broker alone, and identity where people sign in there (``issuer``).

    Without it there is one token, kept in ``tokens`` from run to run, which may act.
    """

    def __init__(self, port: Port, *, tokens: Path, env: Mapping[str, str], log: Path, issuer: str = "") -> None:
        self.url = f"http://{HOST}:{port.number}"
        self._port = port
        self._tokens = tokens
        self._takes_tokens = not issuer
        command = [sys.executable, "-m", "kontor_cli", "console", "--host", HOST, "--port", str(port.number)]
        way = ("--issuer", issuer) if issuer else ("--tokens-file", str(tokens))
        self.process = Process("console", [*command, *way], env=dict(env), log=log)

    @property
    def token(self) -> str:
        """Where people sign in at identity there is none."""
        return self._tokens.read_text().split()[-1]

    async def start(self) -> None:
        """Return when it answers."""
        if self._takes_tokens and not self._tokens.exists():
            self._tokens.touch(mode=0o600)
            self._tokens.write_text(f"operator act {secrets.token_urlsafe(24)}\n")
        self._port.release()
        self.process.start()
        async with httpx2.AsyncClient(base_url=self.url, timeout=5.0) as http:
            await self.process.until(lambda: _answers(http), start_within())


async def _answers(http: httpx2.AsyncClient) -> bool:
    try:
        return (await http.get("/sign-in")).is_success
    except httpx2.TransportError:
        return False
