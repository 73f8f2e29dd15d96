"""What Helm installs is Kontor: the program runs through its Services, in pods that may do next to nothing."""

import httpx2
import pytest
from harness.cluster import ends, events_twice

from kontor_contracts.topics import SERVICES, TOPICS
from kontor_local.cluster.commands import CommandError
from kontor_local.cluster.release import Release
from kontor_local.journey.client import until
from kontor_local.journey.play import Stage
from kontor_local.journey.report import Report, count_records
from kontor_local.journey.steps import STEPS


async def test_every_pod_of_a_new_release_is_ready(kontor: Release) -> None:
    for service in SERVICES:
        pods = await kontor.pods(service)
        assert len(pods) == 2
        assert {pod["spec"]["nodeName"] for pod in pods} == {"node1", "node2"}
        for pod in pods:
            (status,) = pod["status"]["containerStatuses"]
            assert status["ready"] and status["restartCount"] == 0


async def test_hooks_created_topics_and_no_secret(kontor: Release) -> None:
    """A Secret that a hook makes would be another one after an upgrade, under pods that run."""
    counts = await count_records(kontor.kafka)
    assert set(counts) == {topic.name for topic in TOPICS}
    assert not await kontor.kubectl.get("jobs")  # each is removed when it has succeeded
    secrets = {one["metadata"]["name"] for one in await kontor.kubectl.get("secrets")}
    given = {f"kontor-{service}" for service in SERVICES}
    assert {name for name in secrets if not name.startswith("sh.helm.release")} == given


async def test_the_namespace_refuses_a_pod_with_more_rights(kontor: Release) -> None:
    """So what runs in it keeps to the restricted profile."""
    with pytest.raises(CommandError, match="violates PodSecurity"):
        await kontor.kubectl("run", "free", "--image=docker.io/kontor/kontor-identity:here", "--restart=Never")


async def test_the_journey_is_played_against_the_services(kontor: Release, played: tuple[Report, Stage]) -> None:
    report, _ = played
    failed = [f"{step.name}: {step.seen}" for step in report.steps if not step.ok]
    assert not failed and len(report.steps) == len(STEPS)

    async def mails_due() -> int:
        counts = await count_records(kontor.kafka)
        return counts["notifications.events"] - 2 * len(kontor.mailbox.mails())

    await until(mails_due, lambda due: due == 0, "an empty mail queue")
    counts = await count_records(kontor.kafka)
    assert {topic: count for topic, count in counts.items() if topic.endswith(".dlq") and count} == {}
    assert await events_twice(kontor) == []
    mails = [(*mail.to, mail.subject, *mail.links) for mail in kontor.mailbox.mails()]
    assert len(mails) == len(set(mails)) >= 8


async def test_health_is_not_on_the_port_of_requests(kontor: Release) -> None:
    async with httpx2.AsyncClient(timeout=10.0) as http:
        for service in SERVICES:
            address = await kontor.address(service)
            assert (await http.get(f"{address}/readyz")).status_code == 404
    assert await ends(kontor) == []
