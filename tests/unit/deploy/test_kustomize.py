"""The Kustomize example renders the chart, patched, without hooks."""

import shutil
import subprocess

import pytest
import yaml
from harness.chart import ROOT, of_kind, tool


def test_the_example_renders_the_chart_with_its_patch() -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("NOT RUN: kubectl, which brings Kustomize, is not here")
    command = [kubectl, "kustomize", "--enable-helm", "--helm-command", tool("helm")]
    done = subprocess.run(
        [*command, "--load-restrictor", "LoadRestrictionsNone", str(ROOT / "deploy" / "kustomize")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    objects = tuple(yaml.safe_load_all(done.stdout))
    deployments = of_kind(objects, "Deployment")
    assert deployments["kontor-notifications"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 90
    assert {one["metadata"]["namespace"] for one in objects} == {"kontor"}
    assert not [one for one in objects if "helm.sh/hook" in one["metadata"].get("annotations", {})]
    for deployment in deployments.values():
        assert deployment["spec"]["template"]["spec"]["initContainers"][0]["args"] == ["migrate"]
