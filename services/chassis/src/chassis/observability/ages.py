"""A histogram that is cheap to add to: many values at once, each by one look for its bucket."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector


class Ages(Collector):
    """Seconds by one label, in ``buckets`` (upper bounds, ascending). To be used from one thread."""

    def __init__(
        self, name: str, meaning: str, label: str, buckets: Sequence[float], registry: CollectorRegistry
    ) -> None:
        self._name = name
        self._meaning = meaning
        self._label = label
        self._bounds = tuple(buckets)
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}
        registry.register(self)

    def observe(self, label: str, seconds: Iterable[float]) -> None:
        """A negative value, of a clock that is behind, counts as 0."""
        counts = self._counts.get(label)
        if counts is None:
            counts = self._counts[label] = [0] * (len(self._bounds) + 1)
        total = 0.0
        for value in seconds:
            counts[bisect_left(self._bounds, value)] += 1
            if value > 0:
                total += value
        self._sums[label] = self._sums.get(label, 0.0) + total

    def describe(self) -> Iterator[HistogramMetricFamily]:
        yield HistogramMetricFamily(self._name, self._meaning, labels=[self._label])

    def collect(self) -> Iterator[HistogramMetricFamily]:
        family = HistogramMetricFamily(self._name, self._meaning, labels=[self._label])
        bounds = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        for label, counts in self._counts.items():
            family.add_metric([label], list(zip(bounds, accumulate(counts), strict=True)), self._sums[label])
        yield family
