"""Every object of the chart is one that Kubernetes takes, and every pod keeps the restricted profile."""

import subprocess
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from harness import chart
from harness.chart import CASES, VERSIONS, containers, of_kind, pods, rendered

from kontor_contracts.topics import SERVICES


@pytest.mark.parametrize("case", CASES)
def test_helm_finds_nothing_to_say_about_the_chart(case: str) -> None:
    done = chart.helm("lint", "--strict", str(chart.CHART), *chart.values_of(case))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", CASES)
def test_every_object_fits_its_schema(case: str, version: str, tmp_path: Path) -> None:
    kubeconform = chart.tool("kubeconform")
    done = chart.template(case, version=version)
    assert done.returncode == 0, done.stderr
    (tmp_path / "objects.yaml").write_text(done.stdout)
    name = "{{.ResourceKind}}{{.KindSuffix}}.json"
    places = [chart.TOOLS / "schemas" / version, chart.TOOLS / "schemas" / "resources", chart.SCHEMAS]
    locations = [part for place in places for part in ("-schema-location", f"{place}/{name}")]
    judged = subprocess.run(
        [kubeconform, "-strict", "-summary", *locations, str(tmp_path / "objects.yaml")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert judged.returncode == 0, judged.stdout


@pytest.mark.parametrize("case", CASES)
def test_every_pod_keeps_the_restricted_profile(case: str) -> None:
    for name, pod in pods(rendered(case)):
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not [volume for volume in pod["volumes"] if "hostPath" in volume], name
        for container in containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert {"requests", "limits"} <= container["resources"].keys(), name
            assert "cpu" not in container["resources"]["limits"], name


@pytest.mark.parametrize("case", CASES)
def test_the_chart_makes_no_secret(case: str) -> None:
    assert of_kind(rendered(case), "Secret") == {}


@pytest.mark.parametrize("case", CASES)
def test_every_name_is_used_once(case: str) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in rendered(case)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", CASES)
def test_every_selector_finds_the_pods_of_its_service(case: str) -> None:
    objects = rendered(case)
    deployments = of_kind(objects, "Deployment")
    assert len(deployments) == len(SERVICES)
    for name, deployment in deployments.items():
        labels = deployment["spec"]["template"]["metadata"]["labels"].items()
        services = of_kind(objects, "Service")
        for selector in (
            deployment["spec"]["selector"]["matchLabels"],
            services[name]["spec"]["selector"],
            services[f"{name}-management"]["spec"]["selector"],
            of_kind(objects, "PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"],
        ):
            assert selector.items() <= labels


@pytest.mark.parametrize(("drain", "shutdown", "start"), [(5, 25, 60), (0, 1, 1), (30, 61, 600)])
def test_the_times_of_a_pod_add_up(drain: int, shutdown: int, start: int) -> None:
    sets = (f"drainDelay={drain}", f"shutdownTimeout={shutdown}", f"startTimeout={start}")
    for deployment in of_kind(rendered("defaults", *sets), "Deployment").values():
        pod = deployment["spec"]["template"]["spec"]
        # Draining, requests under way, the end, and one second for the management port (chassis.lifecycle.serving).
        assert pod["terminationGracePeriodSeconds"] >= drain + ceil(shutdown / 2) + shutdown + 1 + 5
        probe = pod["containers"][0]["startupProbe"]
        assert probe["periodSeconds"] * probe["failureThreshold"] >= start + 30
        readiness: dict[str, Any] = pod["containers"][0]["readinessProbe"]
        assert readiness["timeoutSeconds"] > 2, "the service itself answers within 2 s"


def test_probes_ask_the_management_port() -> None:
    for deployment in of_kind(rendered("defaults"), "Deployment").values():
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        asked = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
        assert {probe["port"] for probe in asked.values()} == {"management"}
        assert asked["liveness"]["path"] == "/livez"
        assert asked["readiness"]["path"] == asked["startup"]["path"] == "/readyz"


def spread(case: str, *sets: str) -> list[tuple[list[str], dict[str, Any]]]:
    """Of each service's pods: what constraints spread them over, and their affinity."""
    return [
        ([one["topologyKey"] for one in spec["topologySpreadConstraints"]], spec.get("affinity", {}))
        for each in of_kind(rendered(case, *sets), "Deployment").values()
        for spec in [each["spec"]["template"]["spec"]]
    ]


def test_pods_are_spread_over_nodes_that_name_no_zone() -> None:
    """A node without the label of one soft constraint is ignored by all of them, so zones are no constraint then."""
    found = spread("defaults")
    assert len(found) == len(SERVICES)
    for over, affinity in found:
        assert over == ["kubernetes.io/hostname"]
        (zones,) = affinity["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
        assert zones["podAffinityTerm"]["topologyKey"] == "topology.kubernetes.io/zone"


def test_a_strict_spread_is_over_nodes_and_zones() -> None:
    both = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
    assert spread("production") == [(both, {})] * len(SERVICES)


def test_an_affinity_of_the_installation_is_kept() -> None:
    for _, affinity in spread("everything"):
        assert affinity.keys() == {"nodeAffinity", "podAntiAffinity"}
    for _, affinity in spread("defaults", 'affinity={"podAntiAffinity":{}}'):
        assert affinity["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
