"""Each service is killed once on the journey, at a moment of its own, and started again; the end is the same as without.

One journey for all of them: what a kill leaves behind meets the next one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from harness.forkserver import fork
from harness.topics import Topics
from support import eventually

from kontor_contracts.topics import SERVICES, TOPICS
from kontor_local.journey.play import Stage, Step, play, stage
from kontor_local.journey.report import Report, count_records
from kontor_local.journey.steps import STEPS
from kontor_local.stack import Stack

TYPES = {type_: payload for topic in TOPICS for type_, payload in topic.types.items()}
MOMENTS = {
    "identity": "review, agreement, active",
    "enrollment": "the reseller chooses its partner id and submits",
    "relationships": "the reseller authorizes the provider",
    "notifications": "the provider invites the reseller",
}


async def end_state(on: Stage) -> dict[str, Any]:
    """What everybody sees at the end, without ids and times."""
    seen: dict[str, Any] = {}
    for company in (on.provider, on.reseller):
        enrollment = await on.api("enrollment", company.admin).get(f"/v1/enrollments/{company.enrollment_id}")
        users = await on.api("identity", company.admin).get("/v1/users")
        customers = await on.api("relationships", company.admin).get("/v1/customers")
        seen[company.name] = {
            "status": enrollment["status"],
            "users": sorted((user["email"], *sorted(user["roles"])) for user in users["items"]),
            "customers": sorted(
                (c["name"], c["origin"], *sorted(f"{p['partner_id']}:{p['permissions']}" for p in c["partners"]))
                for c in customers["items"]
            ),
        }
    providers = await on.api("relationships", on.reseller.admin).get("/v1/providers")
    resellers = await on.api("relationships", on.provider.admin).get("/v1/resellers")
    seen["partnerships"] = [item["name"] for item in (*providers["items"], *resellers["items"])]
    return seen


async def play_all(
    root: Path, before: Callable[[Stack, Step], Awaitable[None]]
) -> tuple[dict[str, Any], set[Any], int]:
    """Play on a fresh stack; returns the end state, the mails as (to, subject), and the number of dead letters."""
    async with Stack(root, starter=fork) as stack, stage(stack) as on, Topics(stack.kafka, TYPES) as kafka:
        report = Report()
        await play(on, STEPS, report, before=lambda step: before(stack, step))
        assert report.ok, report.steps[-1]

        async def mails_sent() -> bool:
            # By their ids: a killed service may have announced the same thing twice.
            events = {event.id for event in await kafka.envelopes(stack.topic("notifications.events"))}
            return len(events) == 2 * len({mail.message_id for mail in stack.mailbox.mails()})

        await eventually(mails_sent, timeout=60)
        counts = await count_records(stack.kafka, stack.topic(""))
        mails = {(mail.to, mail.subject) for mail in stack.mailbox.mails()}
        return await end_state(on), mails, sum(n for topic, n in counts.items() if topic.endswith(".dlq"))


async def test_services_killed_on_the_way_change_nothing_in_the_end(tmp_path: Path) -> None:
    restarts: dict[str, asyncio.Task[None]] = {}

    async def nothing(_: Stack, __: Step) -> None: ...

    async def kill(stack: Stack, step: Step) -> None:
        for service in [service for service, moment in MOMENTS.items() if moment == step.name]:
            await stack.kill(service)
            # The journey goes on meanwhile: its callers meet a service that is not there.
            restarts[service] = asyncio.create_task(stack.start_service(service))

    end = await play_all(tmp_path / "disturbed", kill)
    await asyncio.gather(*restarts.values())
    assert restarts.keys() == set(SERVICES), "a moment is no step of the journey"
    assert end == await play_all(tmp_path / "undisturbed", nothing)
