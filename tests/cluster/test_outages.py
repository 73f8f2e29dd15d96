"""The broker goes away, or hangs: HTTP stays in its Services, and pods end in order."""

import asyncio
import signal
import time
from typing import Any

import httpx2
from harness.cluster import log_of

from kontor_contracts.topics import SERVICES
from kontor_local.apache_kafka import ApacheKafka
from kontor_local.cluster.release import Release
from kontor_local.journey.client import until
from kontor_local.servers import Broker

LOOKS = 12
PROBE_SECONDS = 3.0
"""``timeoutSeconds`` of the chart's readiness probe."""


async def test_http_stays_in_its_service_while_the_broker_is_away(kontor: Release) -> None:
    """For longer than a readiness probe needs to take a pod out: two failures, 5 s apart."""
    broker = own_broker(kontor)
    await broker.stop()
    try:
        for _ in range(LOOKS):
            assert {service: await offered(kontor, service) for service in SERVICES} == dict.fromkeys(SERVICES, 2)
            await asyncio.sleep(2.0)
    finally:
        await broker.start()


async def test_readiness_answers_in_time_while_the_broker_hangs(kontor: Release) -> None:
    broker = own_broker(kontor)
    send(broker, signal.SIGSTOP)
    try:
        async with httpx2.AsyncClient(timeout=PROBE_SECONDS) as http:
            for _ in range(LOOKS):
                for service in SERVICES:
                    for pod in await kontor.pods(service):
                        answer = await http.get(f"http://{pod['status']['podIP']}:9000/readyz")
                        assert answer.status_code == 200, answer.text
                await asyncio.sleep(1.0)
        assert {service: await offered(kontor, service) for service in SERVICES} == dict.fromkeys(SERVICES, 2)
    finally:
        send(broker, signal.SIGCONT)


async def test_a_pod_that_waits_for_the_broker_ends_in_order(kontor: Release) -> None:
    broker = own_broker(kontor)
    old = {pod["metadata"]["name"] for pod in await kontor.pods("enrollment")}
    await broker.stop()
    try:
        await kontor.kubectl("rollout", "restart", kontor.deployment("enrollment"))

        async def running() -> list[str]:
            return [
                str(pod["metadata"]["name"])
                for pod in await kontor.pods("enrollment")
                if pod["metadata"]["name"] not in old and pod["status"]["phase"] == "Running"
            ]

        (name,) = await until(running, lambda names: names, "a new pod", within=180.0)
        grace = (await kontor.kubectl.get("pod", name))["spec"]["terminationGracePeriodSeconds"]
        async with log_of(kontor, name) as lines:
            async for line in lines:
                if b"waiting_for_server" in line:
                    break
            began = time.monotonic()
            await kontor.kubectl("delete", "pod", name, "--wait=true")
            assert time.monotonic() - began < grace
            assert b'"event":"ended"' in await lines.read()
    finally:
        await broker.start()
    await kontor.kubectl("rollout", "status", kontor.deployment("enrollment"), "--timeout=300s")


def own_broker(kontor: Release) -> Broker | ApacheKafka:
    assert isinstance(kontor.broker, Broker | ApacheKafka), "a broker that these tests may stop"
    return kontor.broker


def send(broker: Broker | ApacheKafka, number: signal.Signals) -> None:
    """SIGSTOP: connections stay open, and nobody answers. SIGCONT ends it."""
    processes = [broker.process] if isinstance(broker, Broker) else [node.process for node in broker.nodes.values()]
    for process in processes:
        process.signal(number)


async def offered(kontor: Release, service: str) -> int:
    """How many pods its Service sends requests to."""
    slices: list[Any] = await kontor.kubectl.get(
        "endpointslices", "--selector", f"kubernetes.io/service-name=kontor-{service}"
    )
    ready = [each for one in slices for each in one.get("endpoints") or () if each["conditions"]["ready"]]
    return len(ready)
