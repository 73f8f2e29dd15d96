"""Rolling updates, drains and bad upgrades under a gentle load: nobody is refused, nothing is lost or doubled."""

import pytest
from harness.cluster_load import Load, lost_or_doubled

from kontor_contracts.topics import SERVICES
from kontor_local.cluster.commands import CommandError
from kontor_local.cluster.release import Release
from kontor_local.journey.play import Stage
from kontor_local.journey.report import Report

Played = tuple[Report, Stage]
BEFORE_AND_AFTER = 8
"""Requests that are answered before the first change and after the last."""


async def test_a_rolling_update_refuses_and_loses_nothing(kontor: Release, played: Played) -> None:
    before = {service: await names(kontor, service) for service in SERVICES}
    async with Load(kontor, played[1]) as load:
        await load.more(BEFORE_AND_AFTER)
        for service in SERVICES:
            await kontor.kubectl("rollout", "restart", kontor.deployment(service))
            await kontor.kubectl("rollout", "status", kontor.deployment(service), "--timeout=300s")
        await load.more(BEFORE_AND_AFTER)
    for service in SERVICES:
        assert not before[service] & await names(kontor, service, running=True)
    assert (load.refused, len(load.users) > 0, len(load.invitations) > 0) == ([], True, True)
    assert await lost_or_doubled(load) == []


async def test_the_drain_of_a_node_refuses_and_loses_nothing(kontor: Release, played: Played) -> None:
    try:
        async with Load(kontor, played[1]) as load:
            await load.more(BEFORE_AND_AFTER)
            await kontor.kubectl("drain", "node2", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=600s")
            for service in SERVICES:
                await kontor.kubectl("rollout", "status", kontor.deployment(service), "--timeout=300s")
            await load.more(BEFORE_AND_AFTER)
    finally:
        await kontor.kubectl("uncordon", "node2")
    for service in SERVICES:
        running = [pod for pod in await kontor.pods(service) if "deletionTimestamp" not in pod["metadata"]]
        assert {pod["spec"]["nodeName"] for pod in running} == {"node1"}
    assert load.refused == []
    assert await lost_or_doubled(load) == []


async def test_a_bad_upgrade_rolls_back_and_refuses_nothing(kontor: Release, played: Played) -> None:
    """Pods that never become ready take no pod of the running version away. Why they do not, events still say afterwards."""
    before = {service: await names(kontor, service, running=True) for service in SERVICES}
    failed = await not_started(kontor)
    bad = {"services": {"enrollment": {"settings": {"management_port": 9001}}}}
    async with Load(kontor, played[1]) as load:
        await load.more(BEFORE_AND_AFTER)
        with pytest.raises(CommandError, match="rolled back due to atomic being set"):
            await kontor.upgrade("--atomic", "--timeout", "60s", **bad)
        await load.more(BEFORE_AND_AFTER)
    for service in SERVICES:
        assert before[service] <= await names(kontor, service)
    assert [name for name in await not_started(kontor) - failed if name.startswith("kontor-enrollment-")]
    assert load.refused == []
    assert await lost_or_doubled(load) == []


async def names(kontor: Release, service: str, *, running: bool = False) -> set[str]:
    """Of its pods; ``running``: of those that are not on their way out."""
    pods = await kontor.pods(service)
    return {pod["metadata"]["name"] for pod in pods if not (running and "deletionTimestamp" in pod["metadata"])}


async def not_started(kontor: Release) -> set[str]:
    """Pods whose startup probe failed, as events say: those that are gone, too."""
    said = await kontor.kubectl.get("events", "--field-selector", "type=Warning,reason=Unhealthy")
    return {one["involvedObject"]["name"] for one in said if "Startup probe failed" in one["message"]}
