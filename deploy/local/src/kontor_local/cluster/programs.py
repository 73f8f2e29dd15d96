"""What a cluster is made of: Kubernetes' own programs, built from source, and others from the system's packages."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[5]
SOURCES = ROOT / "deploy" / "local" / "cluster"
CACHE = ROOT / ".local" / "cluster" / "cache"
"""Kept between runs: building takes 45 minutes on two cores, and 11 GB."""
BIN = CACHE / "bin"
NETWORK_PLUGINS = Path("/usr/lib/cni")
KUBERNETES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet")
BUILT = (*KUBERNETES, "coredns", "pause")
VERSION = "v1.34.4"
"""Of the programs, as they say it. deploy/local/cluster/kubernetes/go.mod pins the source. The last that runs on cgroup v1."""
PACKAGES = {
    "etcd": "etcd-server",
    "containerd": "containerd",
    "runc": "runc",
    "conntrack": "conntrack",
    "nft": "nftables",
    "ip": "iproute2",
    "buildah": "buildah",
    "kubectl": "kubectl",
}
"""Program → the package that has it."""


class ClusterUnavailableError(RuntimeError):
    """Nothing is wrong with Kontor: this machine cannot run a cluster. The text says what it lacks."""


def check() -> None:
    """Raises ClusterUnavailableError with all that is missing here."""
    missing = [f"{program} (package {package})" for program, package in PACKAGES.items() if not shutil.which(program)]
    missing += [] if (NETWORK_PLUGINS / "bridge").exists() else ["CNI plugins (package containernetworking-plugins)"]
    missing += [] if _may_make_namespaces() else ["the right to make namespaces (root with CAP_SYS_ADMIN)"]
    missing += [] if helm_is_here() else ["helm (`make chart-tools` gets it)"]
    missing += [f"{name} (`make cluster-programs` builds it)" for name in BUILT if not (BIN / name).exists()]
    if missing:
        raise ClusterUnavailableError(f"a cluster cannot run here; missing: {', '.join(missing)}")


def helm() -> str:
    """The one with which the chart's tests render."""
    ours = ROOT / ".local" / "tools" / "chart" / "bin" / "helm"
    return str(ours) if ours.exists() else "helm"


def helm_is_here() -> bool:
    return shutil.which(helm()) is not None


def build() -> None:
    """Build what is not there yet. Raises ClusterUnavailableError where Go or its module proxy is away."""
    if shutil.which("go") is None:
        raise ClusterUnavailableError("the programs of a cluster are built by Go, which is not here")
    BIN.mkdir(parents=True, exist_ok=True)
    version = "k8s.io/component-base/version"
    major, minor, _ = VERSION.removeprefix("v").split(".")
    flags = f"-X {version}.gitVersion={VERSION} -X {version}.gitMajor={major} -X {version}.gitMinor={minor}"
    for name in KUBERNETES:
        _go(name, SOURCES / "kubernetes", f"k8s.io/kubernetes/cmd/{name}", flags)
    _go("coredns", SOURCES / "dns", ".")
    _go("pause", SOURCES / "pause", ".")


def _go(name: str, source: Path, package: str, flags: str = "") -> None:
    if (BIN / name).exists():
        return
    print(f"building {name} …", flush=True)
    # What go.mod and go.sum do not name is refused, and no other toolchain is fetched.
    env = os.environ | {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}
    env |= {"GOPATH": str(CACHE / "go"), "GOCACHE": str(CACHE / "gocache")}
    command = ["nice", "go", "build", "-trimpath", f"-ldflags=-s -w {flags}", "-o", str(BIN / name), package]
    done = subprocess.run(command, cwd=source, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterUnavailableError(f"{name} could not be built: {done.stderr.strip()[-500:]}")


def _may_make_namespaces() -> bool:
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "true"]
    return shutil.which("unshare") is not None and subprocess.run(command, check=False).returncode == 0
