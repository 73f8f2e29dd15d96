"""The links that services mail, read as notifications would: from the topic, opened with the key of the mails."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from harness.topics import Topics
from support import eventually

from chassis.crypto import Sealer


class MailedLinks:
    """``topic`` is the broker's name of a topic whose messages carry sealed links."""

    def __init__(self, kafka: Topics, private_key: Path) -> None:
        self._kafka = kafka
        self._sealer = Sealer(private_key)
        self._opened: dict[str, str] = {}

    async def newest(self, topic: str, email: str, page: str, number: int = 1) -> str:
        """The newest link to ``page`` for this address, once there are ``number`` of them."""

        async def found() -> list[str]:
            links = [link for link in await self._links(topic, email) if page in link]
            return links if len(links) >= number else []

        return (await eventually(found))[-1]

    async def token(self, topic: str, email: str, page: str, number: int = 1) -> str:
        """What the newest link carries."""
        link = await self.newest(topic, email, page, number)
        return parse_qs(urlsplit(link).query)["token"][0]

    async def _links(self, topic: str, email: str) -> list[str]:
        mailed = [each for each in await self._kafka.envelopes(topic) if getattr(each.data, "sealed_link", None)]
        mine = [each for each in mailed if _address(each.data) == email]
        return [self._open(each.data.sealed_link) for each in sorted(mine, key=lambda each: each.time)]

    def _open(self, sealed: str) -> str:
        if sealed not in self._opened:
            self._opened[sealed] = self._sealer.open(sealed)
        return self._opened[sealed]


def _address(data: object) -> str:
    recipient = getattr(data, "recipient", None)
    return str(recipient.email if recipient else getattr(data, "email", ""))
