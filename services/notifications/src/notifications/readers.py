"""The readers of mails: what each prefers, and the link with which they choose without a sign-in.

The link names the mailbox by the id of its preferences, so no address is in it. It holds as long as the sealing key that made it
is in the file: `kontor keys sealing rotate` keeps old ones for 60 days.
"""

from dataclasses import dataclass

from chassis import MongoStore, language_of
from chassis.crypto import Sealer
from chassis.http.pages import personal_url
from kontor_contracts.values import Recipient
from notifications.documents import PREFERENCES, preferences_key
from notifications.domain.preferences.categories import OPTIONAL
from notifications.domain.preferences.state import Preferences

PAGE = "/mail-preferences"
PURPOSE = "mail preferences"
PARTS = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """What a link is about: the mailbox, and the category of the mail in which it stands."""

    key: str
    category: str

    @property
    def id(self) -> str:
        return PREFERENCES.id(self.key)


class Readers:
    def __init__(self, store: MongoStore, sealer: Sealer, public_url: str) -> None:
        self._store = store
        self._sealer = sealer
        self._public_url = public_url

    async def preferences(self, email: str) -> Preferences:
        return await self._store.get_or_initial(PREFERENCES, PREFERENCES.id(preferences_key(email)))

    def link(self, reader: Recipient, category: str) -> str:
        key = preferences_key(reader.email)
        token = f"{key}.{category}.{self._sealer.mark(PURPOSE, key, category)}"
        return personal_url(self._public_url, PAGE, token=token, culture=reader.culture)

    def choice(self, token: str) -> Choice | None:
        """None for a token that is none of ours, or too old."""
        parts = token.split(".")
        if len(parts) != PARTS:
            return None
        key, category, mark = parts
        known = category in OPTIONAL and self._sealer.marked(mark, PURPOSE, key, category)
        return Choice(key, category) if known else None


def in_language(recipient: Recipient, preferences: Preferences) -> Recipient:
    """The recipient in the language that they chose. A culture of that language stays: it writes dates as its reader does."""
    if preferences.language is None or language_of(recipient.culture) == preferences.language:
        return recipient
    return recipient.model_copy(update={"culture": preferences.language})
