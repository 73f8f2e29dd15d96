"""The patch of aiokafka: records whose header names are not UTF-8 are read."""

import pytest
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from chassis.kafka.aiokafka_patches import LenientRecords

GOOD = "name"


def batch() -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=10_000,
    )
    for offset in range(3):
        builder.append(offset, timestamp=0, key=b"k", value=b"v", headers=[(GOOD, b"value")])
    return bytes(builder.build())


def damaged() -> bytes:
    """The same with a name of the second record that is not UTF-8. The checksum is the fetcher's business."""
    first, second, third, end = batch().split(b"name")
    return first + b"name" + second + b"\xffame" + third + b"name" + end


def names(records: MemoryRecords | LenientRecords) -> list[str]:
    """In order of the offsets. A damaged batch begins again, and the fetcher passes over the offsets that it has had."""
    found: dict[int, str] = {}
    while records.has_next():
        for record in records.next_batch() or ():
            found[record.offset] = record.headers[0][0]
    return [found[offset] for offset in sorted(found)]


def test_a_header_name_that_is_not_utf_8_is_read() -> None:
    assert names(LenientRecords(damaged())) == [GOOD, r"\xffame", GOOD]


def test_good_batches_are_read_as_before() -> None:
    assert names(LenientRecords(batch())) == names(MemoryRecords(batch())) == [GOOD] * 3


def test_aiokafka_still_needs_the_patch() -> None:
    with pytest.raises((UnicodeDecodeError, CorruptRecordException)):
        names(MemoryRecords(damaged()))
