"""What a run found: a line on the screen for each row, and a file for machines."""

import json
from pathlib import Path
from typing import Any

from benchmarks.measure import Breakdown, Row


def printed(row: Row) -> str:
    """One line, and below it the figures that explain it."""
    floor = f"floor {row.floor['value']:,.1f}" if row.floor else "no floor"
    line = (
        f"{row.name:<32} {row.kontor['value']:>12,.1f} {row.unit:<4} {floor:<20} ratio {row.ratio:6.2f}  {_judged(row)}"
    )
    sides = [("kontor", row.kontor)] + ([("floor", row.floor)] if row.floor else [])
    details = [
        f"{'':<4}{side}: " + ", ".join(f"{name} {value:,.1f}" for name, value in figures.items() if name != "value")
        for side, figures in sides
        if len(figures) > 1
    ]
    return "\n".join([line, *details, *_table(row.breakdown), *([f"{'':<4}{row.note}"] if row.note else [])])


def _judged(row: Row) -> str:
    if row.goal is None:
        return "no goal"
    sign = "≥" if row.goal.better == "more" else "≤"
    return f"goal {sign} {row.goal.ratio:g}  {'met' if row.met else 'MISSED'}"


def _table(breakdown: Breakdown) -> list[str]:
    """Each part and its share of the whole, which is the last."""
    whole = next(reversed(breakdown.values()), 0.0)
    return [f"{'':<4}{name:<28} {value:>10,.1f} {value / whole:>7.1%}" for name, value in breakdown.items() if value]


def written(rows: list[Row], servers: str, directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    report: dict[str, Any] = {"servers": servers, "rows": [_plain(row) for row in rows]}
    path = directory / "report.json"
    path.write_text(json.dumps(report, indent=2) + "\n")
    return path


def _plain(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "kontor": row.kontor["value"],
        "floor": row.floor["value"] if row.floor else None,
        "ratio": row.ratio,
        "goal": row.goal.ratio if row.goal else None,
        "better": row.goal.better if row.goal else None,
        "unit": row.unit,
        "met": row.met,
        "details": {"kontor": row.kontor, "floor": row.floor},
        "breakdown": row.breakdown,
        "note": row.note,
        "curves": row.curves,
    }
