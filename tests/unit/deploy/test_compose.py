"""deploy/compose.yaml is a compose file, and what it passes to the services is what they take."""

import json
import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

import jsonschema
import pytest
import yaml
from harness.chart import ROOT, TOOLS
from unit.deploy.test_alerts import promtool

from chassis.configuration.loading import read, unknown
from chassis.lifecycle.topics import TopicSettings
from kontor_contracts.topics import SERVICES
from kontor_local.containers import KAFKA_IMAGE, MONGO_IMAGE
from kontor_local.keys import write_keys

FOLDER = ROOT / "deploy"
SCHEMA = TOOLS / "schemas" / "compose.json"
MOUNTED = "/run/kontor"


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    return found


def services() -> dict[str, Any]:
    found: dict[str, Any] = compose()["services"]
    return found


def test_the_file_fits_the_schema_of_compose_files() -> None:
    if not SCHEMA.exists():
        pytest.skip("NOT RUN: the schema of compose files is not here; `make chart-tools` fetches it")
    jsonschema.validate(compose(), json.loads(SCHEMA.read_text()))


@pytest.mark.parametrize("service", [*SERVICES, "topics"])
def test_a_service_takes_what_is_passed(service: str, tmp_path: Path) -> None:
    write_keys(tmp_path)
    settings: Any = TopicSettings if service == "topics" else import_module(f"{service}.settings").Settings
    passed = {name: value.replace(MOUNTED, str(tmp_path)) for name, value in services()[service]["environment"].items()}
    with mock.patch.dict(os.environ, passed, clear=True):
        read(settings)
        assert unknown(settings) == []


def test_every_mounted_file_is_there() -> None:
    mounts = [mount.split(":")[0] for one in services().values() for mount in one.get("volumes", ())]
    files = [mount for mount in mounts if mount.startswith(".")]
    assert len(files) >= 5
    for file in files:
        assert (FOLDER / file).exists(), file
    assert {mount for mount in mounts if not mount.startswith(".")} == compose()["volumes"].keys()


def test_every_server_that_something_waits_for_says_when_it_is_ready() -> None:
    for name, one in services().items():
        for other, how in one.get("depends_on", {}).items():
            assert other in services(), name
            assert how["condition"] in {"service_healthy", "service_completed_successfully"}
            if how["condition"] == "service_healthy":
                assert services()[other]["healthcheck"]["test"][0] == "CMD"


def test_servers_are_of_a_stated_version() -> None:
    images = {name: one["image"] for name, one in services().items()}
    for name, image in images.items():
        assert image.startswith("kontor-") or re.search(r":v?\d+\.\d+", image), name
    assert (images["kafka"], images["mongo"]) == (KAFKA_IMAGE, MONGO_IMAGE)


def test_services_run_without_rights_in_the_container() -> None:
    for service in SERVICES:
        one = services()[service]
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]


def test_prometheus_scrapes_every_service_and_loads_the_alerts(tmp_path: Path) -> None:
    config = yaml.safe_load((FOLDER / "compose" / "prometheus.yaml").read_text())
    targets = config["scrape_configs"][0]["static_configs"]
    assert {one["labels"]["service"]: one["targets"] for one in targets} == {
        name: [f"{name}:9000"] for name in SERVICES
    }
    assert config["scrape_configs"][0]["job_name"] == "kontor"
    (tmp_path / "alerts.yaml").write_text((FOLDER / "helm" / "kontor" / "files" / "alerts.yaml").read_text())
    (tmp_path / "prometheus.yml").write_text((FOLDER / "compose" / "prometheus.yaml").read_text())
    done = promtool("check", "config", str(tmp_path / "prometheus.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_grafana_finds_its_source_and_its_dashboards() -> None:
    mounts = dict(mount.split(":")[:2] for mount in services()["grafana"]["volumes"])
    provider = yaml.safe_load((FOLDER / "compose" / "grafana" / "dashboards.yaml").read_text())["providers"][0]
    assert provider["options"]["path"] in mounts.values()
    (source,) = yaml.safe_load((FOLDER / "compose" / "grafana" / "datasource.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert source["isDefault"] is True
