"""The gateway of compose.yaml: nginx leads every path where the gateway of `make up` leads it."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from harness.chart import ROOT
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from support import eventually

from kontor_contracts.topics import SERVICES
from kontor_local.gateway import routes
from kontor_local.guest import GuestServer
from kontor_local.ports import HOST, Port

CONF = (ROOT / "deploy/compose/gateway.conf").read_text(encoding="utf-8")
LOCATION = re.compile(r"location (= )?(\S+) \{ proxy_pass http://(\w+):8000; \}")


def test_nginx_is_given_every_beginning_of_a_path() -> None:
    found = {(bool(exact), path): service for exact, path, service in LOCATION.findall(CONF)}
    wanted = {(True, path): service for path, service in routes().items()}
    assert found == wanted | {(False, f"{path}/"): service for path, service in routes().items()}


def echo(name: str) -> Starlette:
    async def answer(request: Request) -> JSONResponse:
        return JSONResponse({"service": name, "path": request.url.path, "headers": dict(request.headers)})

    return Starlette(routes=[Route("/{path:path}", answer)])


@asynccontextmanager
async def nginx(folder: Path) -> AsyncIterator[httpx2.AsyncClient]:
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/bin")
    if program is None:
        pytest.skip("NOT RUN: nginx is not here; Debian's package nginx-light has it")
    servers = {name: GuestServer(echo(name)) for name in SERVICES}
    port = Port()
    server = CONF.replace("listen 8000", f"listen {HOST}:{port.number}")
    for name, one in servers.items():
        await one.start()
        server = server.replace(f"http://{name}:8000", one.url)
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = f"daemon off; pid {folder}/pid; error_log stderr;\nevents {{}}\nhttp {{ access_log off; {temporary}\n{server} }}\n"
    (folder / "nginx.conf").write_text(conf)
    port.release()
    process = await asyncio.create_subprocess_exec(program, "-c", folder / "nginx.conf", "-p", folder)
    try:
        async with httpx2.AsyncClient(base_url=f"http://{HOST}:{port.number}") as http:

            async def up() -> bool:
                assert process.returncode is None, "nginx has ended"
                try:
                    return (await http.get("/v1/me")).status_code == 200
                except httpx2.TransportError:
                    return False

            await eventually(up, timeout=30)
            yield http
    finally:
        process.terminate()
        await process.wait()
        for one in servers.values():
            await one.stop()


async def test_nginx_leads_each_path_to_its_service(tmp_path: Path) -> None:
    async with nginx(tmp_path) as http:
        for beginning, service in routes().items():
            for path in (beginning, f"{beginning}/x%20y"):
                seen = json.loads((await http.get(path)).text)
                assert (seen["service"], seen["path"]) == (service, path.replace("%20", " "))
        assert seen["headers"]["x-forwarded-proto"] == "http" and seen["headers"]["x-forwarded-for"] == HOST
        assert (await http.get("/v1/userspace")).status_code == 404
        assert (await http.get("/")).headers["location"].endswith("/home")
