r"""Records whose header names are no UTF-8. The protocol says they are; librdkafka's producers need not care.

aiokafka decodes names strictly while it unpacks what it fetched. One such record made every fetch fail, and with it all
partitions of the consumer, for ever, while health checks went on to say that all is well. Here the batch with such a
record is unpacked once more with names made readable (``\xff``), so that the record reaches the consumer like any other
and is applied or parked.
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
    """In place of aiokafka's class of fetched batches, which it asks for all but a batch with a bad name."""

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
