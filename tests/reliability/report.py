"""Results as tables for people."""

from collections import Counter

from reliability.rig import Result
from rich.console import Console
from rich.table import Table


def show(results: list[Result]) -> None:
    """Faults and invariants of these runs together, and the shortest stories of what broke."""
    console = Console(width=120, highlight=False)
    faults: Counter[str] = sum((result.faults for result in results), Counter())
    table = Table("fault", "times", title="what was done", title_justify="left")
    for kind, times in sorted(faults.items()):
        table.add_row(kind, str(times))
    console.print(table)
    table = Table("", "promise", "looked at", "held", "", title="what was promised", title_justify="left")
    for verdicts in zip(*(result.verdicts for result in results), strict=True):
        first, checked = verdicts[0], sum(verdict.checked for verdict in verdicts)
        notes = ", ".join(dict.fromkeys(verdict.note for verdict in verdicts if verdict.note))
        held = "not judged" if not checked else "yes" if all(verdict.held for verdict in verdicts) else "BROKEN"
        table.add_row(first.invariant, first.text, str(checked), held, notes)
    console.print(table)
    for result in results:
        _summary(console, result)


def _summary(console: Console, result: Result) -> None:
    quiet = "never quiet" if result.quiet is None else f"quiet after {result.quiet:.1f} s"
    console.print(
        f"seed {result.plan.seed}: {result.commands.total()} commands acknowledged ({result.tries} requests), "
        f"{result.records} records, {result.mails} mails, {quiet}; {result.seconds:.0f} s on {result.backend}"
    )
    for verdict in result.verdicts:
        for story in verdict.stories:
            console.print(f"  {verdict.invariant}: {story}", markup=False)
    for surprise in result.surprises[:5]:
        console.print(f"  surprise: {surprise}", markup=False)
