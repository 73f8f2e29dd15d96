"""Write the state diagram of enrollments into the README, from the transitions of the domain.

``python services/enrollment/tools/state_diagram.py`` writes; ``--check`` writes nothing, and ends with 1 if the README is out
of date.
"""

import sys
from itertools import groupby
from pathlib import Path

from enrollment.domain.enrollment.state import CLOSED
from enrollment.domain.enrollment.transitions import TRANSITIONS, UNDECIDED, Transition

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- states:begin -->", "<!-- states:end -->"
COLUMNS = "| from | to | how | who |\n|---|---|---|---|"


def diagram() -> str:
    """Arrows of single states, and a table of all changes. Arrows that all undecided states have are one."""
    lines = ["stateDiagram-v2", f"  state undecided {{\n    [*] --> {_id('draft')}"]
    everywhere = [each for each in TRANSITIONS if _is_everywhere(each)]
    inner = [each for each in TRANSITIONS if each not in everywhere and each.source and _within(each)]
    lines += [f"    {arrow}" for arrow in _arrows(inner)] + ["  }"]
    lines += [f"  {arrow}" for arrow in _arrows([each for each in TRANSITIONS if _crosses(each)])]
    lines += [f"  undecided --> {_id(target)}: {words}" for target, words in _grouped(everywhere)]
    lines += [f"  {_id(status)} --> [*]" for status in CLOSED]
    return "\n".join(lines)


def table() -> str:
    rows = [
        f"| {each.source or '–'} | {each.target} | {each.words} | {who} |"  # noqa: RUF001  a typographic dash
        for each, who in _with_everybody()
    ]
    return "\n".join([COLUMNS, *rows])


def _with_everybody() -> list[tuple[Transition, str]]:
    """Each change once, with all who can cause it."""
    found: dict[tuple[str | None, str, str], tuple[Transition, list[str]]] = {}
    for each in TRANSITIONS:
        key = (each.source, each.target, each.words)
        found.setdefault(key, (each, []))[1].append(each.by)
    return [(each, ", ".join(by)) for each, by in found.values()]


def _is_everywhere(transition: Transition) -> bool:
    alike = {each.source for each in TRANSITIONS if _key(each) == _key(transition)}
    return alike == set(UNDECIDED)


def _key(transition: Transition) -> tuple[str, str, str]:
    return transition.command, transition.target, transition.by


def _within(transition: Transition) -> bool:
    return transition.source in UNDECIDED and transition.target in UNDECIDED


def _crosses(transition: Transition) -> bool:
    return transition.source is not None and not _within(transition) and not _is_everywhere(transition)


def _arrows(transitions: list[Transition]) -> list[str]:
    """One arrow where several may cause the same."""
    found = dict.fromkeys((_id(each.source or ""), _id(each.target), each.words) for each in transitions)
    return [f"{source} --> {target}: {words}" for source, target, words in found]


def _grouped(transitions: list[Transition]) -> list[tuple[str, str]]:
    ordered = sorted(dict.fromkeys((each.target, each.words) for each in transitions))
    return [(target, ", ".join(words for _, words in group)) for target, group in groupby(ordered, key=lambda e: e[0])]


def _id(status: str) -> str:
    """Mermaid takes no hyphens in the names of states."""
    return status.replace("-", "_")


def written(readme: str) -> str:
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n```mermaid\n{diagram()}\n```\n\n{table()}\n{END}{tail}"


def main(arguments: list[str]) -> int:
    now = README.read_text(encoding="utf-8")
    new = written(now)
    if now == new:
        print("enrollment: the state diagram is up to date")
        return 0
    if "--check" in arguments:
        print("services/enrollment/README.md: the state diagram is out of date, run make generate")
        return 1
    README.write_text(new, encoding="utf-8", newline="\n")
    print("wrote the state diagram in services/enrollment/README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
