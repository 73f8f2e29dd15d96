"""The timer that erases deleted users when the time to restore them is over."""

from chassis.app import Chassis
from chassis.decider import Cause
from chassis.timers import Fire
from identity.aggregates import USER
from identity.domain_user_commands import PurgeUser
from identity.settings import Settings

ACTOR = "service:identity"


def purging(chassis: Chassis, settings: Settings) -> Fire:
    async def fire(id: str) -> None:
        now = settings.now()
        timer = f"timer:{id}:{int(now.timestamp())}"
        cause = Cause(id=timer, time=now, correlation_id=timer, actor=ACTOR)
        await chassis.handler.handle(USER, id, PurgeUser(at=now), cause)

    return fire
