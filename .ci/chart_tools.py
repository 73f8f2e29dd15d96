"""Fetch what judges the Helm chart: helm, kubeconform, and the schemas of Kubernetes, custom resources and compose files.

Everything goes to ``.local/tools/chart``, once. Exit code 3: it cannot be had here (no Go, or no registry).
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".local" / "tools" / "chart"
DONE = TOOLS / "done-3"
"""Its number grows with each change of what is fetched."""
AWAY = 3
PROGRAMS = ("helm.sh/helm/v3/cmd/helm@v3.22.0", "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0")
RESOURCES = {
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": (
        "example/prometheus-operator-crd/*_servicemonitors.yaml",
        "example/prometheus-operator-crd/*_prometheusrules.yaml",
    ),
    "github.com/kedacore/keda/v2@v2.21.0": (
        "config/crd/bases/keda.sh_scaledobjects.yaml",
        "config/crd/bases/keda.sh_triggerauthentications.yaml",
    ),
    "github.com/external-secrets/external-secrets@v1.3.2": ("config/crds/bases/*.io_externalsecrets.yaml",),
    "sigs.k8s.io/gateway-api@v1.4.0": ("config/crd/standard/*_httproutes.yaml",),
}
"""Go module → its files with the definitions of the custom resources that the chart makes."""
COMPOSE = "github.com/compose-spec/compose-go/v2@v2.16.2"
"""Holds the JSON Schema of compose files."""
KUBERNETES = "kubernetes-validate==1.37.0"
VERSIONS = ("1.30", "1.31", "1.32", "1.33", "1.34")
KINDS = (
    "configmap-v1",
    "deployment-apps-v1",
    "horizontalpodautoscaler-autoscaling-v2",
    "ingress-networking-v1",
    "job-batch-v1",
    "networkpolicy-networking-v1",
    "poddisruptionbudget-policy-v1",
    "service-v1",
    "serviceaccount-v1",
)
"""Kubernetes' own kinds that the chart makes.

One that is missing here is named by the chart's tests."""


class AwayError(Exception):
    """Something cannot be had here."""


def main() -> int:
    if DONE.exists():
        return 0
    try:
        fetch()
    except AwayError as error:
        print(f"the chart's tools cannot be had here: {error}", file=sys.stderr)
        return AWAY
    DONE.touch()
    return 0


def fetch() -> None:
    go = shutil.which("go")
    if go is None:
        raise AwayError("there is no Go")
    (TOOLS / "bin").mkdir(parents=True, exist_ok=True)
    for program in PROGRAMS:
        run([go, "install", "-trimpath", "-ldflags=-s -w", program], GOBIN=str(TOOLS / "bin"), CGO_ENABLED="0")
    for module, patterns in RESOURCES.items():
        found = json.loads(run([go, "mod", "download", "-json", module]))
        for pattern in patterns:
            write_resources(sorted(Path(found["Dir"]).glob(pattern)))
    found = json.loads(run([go, "mod", "download", "-json", COMPOSE]))
    shutil.copyfile(Path(found["Dir"]) / "schema" / "compose-spec.json", TOOLS / "schemas" / "compose.json")
    write_kubernetes()


def run(command: list[str], **environment: str) -> str:
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=TOOLS,
        env=os.environ | {"GOTOOLCHAIN": "local"} | environment,
    )
    if done.returncode:
        raise AwayError(f"{' '.join(command[:3])}: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
    return done.stdout


def write_resources(files: list[Path]) -> None:
    """The schemas of the definitions in these files, closed, as kubeconform looks for them."""
    target = TOOLS / "schemas" / "resources"
    target.mkdir(parents=True, exist_ok=True)
    for file in files:
        for definition in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            if not definition or definition.get("kind") != "CustomResourceDefinition":
                continue
            spec = definition["spec"]
            for version in spec["versions"]:
                name = f"{spec['names']['kind']}-{spec['group'].split('.')[0]}-{version['name']}.json".lower()
                (target / name).write_text(json.dumps(closed(version["schema"]["openAPIV3Schema"])), encoding="utf-8")


def closed(schema: Any) -> Any:
    """Refuse properties that the schema does not name, where it does not say that others may be there."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(one) for name, one in schema.items()}
    open_ = "additionalProperties" in found or found.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(found.get("properties"), dict) and "type" in found and not open_:
        found["additionalProperties"] = False
    if found.get("x-kubernetes-int-or-string"):
        found.pop("type", None)
    return found


def write_kubernetes() -> None:
    """Kubernetes' own schemas, which a Python package brings, each with the definitions that it refers to."""
    package = TOOLS / "kubernetes"
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    run(
        [uv, "pip", "install", "--quiet", "--no-deps", "--python", sys.executable, "--target", str(package), KUBERNETES]
    )
    for version, source in folders(package):
        target = TOOLS / "schemas" / version
        target.mkdir(parents=True, exist_ok=True)
        definitions = json.loads((source / "_definitions.json").read_text(encoding="utf-8"))["$defs"]
        for kind in KINDS:
            schema = json.loads((source / f"{kind}.json").read_text(encoding="utf-8"))
            (target / f"{kind}.json").write_text(json.dumps(with_definitions(schema, definitions)), encoding="utf-8")
    shutil.rmtree(package)


def with_definitions(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema on its own: kubeconform follows no reference to another file."""
    needed: dict[str, Any] = {}
    found = {name: _local(one, definitions, needed) for name, one in schema.items()}
    return found | {"$defs": needed}


def _local(schema: Any, definitions: dict[str, Any], needed: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_local(one, definitions, needed) for one in schema]
    if not isinstance(schema, dict):
        return schema
    target = schema.get("$ref")
    if isinstance(target, str):
        name = target.rpartition("/")[2]
        if name not in needed:
            needed[name] = {}
            needed[name] = _local(definitions[name], definitions, needed)
        return {"$ref": f"#/$defs/{name}"}
    return {name: _local(one, definitions, needed) for name, one in schema.items()}


def folders(package: Path) -> Iterator[tuple[str, Path]]:
    for folder in sorted(package.glob("kubernetes_validate/kubernetes-json-schema/*-local-strict")):
        version = re.match(r"v(1\.\d+)", folder.name)
        if version and version[1] in VERSIONS:
            yield version[1], folder


if __name__ == "__main__":
    sys.exit(main())
