"""Documents in memory for reads, invalidated by the topic. A face of the chassis for services."""

from chassis.read_cache.cache import Part, ReadCache

__all__ = [
    "Part",
    "ReadCache",
]
