"""The Helm chart as rendered, and what judges it. Without its tools tests are skipped: `make chart-tools` fetches them."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy" / "helm" / "kontor"
TOOLS = ROOT / ".local" / "tools" / "chart"
SCHEMAS = ROOT / "tests" / "unit" / "deploy" / "schemas"
VERSIONS = ("1.30", "1.31", "1.32", "1.33", "1.34")
CASES = ("defaults", "production", "everything")
"""The chart's own values, and its examples by name."""
NAMESPACE = "partners"
Object = Mapping[str, Any]


def tool(name: str) -> str:
    """Skips the test where it is not there."""
    found = TOOLS / "bin" / name
    path = str(found) if found.exists() else shutil.which(name)
    if path is None:
        pytest.skip(f"NOT RUN: {name} is not here; `make chart-tools` fetches it, with Go and its registry")
    return path


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tool("helm"), *arguments], check=False, capture_output=True, text=True)


def values_of(case: str) -> list[str]:
    return [] if case == "defaults" else ["--values", str(CHART / "examples" / f"{case}.yaml")]


def template(case: str, *sets: str, version: str = VERSIONS[-1]) -> subprocess.CompletedProcess[str]:
    chosen = [part for one in sets for part in ("--set-json", one)]
    place = ("--namespace", NAMESPACE, "--kube-version", version)
    return helm("template", "kontor", str(CHART), *place, *values_of(case), *chosen)


@cache
def rendered(case: str, *sets: str) -> tuple[Object, ...]:
    done = template(case, *sets)
    assert done.returncode == 0, done.stderr
    return tuple(one for one in yaml.safe_load_all(done.stdout) if one)


def refused(*sets: str) -> str:
    """What Helm says about values that it does not take."""
    done = template("defaults", *sets)
    assert done.returncode != 0, "Helm takes these values"
    return done.stderr


def of_kind(objects: tuple[Object, ...], kind: str) -> Mapping[str, Object]:
    """By name."""
    return {one["metadata"]["name"]: one for one in objects if one["kind"] == kind}


def pods(objects: tuple[Object, ...]) -> Iterator[tuple[str, Object]]:
    """Name of the workload and its pod's spec."""
    for one in objects:
        if one["kind"] in {"Deployment", "Job"}:
            yield one["metadata"]["name"], one["spec"]["template"]["spec"]


def containers(pod: Object) -> list[Object]:
    return [*pod.get("initContainers", ()), *pod["containers"]]


def variables(container: Object) -> dict[str, str]:
    """The address of the database comes from a Secret; any will do."""
    return {one["name"]: one.get("value", "mongodb://database:27017") for one in container["env"]}


def files(pod: Object) -> dict[str, tuple[str, str]]:
    """Path in the containers → Secret and key."""
    mounts = {mount["name"]: mount["mountPath"] for mount in containers(pod)[0]["volumeMounts"]}
    return {
        f"{mounts[volume['name']]}/{item['path']}": (source["secret"]["name"], item["key"])
        for volume in pod["volumes"]
        for source in volume.get("projected", {}).get("sources", ())
        for item in source["secret"]["items"]
    }
