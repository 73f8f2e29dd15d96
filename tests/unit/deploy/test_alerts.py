"""Every alert fires when it should, is quiet when it should, and has a runbook. Prometheus' own promtool judges."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness.chart import CHART, ROOT
from metrics_page import registry
from unit.deploy.alert_cases import CASES, Case, Series

RULES = CHART / "files" / "alerts.yaml"
RUNBOOKS = ROOT / "docs" / "operating" / "runbooks"
NAMES = re.compile(r"\b(?:(?:kontor|process|python)[\w:]*|up)\b")
SCRAPED = {"up"}
"""Series that Prometheus itself makes."""


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("NOT RUN: promtool is not here; Debian's package prometheus brings it")
    return subprocess.run([program, *arguments], check=False, capture_output=True, text=True)


def course(case: Case, series: Series, count: int | None) -> dict[str, Any]:
    firing = f'count(ALERTS{{alertname="{case.alert}",alertstate="firing"}})'
    expected = [] if count is None else [{"labels": "{}", "value": count}]
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": firing, "eval_time": f"{case.minutes - 1}m", "exp_samples": expected}],
    }


def test_the_rules_are_rules() -> None:
    done = promtool("check", "rules", str(RULES))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("case", CASES, ids=[case.alert for case in CASES])
def test_an_alert_fires_when_it_should_and_else_is_quiet(case: Case, tmp_path: Path) -> None:
    tests = [course(case, case.fires, 1), course(case, case.quiet, None)]
    file = tmp_path / "test.yaml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}))
    done = promtool("test", "rules", str(file))
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_a_case() -> None:
    assert ALERTS.keys() == {case.alert for case in CASES}


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_it_is_and_where_to_read_on(name: str) -> None:
    rule = ALERTS[name]
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert {"summary", "description", "runbook_url"} == rule["annotations"].keys()
    assert rule["annotations"]["runbook_url"] == f"RUNBOOKS/{name}.md"
    text = (RUNBOOKS / f"{name}.md").read_text()
    for heading in ("## Meaning", "## Look at", "## Do"):
        assert heading in text


def test_every_runbook_is_that_of_an_alert() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"} == ALERTS.keys()


def test_alerts_use_metrics_that_there_are() -> None:
    known = {name for one in registry().values() for name in one.series} | SCRAPED
    known |= {rule["record"] for rule in rules() if "record" in rule}
    used = {name for rule in rules() for name in NAMES.findall(re.sub(r'"[^"]*"', "", rule["expr"]))}
    assert used - known == set()


def test_runbooks_name_log_events_and_metrics_that_there_are() -> None:
    source = "".join(path.read_text() for path in (ROOT / "services").glob("*/src/**/*.py"))
    metrics = {name for one in registry().values() for name in (one.name, *one.series)}
    text = "".join(path.read_text() for path in RUNBOOKS.glob("*.md"))
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text)) - metrics
    assert len(named) > 10
    assert {name for name in named if f'"{name}"' not in source} == set()
