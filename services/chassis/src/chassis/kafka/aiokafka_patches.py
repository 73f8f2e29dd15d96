r"""The one patch of a library: aiokafka reads records whose header names are not UTF-8.

The protocol asks for UTF-8; librdkafka's producers do not check it. aiokafka decodes names strictly while it unpacks a
fetched batch (``h_key`` in ``aiokafka/record/default_records.py``, 0.14.0). One such record makes every fetch fail, and so
stops all partitions of the consumer for good, while its health looks fine. Here such a batch is unpacked again with
readable names (``\xff``), so the record reaches the consumer like any other, and is applied or parked.

Upstream: no issue of aiokafka is known to us (looked for in November 2026). FastStream has the same fault with header
values, https://github.com/ag2ai/faststream/issues/2458; our parser there does not decode them.
End: when aiokafka hands such records over. ``test_aiokafka_still_needs_the_patch`` fails then; delete this file, its
``install()`` in `chassis.service`, and ADR 12.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords, _MemoryRecordsPy


def install() -> None:
    """From now on every consumer of this process reads such records. May be called again."""
    fetcher.MemoryRecords = LenientRecords


class LenientRecords:
    """Replaces aiokafka's class of fetched batches, and uses it for every batch without a bad name."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._records = MemoryRecords(data)
        self._taken = 0

    def size_in_bytes(self) -> int:
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        return bool(self._records.has_next())

    def next_batch(self) -> "_Batch | None":
        batch = self._records.next_batch()
        self._taken += 1
        return None if batch is None else _Batch(batch, self._data, self._taken - 1)


class _Batch:
    def __init__(self, batch: Any, data: bytes, number: int) -> None:
        self._batch = batch
        self._data = data
        self._number = number

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._batch
        except (UnicodeDecodeError, CorruptRecordException):
            # From its first record: the fetcher passes over those that it has had.
            yield from _leniently(self._data, self._number)


def _leniently(data: bytes, number: int) -> Iterator[Any]:
    """The records of that batch. Raises CorruptRecordException where more than a name is at fault."""
    records = _MemoryRecordsPy(data)
    for _ in range(number):
        records.next_batch()
    batch = _DefaultRecordBatchPy(records._next_slice)  # noqa: SLF001  there is no public way to a batch's bytes
    batch._maybe_uncompress()  # noqa: SLF001
    batch._buffer = _Lenient(batch._buffer)  # noqa: SLF001
    yield from batch


class _Lenient(bytearray):
    """Bytes that always decode. Only header names are ever decoded."""

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return _Lenient(found) if isinstance(key, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)
