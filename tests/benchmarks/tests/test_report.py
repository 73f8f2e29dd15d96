"""What a run of the benchmarks says, and which rows it takes."""

import json
from pathlib import Path

import pytest
from benchmarks.__main__ import ROWS, chosen
from benchmarks.measure import Goal, Row, in_turn
from benchmarks.report import printed, written

MISSED = Row(name="slow", unit="1/s", kontor={"value": 5.0}, floor={"value": 10.0}, goal=Goal(ratio=0.8))
MET = Row(name="small", unit="MB", kontor={"value": 100.0}, goal=Goal(ratio=110.0, better="less"))
EXPLAINS = Row(
    name="stages", unit="µs", kontor={"value": 8.0}, breakdown={"decide": 3.0, "save": 5.0, "load": 0.0, "in all": 8.0}
)


def test_a_goal_is_met_or_missed_and_what_only_explains_is_neither() -> None:
    assert [row.met for row in (MISSED, MET, EXPLAINS)] == [False, True, True]
    assert "goal ≥ 0.8  MISSED" in printed(MISSED)
    assert "goal ≤ 110  met" in printed(MET)
    assert "no goal" in printed(EXPLAINS)


def test_a_breakdown_is_printed_with_shares_of_the_whole() -> None:
    _, *lines = printed(EXPLAINS).splitlines()
    assert [line.split() for line in lines] == [
        ["decide", "3.0", "37.5%"],
        ["save", "5.0", "62.5%"],
        ["in", "all", "8.0", "100.0%"],
    ]


def test_the_report_is_for_machines(tmp_path: Path) -> None:
    report = json.loads(written([MISSED, MET, EXPLAINS], "these servers", tmp_path / "new").read_text())
    assert report["servers"] == "these servers"
    found = [tuple(row[key] for key in ("name", "kontor", "floor", "ratio", "goal", "unit")) for row in report["rows"]]
    assert found == [
        ("slow", 5.0, 10.0, 0.5, 0.8, "1/s"),
        ("small", 100.0, None, 100.0, 110.0, "MB"),
        ("stages", 8.0, None, 8.0, None, "µs"),
    ]
    assert report["rows"][2]["breakdown"]["save"] == 5.0


def test_scale_stands_for_its_rows_and_is_in_no_default() -> None:
    assert list(chosen("relay,scale", 1.0)) == [
        "relay",
        "scale-instances",
        "scale-partitions",
        "scale-documents",
        "scale-lists",
        "scale-memory",
    ]
    assert not [name for name in ROWS if name.startswith("scale")]


def test_unknown_rows_are_named() -> None:
    with pytest.raises(ValueError, match="unknown rows: tables; known: mail, commands"):
        chosen("commands,tables", 1.0)


async def test_every_other_round_goes_backwards() -> None:
    order: list[str] = []

    async def first() -> dict[str, float]:
        order.append("first")
        return {"value": float(len(order))}

    async def second() -> dict[str, float]:
        order.append("second")
        return {"value": float(len(order))}

    assert await in_turn([first, second], 2) == [{"value": 2.5}, {"value": 2.5}]
    assert order == ["first", "second", "second", "first"]
