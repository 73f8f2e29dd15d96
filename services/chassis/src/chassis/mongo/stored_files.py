"""Content of files beside the documents, by GridFS: of any size, in chunks of 255 KiB.

With pymongo's own asynchronous client, because motor is past its end of life (ADR 5). It is made at the first use, so a
service without files has none.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from gridfs.asynchronous import AsyncGridFSBucket
from gridfs.errors import FileExists, NoFile
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError

from chassis.errors import UnavailableError
from chassis.mongo.bulk_writer import translated
from chassis.mongo.connection import client_options

BUCKET = "files"
CHUNK = 255 * 1024


class StoredFiles:
    """Files of one service by id. A file is written once; every method may raise UnavailableError."""

    def __init__(self, url: str, database: str, *, timeout: float) -> None:
        self._url = url
        self._database = database
        self._timeout = timeout
        self._client: AsyncMongoClient[dict[str, Any]] | None = None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def put(self, id: str, content: bytes) -> None:
        """Store the content, completely or not at all. A file that is there already stays as it is."""
        bucket = self._bucket()
        async with translated():
            with suppress(NoFile):
                await bucket.open_download_stream(id)
                return
            # Chunks that a broken-off try has left.
            with suppress(NoFile):
                await bucket.delete(id)
            try:
                await bucket.upload_from_stream_with_id(id, "", content, chunk_size_bytes=CHUNK)
            except (FileExists, DuplicateKeyError) as error:
                raise UnavailableError("the same file is being stored by another request") from error

    async def open(self, id: str) -> AsyncIterator[bytes] | None:
        """The content in chunks; None: there is no such file."""
        async with translated():
            try:
                stream = await self._bucket().open_download_stream(id)
            except NoFile:
                return None
        return _chunks(stream)

    async def delete(self, id: str) -> None:
        """What is not there is no fault."""
        async with translated():
            with suppress(NoFile):
                await self._bucket().delete(id)

    def _bucket(self) -> AsyncGridFSBucket:
        if self._client is None:
            self._client = AsyncMongoClient(self._url, **client_options(self._timeout))
        return AsyncGridFSBucket(self._client[self._database], BUCKET)


async def _chunks(stream: Any) -> AsyncIterator[bytes]:
    async with translated():
        while chunk := await stream.readchunk():
            yield chunk
