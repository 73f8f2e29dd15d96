"""Saving: one write per document, and one round trip for those that come at the same time.

Only this package knows the database driver (ADR 5).
"""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import UpdateOne
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    WaitQueueTimeoutError,
    WTimeoutError,
)

from chassis.aggregate.model import VersionConflictError
from chassis.errors import TakenError, TooLargeError, UnavailableError
from chassis.mongo.batcher import Batcher
from chassis.mongo.document import Document, Write

MOST_WRITES = 64
"""Of different documents, in one round trip."""
ABREAST = 2
"""Round trips at a time."""
DUPLICATE_KEY = 11000
AWAY = (ConnectionFailure, NetworkTimeout, ExecutionTimeout, WTimeoutError, WaitQueueTimeoutError)
AWAY_CODES = {1, 6, 7, 8, 64, 89, 91, 100, 112, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436}
"""1 and 8 are faults of the server's own that it has no name for; whether it has done what it was asked to it does not say."""
TOO_LARGE_CODES = {10334, 17419}
"""A document over 16 MiB, as the server says it; the driver says DocumentTooLarge."""


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Driver errors in our words: what may be tried again is Unavailable."""
    try:
        yield
    except (*AWAY, BulkWriteError) as error:
        # What is done in bulk may be done again whatever went wrong; saving looks at the errors itself.
        raise UnavailableError(f"database: {type(error).__name__}") from error
    except DocumentTooLarge as error:
        raise TooLargeError(str(error)) from error
    except OperationFailure as error:
        if error.code in AWAY_CODES:
            raise UnavailableError(f"database: {error.code}") from error
        if error.code in TOO_LARGE_CODES:
            raise TooLargeError(str(error)) from error
        raise


class BulkWriter:
    """The next versions of documents, each guarded by the one that was loaded."""

    def __init__(self, documents: AsyncIOMotorCollection[Document]) -> None:
        self._documents = documents
        self._together: Batcher[Write] = Batcher(self._write, most=MOST_WRITES, abreast=ABREAST)
        self._mark = secrets.token_hex(6)
        self._marks = count()

    async def save(self, write: Write) -> None:
        """Raises VersionConflictError, TakenError, TooLargeError, UnavailableError: then it may be in the database or not."""
        await self._together.do(write)

    async def _write(self, writes: Sequence[Write]) -> Sequence[Exception | None]:
        """What became of each: None, or what `save` raises. Raises UnavailableError for all."""
        if len(writes) == 1:
            return [await self._write_one(writes[0])]
        marked = [write.marked(f"{self._mark}{next(self._marks)}") for write in writes]
        try:
            async with translated():
                failed = await self._write_many(marked)
        except (TooLargeError, OperationFailure):
            # Which of them it was is not said. Those that were written meanwhile are conflicts then, and decided again.
            return [await self._write_one(write) for write in writes]
        return [failed.get(number) for number in range(len(writes))]

    async def _write_one(self, write: Write) -> Exception | None:
        try:
            async with translated():
                result = await self._documents.update_one(write.where, write.update, upsert=write.new)
        except DuplicateKeyError as error:
            return await self._duplicate(write.id, error.details or {}, new=write.new)
        except (UnavailableError, TooLargeError, OperationFailure) as error:
            return error
        return None if result.matched_count or result.upserted_id is not None else VersionConflictError(write.id)

    async def _write_many(self, writes: Sequence[Write]) -> Mapping[int, Exception | None]:
        """By number, what went wrong. None: it went well after all."""
        updates = [UpdateOne(write.where, write.update, upsert=write.new) for write in writes]
        try:
            done: Mapping[str, Any] = (await self._documents.bulk_write(updates, ordered=False)).bulk_api_result
        except BulkWriteError as error:
            done = error.details or {}
        if done["writeConcernErrors"]:
            raise UnavailableError("database: the majority has not confirmed a write in time")
        failed: dict[int, Exception | None] = {}
        for fault in done["writeErrors"]:
            write = writes[fault["index"]]
            failed[fault["index"]] = (
                await self._duplicate(write.id, fault, new=write.new)
                if fault["code"] == DUPLICATE_KEY
                # Alone it says what is wrong with it, if it still is.
                else await self._write_one(write)
            )
        if done["nMatched"] + len(done["upserted"]) + len(failed) < len(writes):
            failed = {**await self._missed(writes), **failed}
        return failed

    async def _missed(self, writes: Sequence[Write]) -> dict[int, Exception]:
        """Some found another version. A document says by its mark whose write it has had last."""
        cursor = self._documents.find({"_id": {"$in": [write.id for write in writes]}}, {"v": 1, "mark": 1})
        found = {document["_id"]: document async for document in cursor}
        missed: dict[int, Exception] = {}
        for number, write in enumerate(writes):
            document = found.get(write.id, {})
            if document.get("mark") == write.mark:
                continue
            if document.get("v", 0) <= write.version + 1:
                missed[number] = VersionConflictError(write.id)
            else:
                # Ours may have been the one before the last.
                missed[number] = UnavailableError(f"{write.id}: written by several at once")
        return missed

    async def _duplicate(self, id: str, details: Mapping[str, Any], *, new: bool) -> Exception:
        """Which of the two a duplicate key is: a value that another document holds, or this document, made meanwhile.

        The server names one of the indexes that refuse; where both do, it need not be that of the id.
        """
        pattern = details.get("keyPattern", {})
        names = [path.removeprefix("uk.") for path in pattern if path.startswith("uk.")]
        if names and new:
            async with translated():
                if await self._documents.find_one({"_id": id}, {"_id": 1}):
                    return VersionConflictError(id)
        return TakenError(names[0]) if names else VersionConflictError(str(pattern))
