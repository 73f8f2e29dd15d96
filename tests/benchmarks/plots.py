"""Curves as SVG: throughput over the number of callers, latency over the share of requests, whatever a row has brought."""

from pathlib import Path
from typing import Any

from benchmarks.measure import Row


def drawn(rows: list[Row], directory: Path) -> list[Path]:
    """The files written. None where the plotting library is not installed (`make bench` installs it)."""
    try:
        import matplotlib as mpl  # noqa: PLC0415  not in the ordinary set-up
    except ImportError:
        return []
    mpl.use("svg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    paths = []
    for row in rows:
        for name, sides in row.curves.items():
            path = directory / f"{row.name}-{name}.svg".replace(" ", "-").replace(",", "")
            figure, axes = plt.subplots(figsize=(6, 4))
            for side, points in sides.items():
                axes.plot(*_coordinates(points), marker="o" if len(points) < MANY else None, label=side)
            axes.set_xlabel(LABELS.get(name, name))
            axes.set_ylabel(row.unit)
            if name in LOGARITHMIC:
                axes.set_xscale("log")
            axes.set_title(row.name)
            axes.set_ylim(bottom=0)
            axes.grid(visible=True, alpha=0.3)
            axes.legend()
            figure.savefig(path)
            plt.close(figure)
            paths.append(path)
    return paths


MANY = 20
LOGARITHMIC = {"documents"}
LABELS = {
    "concurrency": "callers at once",
    "latency": "percentile",
    "instances": "instances",
    "partitions": "partitions",
    "documents": "documents",
    "memory": "minutes",
}


def _coordinates(points: list[Any]) -> tuple[list[float], list[float]]:
    """Pairs as they are; plain numbers, which are sorted, by their percentile."""
    if points and isinstance(points[0], tuple | list):
        return [x for x, _ in points], [y for _, y in points]
    return [100 * (place + 1) / len(points) for place in range(len(points))], list(points)
