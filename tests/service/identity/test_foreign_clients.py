"""Clients of OpenID Connect in other languages sign in at identity, step up and sign out: openid-client, oauth2-proxy."""

import asyncio
import hashlib
import json
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from harness.browser import Browser
from harness.running import Running
from service.authenticator import set_up
from service.conftest import Service
from service.identity.company import OWN_PASSWORD, PASSWORD, Person
from support import eventually

from kontor_local.ports import HOST, Port
from kontor_local.processes import Process

OPENID_CLIENT = "openid-client@6.9.0"
SCRIPT = Path(__file__).with_name("openid_client.mjs")
PROXY = Path(".local/tools/bin/oauth2-proxy")
BUILD_IT = "GOBIN=$PWD/.local/tools/bin go install github.com/oauth2-proxy/oauth2-proxy/v7@v7.15.6"
BACK, GONE = "https://console.example/signed-in", "https://console.example/bye"
SECRET = secrets.token_urlsafe(24)


@pytest.fixture(scope="module")
def proxy_port() -> Port:
    return Port()


@pytest.fixture(scope="module")
async def identity(service: Service, proxy_port: Port) -> AsyncIterator[Running]:
    hashed = hashlib.sha256(SECRET.encode()).hexdigest()
    client = {
        "client_id": "console",
        "redirect_uris": [BACK, f"http://{HOST}:{proxy_port.number}/oauth2/callback"],
        "post_logout_redirect_uris": [GONE],
        "secret_hash": hashed,
    }
    async with service("identity", start=False, KONTOR_SIGN_IN_CLIENTS=json.dumps([client])) as running:
        running.env["KONTOR_ISSUER"] = running.url
        await running.start()
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with Browser() as browser:
        yield browser


# -- openid-client, for Node.js


@pytest.fixture(scope="module")
async def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("npm") is None:
        pytest.skip("NOT RUN: npm, which brings openid-client, is not on PATH")
    directory = tmp_path_factory.mktemp("openid-client")
    install = [
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--prefix",
        str(directory),
        OPENID_CLIENT,
    ]
    done = await asyncio.create_subprocess_exec(*install, stderr=asyncio.subprocess.PIPE)
    _, complaint = await done.communicate()
    if done.returncode:
        pytest.skip(f"NOT RUN: npm install openid-client failed: {complaint.decode()[-300:]}")
    shutil.copy(SCRIPT, directory)
    return directory


@asynccontextmanager
async def asking(identity: Running, node_modules: Path, *more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    pipe = asyncio.subprocess.PIPE
    given = [str(node_modules / SCRIPT.name), identity.url, "console", SECRET, BACK, GONE, *more]
    node = await asyncio.create_subprocess_exec("node", *given, stdin=pipe, stdout=pipe)
    try:
        yield node
    finally:
        if node.returncode is None:
            node.kill()
        await node.wait()


async def told(node: asyncio.subprocess.Process, way_back: str) -> dict[str, Any]:
    assert node.stdin is not None
    assert node.stdout is not None
    node.stdin.write(f"{way_back}\n".encode())
    await node.stdin.drain()
    found: dict[str, Any] = json.loads(await node.stdout.readline())
    return found


async def address(node: asyncio.subprocess.Process) -> str:
    assert node.stdout is not None
    return (await node.stdout.readline()).decode().strip()


async def sent(browser: Browser, identity: Running, action: str, **typed: str) -> str:
    """Where the client's page is, after this step."""
    answer = await browser.client.post(f"{identity.url}/{action}", data={**browser.form.fields, **typed})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_openid_client_signs_in_steps_up_and_signs_out(
    identity: Running, node_modules: Path, browser: Browser
) -> None:
    person = await Person.sign_up(identity)
    async with asking(identity, node_modules) as node:
        await browser.open(await address(node))
        first = await told(node, await sent(browser, identity, "sign-in", email=person.email, password=PASSWORD))
    assert (first["claims"]["sub"], first["told"]["email"], first["claims"]["acr"]) == (
        person.user_id,
        person.email,
        "pwd",
    )
    app, _ = await set_up(person)
    async with asking(identity, node_modules, "mfa") as node:
        await browser.open(await address(node))
        second = await told(node, await sent(browser, identity, "sign-in-code", code=app.code()))
    assert second["claims"]["acr"] == "mfa"
    ended = await browser.client.get(second["end"])
    assert (ended.status_code, ended.headers["location"]) == (303, GONE)
    async with asking(identity, node_modules) as node:
        await browser.open(await address(node))
        assert "password" in browser.form.fields


# -- oauth2-proxy, which lets people in to a tool that knows no sign-in


@pytest.fixture(scope="module")
def oauth2_proxy() -> str:
    if not PROXY.exists():
        pytest.skip(f"NOT RUN: oauth2-proxy is not here; build it with: {BUILD_IT}")
    return str(PROXY.resolve())


@pytest.fixture(scope="module")
async def proxy(
    oauth2_proxy: str, identity: Running, proxy_port: Port, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    here = f"{HOST}:{proxy_port.release()}"
    options = {
        "provider": "oidc",
        "oidc-issuer-url": identity.url,
        "client-id": "console",
        "client-secret": SECRET,
        "scope": "openid email groups",
        "allowed-group": "global-admin",
        "email-domain": "*",
        "code-challenge-method": "S256",
        "redirect-url": f"http://{here}/oauth2/callback",
        "http-address": here,
        "upstream": "static://200",
        "cookie-secret": secrets.token_hex(16),
        "cookie-secure": "false",
        "skip-provider-button": "true",
    }
    program = [oauth2_proxy, *(f"--{name}={value}" for name, value in options.items())]
    process = Process("oauth2-proxy", program, log=tmp_path_factory.mktemp("proxy") / "proxy.log")
    process.start()
    try:
        await eventually(lambda: _answers(f"http://{here}/ping"))
        yield f"http://{here}"
    finally:
        await process.terminate()


async def _answers(url: str) -> bool:
    try:
        async with httpx2.AsyncClient() as client:
            return (await client.get(url)).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False


async def test_oauth2_proxy_lets_in_by_role(identity: Running, proxy: str, browser: Browser) -> None:
    admin = await Person.sign_up(identity)
    await browser.open(f"{proxy}/topics")
    assert browser.address.startswith(identity.url)
    await browser.send(email=admin.email, password=PASSWORD)
    assert (browser.page.status_code, browser.text) == (200, "Authenticated")
    colleague = await admin.add("user-management-admin")
    async with Browser() as other:
        await other.open(f"{proxy}/topics")
        answer = await sent(other, identity, "sign-in", email=colleague.email, password=OWN_PASSWORD)
        await other.open(answer)
        assert other.page.status_code == 403
