"""docs/operating/metrics.md: every metric of the registry."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import topic_table
import yaml

FILE = Path(__file__).resolve().parents[1] / "observability" / "metrics.yaml"
HEAD = """\
# Metrics

Each service exposes these at `/metrics` on its management port. The scrape adds `service` and `instance`. Buckets of ages reach
to a day. Series of dead letters, retries and gaps start at 0, one for each topic that a service reads.

Written by `make generate` from [deploy/observability/metrics.yaml](../../deploy/observability/metrics.yaml).

"""


@dataclass(frozen=True, slots=True)
class Metric:
    """``name`` as Prometheus stores it; of a histogram without its suffixes."""

    name: str
    type: Literal["counter", "gauge", "histogram"]
    unit: str
    labels: Mapping[str, str]
    meaning: str

    @property
    def series(self) -> tuple[str, ...]:
        """Names that a query may use."""
        if self.type == "histogram":
            return tuple(f"{self.name}_{part}" for part in ("bucket", "sum", "count"))
        return (self.name,)


def registry() -> Mapping[str, Metric]:
    """By name, in the order of the file."""
    return {one["name"]: Metric(**one) for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))}


def page() -> str:
    rows = [
        (
            f"`{one.name}`",
            one.type,
            one.unit,
            "; ".join(f"`{name}`: {text}" for name, text in one.labels.items()),
            one.meaning,
        )
        for one in registry().values()
    ]
    return HEAD + topic_table.table(("metric", "type", "unit", "labels", "meaning"), rows) + "\n"
