"""Process 1 of a cluster's namespaces: makes a machine of them, starts the cluster's programs, and reaps what ends.

``python -m kontor_local.cluster.machine WORK NODES CGROUP``, under ``unshare``, writes ``WORK/ready`` when all nodes are ready.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from kontor_local.cluster import configuration
from kontor_local.cluster.configuration import ADDRESS, NETWORK, Node
from kontor_local.cluster.programs import BIN

READY_SECONDS = 240.0
LOOK_EVERY = 0.3
SYSCTLS = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}
"""What kubelet writes to the kernel of the machine. It is shown files that say so already."""


class Machine:
    """``work`` is fresh but for ``credentials`` and ``images``. ``cgroup``: the machine's own, below each controller's root."""

    def __init__(self, work: Path, nodes: int, cgroup: str) -> None:
        self._work = work
        self._nodes = [Node(number, work, f"/{cgroup}/node{number}") for number in range(1, nodes + 1)]
        self._credentials = work / "credentials"
        self._log = work / "log"
        self._log.mkdir(exist_ok=True)
        self._programs: dict[int, str] = {}
        self._until = time.monotonic() + READY_SECONDS
        os.environ["KUBECONFIG"] = str(self._credentials / "admin.conf")

    def run(self) -> None:
        self._network()
        self._mounts()
        (self._work / "proxy.json").write_text(configuration.proxy(self._credentials))
        (self._work / "Corefile").write_text(configuration.names(self._credentials))
        programs = configuration.control_plane(self._work)
        for name in ("etcd", "apiserver"):
            self._start(name, programs[name])
        self._wait("kubectl", "get", "--raw", "/readyz")
        for name in ("controller-manager", "scheduler"):
            self._start(name, programs[name])
        for node in self._nodes:
            self._start_node(node)
        for name in ("proxy", "names"):
            self._start(name, programs[name])
        for node in self._nodes:
            self._wait("kubectl", "wait", "--for=condition=Ready", f"node/{node.name}", "--timeout=10s")
        self._wait("kubectl", "get", "serviceaccount", "default")
        (self._work / "ready").touch()
        self._reap()

    def _network(self) -> None:
        """A machine with one interface, whose other end leads nowhere."""
        socket.sethostname("node1")
        _run("ip", "link", "set", "lo", "up")
        _run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "outside")
        for name in ("eth0", "outside"):
            _run("ip", "link", "set", name, "up")
        for node in self._nodes:
            _run("ip", "addr", "add", f"{node.address}/24", "dev", "eth0")
        _run("ip", "route", "add", "default", "via", f"{NETWORK}.254")
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        bridged = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
        if bridged.exists():
            bridged.write_text("1")

    def _mounts(self) -> None:
        """Every fixed path to which containerd, kubelet and network plugins write is ours."""
        _run("mount", "--make-rprivate", "/")
        subprocess.run(["umount", "/run/netns"], check=False, stderr=subprocess.DEVNULL)
        _run("mount", "-t", "tmpfs", "tmpfs", "/run")
        for path, name in {"/var/log": "varlog", "/var/lib/kubelet": "kubelet", "/var/lib/cni": "cni"}.items():
            (self._work / name).mkdir(exist_ok=True)
            _run("mount", "--bind", str(self._work / name), path)
        (self._work / "varlog" / "containers").mkdir(exist_ok=True)
        _run("mount", "--make-rshared", "/")
        for name, value in SYSCTLS.items():
            file = self._work / "sysctl" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{value}\n")
            _run("mount", "--bind", str(file), f"/proc/sys/{name}")

    def _start_node(self, node: Node) -> None:
        for folder in ("cni", "kubelet", "pods"):
            (node.folder / folder).mkdir(parents=True)
        node.state.mkdir(parents=True)
        _make_cgroup(node.cgroup)
        (node.folder / "containerd.toml").write_text(configuration.containerd(node))
        (node.folder / "cni" / "10-bridge.conflist").write_text(configuration.network(node))
        (node.folder / "kubelet.json").write_text(configuration.kubelet(node, self._credentials))
        self._start(f"containerd-{node.name}", ["containerd", f"--config={node.folder / 'containerd.toml'}"])
        self._wait("ctr", f"--address={node.socket}", "version")
        for archive in sorted((self._work / "images").glob("*.tar")):
            _run("ctr", f"--address={node.socket}", "--namespace=k8s.io", "images", "import", str(archive))
        arguments = {
            "config": node.folder / "kubelet.json",
            "kubeconfig": self._credentials / f"{node.name}.conf",
            "node-ip": node.address,
            "hostname-override": node.name,
            "root-dir": node.folder / "kubelet",
        }
        given = [f"--{name}={value}" for name, value in arguments.items()]
        self._start(f"kubelet-{node.name}", [str(BIN / "kubelet"), *given])

    def _start(self, name: str, command: list[str]) -> None:
        with (self._log / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._programs[process.pid] = name
        process.returncode = 0  # every process that ends is reaped in one place, below

    def _wait(self, *command: str) -> None:
        while True:
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode == 0:
                return
            if time.monotonic() > self._until:
                sys.exit(f"{' '.join(command)}: {done.stderr.strip()}; the logs are in {self._log}")
            time.sleep(LOOK_EVERY)

    def _reap(self) -> None:
        """Until the end: processes that lost their parent are ours. A program of the cluster that ends is named."""
        while True:
            pid, status = os.wait()
            if pid in self._programs:
                print(f"{self._programs[pid]} ended with {os.waitstatus_to_exitcode(status)}", flush=True)


def _make_cgroup(path: str) -> None:
    """Below every controller of version 1, or below the one root of version 2."""
    root = Path("/sys/fs/cgroup")
    unified = (root / "cgroup.controllers").exists()
    for controller in [root] if unified else [each for each in root.iterdir() if each.name != "unified"]:
        (controller / path.strip("/")).mkdir(parents=True, exist_ok=True)
        if controller.name == "cpuset":
            # A group begins without processors and memory.
            place = controller
            for part in Path(path.strip("/")).parts:
                for file in ("cpuset.cpus", "cpuset.mems"):
                    (place / part / file).write_text((place / file).read_text())
                place /= part


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")


if __name__ == "__main__":
    print(f"a machine at {ADDRESS}", flush=True)
    Machine(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]).run()
