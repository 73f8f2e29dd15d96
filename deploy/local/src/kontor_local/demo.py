"""`make demo`: the whole journey on real servers, shown step by step; the exit code tells whether it was all so."""

import asyncio
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from kontor_local.journey.client import until
from kontor_local.journey.play import play, stage
from kontor_local.journey.report import Report, StepResult, count_records
from kontor_local.journey.steps import STEPS
from kontor_local.kafka_program import KafkaUnavailableError
from kontor_local.mails import Mail
from kontor_local.processes import ProcessError
from kontor_local.shutdown import BusyError
from kontor_local.stack import Stack

ROOT = Path(".local/demo")
REPORT = ROOT / "report.json"

console = Console(soft_wrap=True, highlight=False)


def run(*, keep: bool = False) -> int:
    """Play, show, write the report; 0 when every step was so, 130 when interrupted."""
    try:
        return asyncio.run(_run(keep=keep))
    except KeyboardInterrupt:
        console.print("\nStopped; nothing is left running.")
        return 130
    except (ProcessError, BusyError, KafkaUnavailableError) as failure:
        console.print(str(failure), style="red", markup=False)
        return 1


async def _run(*, keep: bool) -> int:
    REPORT.unlink(missing_ok=True)
    report = Report()
    started = time.monotonic()
    console.print("Starting broker, database, mail catcher and four services …")
    async with Stack(ROOT, one_host=True) as stack:
        ready = StepResult("servers and services are up", ok=True, seconds=round(time.monotonic() - started, 2))
        report.steps.append(ready)
        _show(ready)
        async with stage(stack) as on:
            await play(on, STEPS, report, after=_show)
        await _collect(stack, report)
        report.write(REPORT)
        _summary(stack, report, time.monotonic() - started)
        if keep:
            console.print("It keeps running; Ctrl-C stops it.")
            await stack.watch()
    return 0 if report.ok else 1


async def _collect(stack: Stack, report: Report) -> None:
    """Mails follow events by moments: wait until every queued mail was sent, then count."""

    async def mails_due() -> int:
        counts = await count_records(stack.kafka, stack.topic(""))
        report.events = {topic: count for topic, count in counts.items() if topic.endswith((".events", ".commands"))}
        report.dead_letters = sum(count for topic, count in counts.items() if topic.endswith(".dlq"))
        # Each mail has two events, queued and sent (or abandoned).
        return counts["notifications.events"] - 2 * len(stack.mailbox.mails())

    if report.ok:
        await until(mails_due, lambda due: due == 0, "an empty mail queue")
    else:
        await mails_due()
    report.mails = [
        {"to": ", ".join(mail.to), "subject": mail.subject, "links": mail.links} for mail in stack.mailbox.mails()
    ]


def _show(step: StepResult) -> None:
    mark, style = ("✓", "green") if step.ok else ("✗", "red")
    console.print(f"[{style}]{mark}[/] {step.name} [dim]{step.seconds:.1f} s[/]")
    if step.seen:
        console.print(f"    {step.seen}", style="dim" if step.ok else "red", markup=False)


def _summary(stack: Stack, report: Report, seconds: float) -> None:
    mails = Table("to", "subject", "link", title="Mails", title_justify="left", box=None)
    for mail in stack.mailbox.mails():
        mails.add_row(", ".join(mail.to), mail.subject, _shown_link(mail))
    events = Table("topic", "records", title="Events", title_justify="left", box=None)
    for topic, count in report.events.items():
        events.add_row(topic, str(count))
    console.print()
    console.print(mails)
    console.print()
    console.print(events)
    console.print(f"dead letters            {report.dead_letters}")
    console.print(f"\nServed by {stack.backend}.")
    console.print(f"Report: {REPORT}   mails, logs and data: {ROOT}")
    console.print("Go on playing with `make up`: everything at http://localhost:8000, mails at :8025")
    verdict = "The program runs" if report.ok else "A step failed"
    console.print(
        f"\n[bold]{verdict}[/]: {len(report.steps)} steps, {len(report.mails)} mails, {seconds:.0f} s in all."
    )


def _shown_link(mail: Mail) -> str:
    link = mail.links[0] if mail.links else ""
    return link.split("?")[0] + ("?…" if "?" in link else "")
