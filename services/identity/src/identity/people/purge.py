"""The timer that erases deleted users when the time to restore them is over."""

from chassis import Cause, Fire, Handler
from identity.documents import USER
from identity.domain.user.commands import PurgeUser


def purging(handler: Handler) -> Fire:
    async def purge(id: str, cause: Cause) -> None:
        await handler.handle(USER, id, PurgeUser(at=cause.time), cause)

    return purge
