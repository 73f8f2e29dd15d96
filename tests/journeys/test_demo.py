"""`make demo` as a user runs it: a process with an exit code, a report, and nothing left behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import eventually

DEMO = [sys.executable, "-m", "kontor_local", "demo"]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    where = tmp_path_factory.mktemp("demo")
    return subprocess.run(DEMO, cwd=where, capture_output=True, text=True, timeout=180, check=False), where


def report_in(where: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((where / ".local/demo/report.json").read_text())
    return document


def test_the_demo_ends_well(played: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    run, where = played
    assert run.returncode == 0, run.stdout[-4000:]
    report = report_in(where)
    assert report["ok"] is True
    assert report["dead_letters"] == 0
    assert len(report["mails"]) >= 8
    assert set(report["steps"][0]) == {"name", "ok", "seconds"}
    assert {"identity.events", "enrollment.events", "relationships.events"} <= set(report["events"])


def test_each_mail_of_the_demo_is_sent_once(played: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """An invitation that is sent again on request has the same subject and another link."""
    _, where = played
    seen = [(mail["to"], mail["subject"], *mail["links"]) for mail in report_in(where)["mails"]]
    assert len(seen) == len(set(seen))


def test_the_demo_leaves_no_process(played: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    _, where = played
    assert processes_in(where) == []


async def test_an_interrupted_demo_leaves_no_process(tmp_path: Path) -> None:
    demo = await asyncio.create_subprocess_exec(
        *DEMO,
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
        # A shell lets what it starts in the background ignore Ctrl-C, and so does all that is started there.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert demo.stdout is not None
    async for line in demo.stdout:
        if b"registry" in line:
            break
    assert len(processes_in(tmp_path)) > 4
    os.killpg(demo.pid, signal.SIGINT)
    await demo.communicate()
    assert demo.returncode == 130

    async def nothing() -> bool:
        return processes_in(tmp_path) == []

    await eventually(nothing)


def processes_in(folder: Path) -> list[str]:
    """Command lines of the processes that work in or on this folder."""
    listed = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    found = []
    for line in listed.splitlines():
        pid, _, command = line.strip().partition(" ")
        try:
            cwd = str(Path(f"/proc/{pid}/cwd").readlink())
        except OSError:
            cwd = ""
        if str(folder) in command or cwd == str(folder):
            found.append(command)
    return found


def lines_of(where: Path) -> list[dict[str, Any]]:
    """Of all services, with nothing but JSON."""
    logs = (where / ".local/demo/logs").glob("*.log")
    texts = [text for log in logs for text in log.read_text().splitlines()]
    return [json.loads(text) for text in texts if text.startswith("{")]


def test_logs_alone_tell_a_story_to_its_mail(played: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """A request at enrollment, applied by three services, and the mail, by one correlation id."""
    _, where = played
    lines = lines_of(where)
    submissions = [
        line["correlation_id"]
        for line in lines
        if line["event"] == "request" and line["service"] == "enrollment" and str(line["route"]).endswith("/submit")
    ]
    assert submissions
    for correlation in submissions:
        story = sorted(
            (line for line in lines if line.get("correlation_id") == correlation), key=lambda one: one["timestamp"]
        )
        applied = {(line["service"], line["message_type"]) for line in story if line["event"] == "record_applied"}
        assert ("identity", "kontor.enrollment.enrollment-submitted.v1") in applied, story
        mails = [line for line in story if line["event"] == "mail_attempted"]
        assert [line["outcome"] for line in mails] == ["sent"], story
        assert story[0]["service"] == "enrollment"


def test_each_applied_record_is_one_line_that_names_its_story(
    played: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    _, where = played
    applied = [line for line in lines_of(where) if line["event"] == "record_applied"]
    assert {line["service"] for line in applied} == {"identity", "enrollment", "relationships", "notifications"}
    assert all(line["correlation_id"] and line["message_id"] and line["message_type"] for line in applied)
    places = [(line["service"], line["topic"], line["partition"], line["offset"]) for line in applied]
    assert len(places) == len(set(places))
