"""Erasing whom mails went to, once identity has purged the user."""

from collections.abc import Mapping, Sequence

from chassis import Dispatch, MongoStore, Reaction
from kontor_contracts import Envelope, Payload
from kontor_contracts.identity import UserPurged
from notifications.documents import MAIL
from notifications.domain.mail.state import ForgetRecipient

PAGE = 500


def forgetting(store: MongoStore) -> Mapping[type[Payload], Reaction]:
    """All mails about a user stand before the purge in the same topic under the same key: they are here by now."""

    async def when_user_purged(message: Envelope[UserPurged]) -> Sequence[Dispatch]:
        orders: list[Dispatch] = []
        after: str | None = None
        while True:
            found = await store.find(MAIL, {"state.letter.about": message.data.user_id}, limit=PAGE, after=after)
            orders += [Dispatch(MAIL, id, ForgetRecipient()) for id, _ in found]
            if len(found) < PAGE:
                return orders
            after = found[-1][0]

    return {UserPurged: when_user_purged}
