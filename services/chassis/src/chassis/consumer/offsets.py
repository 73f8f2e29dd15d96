"""Partitions and offsets of a batch: which to hold, to go on with, to read again."""

from collections.abc import Collection, Iterable, Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition


def partition_of(record: ConsumerRecord) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)


def hold(consumer: AIOKafkaConsumer, partitions: Collection[TopicPartition]) -> None:
    if ours := consumer.assignment() & set(partitions):
        consumer.pause(*ours)


def resume(consumer: AIOKafkaConsumer, partitions: Collection[TopicPartition]) -> None:
    if ours := consumer.assignment() & set(partitions):
        consumer.resume(*ours)


def rewind(consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, int]) -> None:
    for partition, offset in offsets.items():
        if partition in consumer.assignment():
            consumer.seek(partition, offset)


def first_offsets(records: Iterable[ConsumerRecord]) -> dict[TopicPartition, int]:
    first: dict[TopicPartition, int] = {}
    for record in records:
        partition = partition_of(record)
        first[partition] = min(first.get(partition, record.offset), record.offset)
    return first
