"""How a collection's indexes differ from those that this release needs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Index = Mapping[str, Any]
"""``name``, ``key`` (pairs of path and order), ``unique``, ``sparse``."""


@dataclass(frozen=True, slots=True)
class Drift:
    """``unused``: this release asks for no such index. ``index`` is the one to be made, or the one that is there."""

    name: str
    state: Literal["missing", "differs", "unused"]
    index: Index
    remedy: str

    @property
    def text(self) -> str:
        return f"{self.name}: {self.state} ({_told(self.index)}) -> {self.remedy}"


def drift(wanted: Iterable[Index], found: Iterable[Index]) -> list[Drift]:
    """Missing ones first, as they are what slows a service down."""
    there = {one["name"]: one for one in found}
    asked = {one["name"]: one for one in wanted}
    missing = [Drift(name, "missing", one, "apply makes it") for name, one in asked.items() if name not in there]
    differs = [
        Drift(name, "differs", there[name], f"apply --drop {name} makes it again")
        for name, one in asked.items()
        if name in there and _same(one) != _same(there[name])
    ]
    unused = [
        Drift(name, "unused", one, f"apply --drop {name}, once no older release runs")
        for name, one in there.items()
        if name not in asked
    ]
    return [*missing, *differs, *unused]


def _same(index: Index) -> tuple[object, ...]:
    # Some databases say 1.0 where 1 was asked for.
    return [(path, int(order)) for path, order in index["key"]], index["unique"], index["sparse"]


def _told(index: Index) -> str:
    marks = [name for name in ("unique", "sparse") if index[name]]
    return ", ".join([" ".join(str(path) for path, _ in index["key"]), *marks])
