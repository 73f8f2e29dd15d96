"""The timer that erases deleted users when the time to restore them is over."""

from chassis import Cause, Fire, Handler
from identity.documents import USER
from identity.domain.user.commands import PurgeUser
from identity.settings import Settings

ACTOR = "service:identity"


def purging(handler: Handler, settings: Settings) -> Fire:
    async def fire(id: str) -> None:
        now = settings.now()
        timer = f"timer:{id}:{int(now.timestamp())}"
        cause = Cause(id=timer, time=now, correlation_id=timer, actor=ACTOR)
        await handler.handle(USER, id, PurgeUser(at=now), cause)

    return fire
