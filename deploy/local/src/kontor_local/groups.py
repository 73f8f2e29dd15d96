"""Consumer groups of the embedded broker, which never finds out by itself that a member has died.

Kafka takes a member that sends no heartbeats for dead after its session timeout. The embedded broker keeps it, and every
join waits for it for ever. So the code that ends a process also removes its members.
"""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.group import LeaveGroupRequest

from kontor_local.connected import connected


async def forget_members(bootstrap: str, group: str) -> None:
    """Make all members leave the group. Only for a group none of whose processes is running."""
    async with connected(AIOKafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        (answer,) = await admin.describe_consumer_groups([group])
        coordinator = await admin.find_coordinator(group)
        for _, _, _, _, _, members, *_ in answer.groups:
            for member in members:
                await admin._client.send(coordinator, LeaveGroupRequest(group, member[0]))  # noqa: SLF001  no public call
