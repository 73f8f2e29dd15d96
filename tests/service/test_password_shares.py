"""One client that floods the checking of passwords slows down itself, and nobody else."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx2
import pytest
from harness.running import Running
from service.identity.company import PASSWORD, SHIPPED_MEMORY, Person, some_email

Service = Callable[..., AbstractAsyncContextManager[Running]]
FLOOD, HOME = "198.51.100.7", "203.0.113.9"
CONNECTIONS = 120
SLOW = {"KONTOR_PASSWORD_THREADS": 1, "KONTOR_PASSWORD_MEMORY": SHIPPED_MEMORY}


async def sign_in(running: Running, email: str, client: str, **body: str) -> httpx2.Response:
    grant = {"grant_type": "password", "email": email, "password": PASSWORD} | body
    return await running.client.post("/v1/token", json=grant, headers={"x-forwarded-for": client})


@asynccontextmanager
async def flood(running: Running) -> AsyncIterator[Counter[int]]:
    """Strangers from one network, each waiting for its answer and asking again. The answers by status."""
    answers: Counter[int] = Counter()
    under_way = asyncio.Event()

    async def ask() -> None:
        while True:
            answer = await sign_in(running, some_email(), FLOOD)
            answers[answer.status_code] += 1
            assert answer.status_code != 429 or int(answer.headers["retry-after"]) > 0
            if answers.total() >= CONNECTIONS:
                under_way.set()

    tasks = [asyncio.create_task(ask()) for _ in range(CONNECTIONS)]
    await under_way.wait()
    yield answers
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(each) for each in ended} == {asyncio.CancelledError}


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    settings = {**SLOW, "KONTOR_PASSWORD_QUEUE": 16, "KONTOR_TRUSTED_PROXIES": '["127.0.0.1"]'}
    async with service("identity", **settings) as running:
        yield running


async def test_a_flood_of_one_network_turns_nobody_else_away(running: Running) -> None:
    person = await Person.sign_up(running)
    async with flood(running) as answers:
        before = answers.copy()
        for _ in range(5):
            assert (await sign_in(running, person.email, HOME)).status_code == 200
        during = answers - before
    assert before[429] and during[401], "the flood is turned away in part, and goes on"


async def test_a_known_device_of_the_flooding_network_is_served(running: Running) -> None:
    person = await Person.sign_up(running)
    device = (await person.sign_in(PASSWORD))["device_token"]
    async with flood(running):
        for _ in range(3):
            known = await sign_in(running, person.email, FLOOD, device_token=device)
            assert known.status_code == 200


async def test_a_client_does_not_choose_its_network(service: Service) -> None:
    # No proxy is trusted by default, so the header is anybody's word.
    async with service("identity", KONTOR_PASSWORD_QUEUE=4, **SLOW) as running:
        asked = [sign_in(running, some_email(), f"203.0.{n}.9") for n in range(40)]
        answers = Counter(answer.status_code for answer in await asyncio.gather(*asked))
    assert answers[429] > 0 and set(answers) == {401, 429}
