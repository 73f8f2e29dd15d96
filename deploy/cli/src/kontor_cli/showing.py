"""The two forms of what a command says: tables for people, JSON for programs. The JSON's fields are only ever added to."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from kontor_cli.letters import Box, Letter, Pile
from kontor_cli.privacy import readable_headers, readable_key, readable_value
from kontor_cli.replaying import Result
from kontor_contracts.deadletters import number

console = Console(soft_wrap=True, highlight=False)
WIDEST = len("service version")


def print_json(document: Any) -> None:
    # Not rich's: it would wrap and colour.
    console.file.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        console.file.write(f"{line}\n")


class Progress:
    """Says on standard error how far long work has come: at most once a second, and only to a person."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._at = time.monotonic()

    def reached(self, count: int, of: int | None = None) -> None:
        now = time.monotonic()
        if sys.stderr.isatty() and now - self._at >= 1:
            self._at = now
            sys.stderr.write(f"{count}{'' if of is None else f' of {of}'} {self._what} ...\n")


def pile_document(pile: Pile) -> dict[str, Any]:
    head = pile.head
    return {
        "group": pile.group,
        "fingerprint": head.fingerprint,
        "topic": head.place.topic,
        "stage": head.stage,
        "error_class": head.notes.get("dlq-error-class"),
        "error_message": head.notes.get("dlq-error-message"),
        "count": len(pile.letters),
        "waiting": len(pile.waiting),
        "settled": pile.settled,
        "first_seen": _time(min(letter.since for letter in pile.all)),
        "last_seen": _time(max(letter.entry.at for letter in pile.all)),
        "example": head.id,
    }


def letter_document(letter: Letter, box: Box, *, prefix: str, reveal: bool) -> dict[str, Any]:
    resolution = None if box.is_open(letter) else box.resolutions[letter.place]
    return {
        "group": letter.group,
        "id": letter.id,
        "topic": letter.place.topic,
        "partition": letter.place.partition,
        "offset": letter.place.offset,
        "state": "open" if resolution is None else resolution.outcome,
        "fingerprint": letter.fingerprint,
        "stage": letter.stage,
        "error_class": letter.notes.get("dlq-error-class"),
        "error_message": letter.notes.get("dlq-error-message"),
        "attempts": _number(letter.notes.get("dlq-attempts")),
        "replays": _number(letter.notes.get("dlq-replay-count")),
        "service_version": letter.notes.get("dlq-service-version"),
        "lane": letter.blocked_key,
        "first_seen": _time(letter.since),
        "last_seen": _time(letter.entry.at),
        "settled_at": None if resolution is None else _time(resolution.entry.at),
        "reason": None if resolution is None else resolution.notes.get("dlq-reason"),
        "operator": None if resolution is None else resolution.notes.get("dlq-operator"),
        "key": readable_key(letter, reveal=reveal),
        "headers": [list(pair) for pair in readable_headers(letter, reveal=reveal)],
        "value": readable_value(letter, prefix=prefix, reveal=reveal),
        "revealed": reveal,
    }


def result_document(result: Result) -> dict[str, Any]:
    return {
        "group": result.letter.group,
        "id": result.letter.id,
        "outcome": result.outcome,
        "detail": result.detail,
    }


def print_piles(piles: Sequence[Pile], *, where: Sequence[Box] = ()) -> None:
    """A block each, not a row: a row would cut off the ids that the next command needs, on any terminal but a wide one.

    ``where``: the groups that were looked at, where these are not all.
    """
    if not piles:
        among = f" of {', '.join(box.group for box in where)}" if where else ""
        console.print(f"no open dead letters{among}")
    for pile in piles:
        found = pile_document(pile)
        letters = f"{found['count']} failed, {found['waiting']} waiting behind"
        settled = f", {found['settled']} settled" if found["settled"] else ""
        _print_block(
            f"{pile.group}  {found['fingerprint']}",
            [
                ("letters", letters + settled),
                ("topic", found["topic"]),
                ("stage", found["stage"]),
                ("error", f"{found['error_class']}: {found['error_message']}"),
                ("first seen", found["first_seen"]),
                ("last seen", found["last_seen"]),
                ("example", found["example"]),
            ],
        )


def print_document(title: str, lines: Iterable[tuple[str, object]]) -> None:
    """One thing: a title, and a line for each fact."""
    _print_block(title, lines)


def print_letters(documents: Iterable[dict[str, Any]]) -> None:
    for document in documents:
        lines: list[tuple[str, object]] = []
        for name, value in document.items():
            if name == "headers":
                lines += [("header", f"{header}: {text}") for header, text in value]
            elif value is not None and name not in ("id", "state", "revealed"):
                lines.append((name.replace("_", " "), value))
        _print_block(f"{document['id']} ({document['state']})", lines)


def _print_block(title: str, lines: Iterable[tuple[str, object]]) -> None:
    console.print(_safe(title), style="bold")
    for name, value in lines:
        console.print(_safe(f"  {name:{WIDEST}}  {value}"))
    console.print()


def print_results(results: Sequence[Result]) -> None:
    for result in results:
        console.print(
            _safe(f"{result.outcome:10}  {result.letter.group}  {result.letter.id}  {result.detail}".rstrip())
        )
    counts = Counter(result.outcome for result in results)
    console.print(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "nothing to do")


def print_plan(queues: Sequence[Sequence[Letter]]) -> None:
    for queue in queues:
        for letter in queue:
            console.print(
                _safe(f"would send  {letter.group}  {letter.id}  {'(waiting)' if letter.waits else ''}".rstrip())
            )
    console.print(f"{sum(map(len, queues))} letters of {len(queues)} keys; nothing was sent")


def _safe(text: str) -> Text:
    """Neither rich's markup nor a terminal's control characters: what is shown may come from anybody."""
    return Text("".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text))


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _number(text: str | None) -> int:
    return (number(text) if text else None) or 0
