"""Looking into a service's collection."""

from types import TracebackType
from typing import Any, Self

from bson.codec_options import CodecOptions
from harness.running import Running
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

Document = dict[str, Any]


class Documents:
    def __init__(self, url: str) -> None:
        self._client = AsyncMongoClient[Document](url)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    def collection(self, running: Running) -> AsyncCollection[Document]:
        """The one collection of the service, with times in UTC."""
        return self._client[running.database].get_collection(running.name, codec_options=CodecOptions(tz_aware=True))

    async def all(self, running: Running, kind: str | None = None) -> list[Document]:
        """All documents, or those of one kind, in order of id."""
        where = {"kind": kind} if kind else {}
        return await self.collection(running).find(where).sort("_id").to_list()

    async def one(self, running: Running, id: str) -> Document:
        """KeyError where there is none."""
        found = await self.collection(running).find_one({"_id": id})
        if found is None:
            raise KeyError(id)
        return found

    async def owes(self, running: Running) -> bool:
        """Whether a document has events that are not known to be in the topic."""
        return await self.collection(running).find_one({"ob.at": {"$exists": True}}, {"_id": 1}) is not None

    async def drop(self, database: str) -> None:
        await self._client.drop_database(database)
