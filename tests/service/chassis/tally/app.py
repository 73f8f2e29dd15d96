"""The composition root."""

from fastapi import FastAPI
from service.chassis.tally import api, subscribers
from service.chassis.tally.aggregates import AGGREGATES, COUNTER
from service.chassis.tally.domain import Ring
from service.chassis.tally.messages import OWN, READ
from service.chassis.tally.settings import Settings

from chassis import Cause, Chassis


def build(settings: Settings) -> tuple[Chassis, FastAPI]:
    followed = (*READ, OWN) if settings.mirror else READ
    chassis = Chassis(settings, aggregates=AGGREGATES, read_topics=followed, own_topic=OWN.name)

    async def ring(id: str, cause: Cause) -> None:
        await chassis.handler.handle(COUNTER, id, Ring(cause.time), cause)

    app = chassis.application(
        title="Tally",
        routers=[api.router(chassis)],
        reactions=subscribers.reactions(mirror=settings.mirror),
        timers={COUNTER.kind: ring},
    )
    return chassis, app
