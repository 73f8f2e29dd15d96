"""A planned change of the signing key, under load: nothing restarts, no request fails."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx2
import pytest
from harness.command_line import kontor
from harness.running import Running
from joserfc import jws
from service.identity.company import Person, refresh
from support import eventually

from kontor_local.keys import SIGNING

Service = Callable[..., AbstractAsyncContextManager[Running]]
SIGN_IN = 4
KEEP = 120


@pytest.fixture
def key_file(keys: Path, tmp_path: Path) -> Path:
    """A file of this test alone, as ``make up`` writes it: one key, no plan."""
    file = tmp_path / "signing.jwk"
    file.write_text((keys / SIGNING).read_text())
    file.chmod(0o600)
    return file


def kid(access_token: str) -> str:
    return str(jws.extract_compact(access_token.encode()).headers()["kid"])


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def write(file: Path, text: str) -> None:
    file.write_text(text)


async def published(running: Running) -> list[str]:
    return [key["kid"] for key in (await running.client.get("/.well-known/jwks.json")).json()["keys"]]


async def test_a_key_is_rotated_under_a_stream_of_requests_and_none_fails(service: Service, key_file: Path) -> None:
    async with service("identity", start=False, KONTOR_SIGNING_KEY_FILE=key_file, KONTOR_JWKS_CACHE=1) as identity:
        # Services under test know the tests' own keys as identity's; these know only what identity publishes.
        jwks = f"{identity.url}/.well-known/jwks.json"
        identity.process.env = {**identity.env, "KONTOR_JWKS_URL": jwks}
        await identity.start()
        async with service(
            "enrollment", KONTOR_TOPIC_PREFIX=identity.prefix, KONTOR_JWKS_URL=jwks, KONTOR_JWKS_CACHE=1
        ) as other:
            await _rotate_under_load(identity, other, key_file)


async def _rotate_under_load(identity: Running, other: Running, key_file: Path) -> None:
    user = await Person.sign_up(identity)
    first = user.access_token
    failures: list[httpx2.Response] = []
    seen: list[str] = []
    done = asyncio.Event()

    async def stream() -> None:
        while not done.is_set():
            renewed = await refresh(identity, user.refresh_token)
            if renewed.status_code != 200:
                failures.append(renewed)
                return
            user.access_token, user.refresh_token = renewed.json()["access_token"], renewed.json()["refresh_token"]
            seen.append(kid(user.access_token))
            for running, path in ((identity, "/v1/me"), (other, "/v1/enrollments")):
                for token in (user.access_token, first):
                    answer = await running.client.get(path, headers={"Authorization": f"Bearer {token}"})
                    if answer.status_code != 200:
                        failures.append(answer)

    streaming = asyncio.create_task(stream())
    old = kid(first)
    arguments = ("keys", "rotate", "--file", str(key_file), "--sign-in", str(SIGN_IN), "--keep", str(KEEP))
    said = await kontor(identity, *arguments, "--json")
    assert said.code == 0, said.err
    new = said.document["keys"][1]["kid"]
    assert '"d"' not in said.out
    await eventually(lambda: len(set(seen)) == 2 or failures)
    count = len(seen)
    await eventually(lambda: len(seen) > count + 20 or failures)
    done.set()
    await streaming
    assert not failures, [(failure.request.url, failure.status_code, failure.text) for failure in failures]
    changed = seen.index(new)
    assert set(seen[:changed]) == {old} and set(seen[changed:]) == {new}
    assert await published(identity) == [old, new]
    assert mode(key_file) == 0o600
    again = await kontor(identity, "keys", "show", "--file", str(key_file), "--json")
    assert [key["state"] for key in again.document["keys"]] == ["published", "signs"]


async def test_a_broken_file_leaves_the_keys_as_they_are(service: Service, key_file: Path) -> None:
    async with service("identity", KONTOR_SIGNING_KEY_FILE=key_file) as identity:
        before = await published(identity)
        write(key_file, "{")

        async def noticed() -> bool:
            assert await published(identity) == before
            return any(line.get("event") == "signing_keys_unreadable" for line in identity.logs())

        await eventually(noticed)
        refused = await kontor(identity, "keys", "rotate", "--file", str(key_file))
        assert refused.code == 1 and "no JSON" in refused.err
        write(key_file, json.dumps({"keys": []}))
        assert (await Person.sign_up(identity)).access_token
