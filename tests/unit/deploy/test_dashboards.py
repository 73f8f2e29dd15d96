"""Every query of the dashboards is PromQL, over metrics that the services have."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from dashboards import queries
from harness.chart import CHART
from metrics_page import registry
from unit.deploy.test_alerts import NAMES, promtool

from kontor_contracts.topics import TOPICS

FOLDER = CHART / "files" / "dashboards"
BOARDS = sorted(path.name for path in FOLDER.glob("*.json"))


def board(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_text())
    return found


def expressions(name: str) -> list[str]:
    return [target["expr"] for panel in board(name)["panels"] for target in panel["targets"]]


def filled(query: str) -> str:
    """As Grafana fills it in."""
    for variable, value in (("$__rate_interval", "5m"), ("$__range", "6h"), ("$service", ".*"), ("$topic", ".*")):
        query = query.replace(variable, value)
    assert "$" not in query
    return query


def test_there_are_three_dashboards() -> None:
    assert BOARDS == ["kontor-business.json", "kontor-service.json", "kontor-topics.json"]
    assert sorted(query for name in BOARDS for query in expressions(name)) == sorted(queries())


@pytest.mark.parametrize("name", BOARDS)
def test_a_dashboard_uses_metrics_and_labels_that_there_are(name: str) -> None:
    known = {series: one for one in registry().values() for series in one.series}
    for query in expressions(name):
        used = NAMES.findall(re.sub(r'"[^"]*"', "", query))
        assert used, query
        assert set(used) <= known.keys(), query
        labels = {label for series in used for label in known[series].labels} | {"service", "instance", "le"}
        named = re.findall(r"by \(([^)]*)\)", query) + re.findall(r"(\w+)=~?\"", query)
        assert {label.strip() for part in named for label in part.split(",")} <= labels, query


@pytest.mark.parametrize("name", BOARDS)
def test_legends_name_labels_that_the_query_keeps(name: str) -> None:
    for panel in board(name)["panels"]:
        for target in panel["targets"]:
            kept = re.search(r"by \(([^)]*)\)", target["expr"])
            labels = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            if kept is not None:
                assert labels <= {label.strip() for label in kept[1].split(",")}, panel["title"]


def test_every_query_is_promql(tmp_path: Path) -> None:
    rules = [{"record": f"query:{number}", "expr": filled(query)} for number, query in enumerate(queries())]
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    done = promtool("check", "rules", str(file))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_business_dashboard_counts_messages_that_there_are() -> None:
    known = {type_ for topic in TOPICS for type_ in topic.types}
    named = re.findall(r'type=~"([^"]*)"', " ".join(expressions("kontor-business.json")))
    types = {type_.replace("\\\\.", ".") for part in named for type_ in part.split("|")}
    assert len(types) >= 6
    assert types <= known


@pytest.mark.parametrize("name", BOARDS)
def test_a_dashboard_stands_on_its_own(name: str) -> None:
    found = board(name)
    assert found["uid"] == name.removesuffix(".json")
    assert len({panel["id"] for panel in found["panels"]}) == len(found["panels"])
    for panel in found["panels"]:
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["fieldConfig"]["defaults"]["unit"]
