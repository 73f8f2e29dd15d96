"""One cluster: its start, its end, and programs inside."""

import errno
import os
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from kontor_local.cluster import programs
from kontor_local.cluster.configuration import ADDRESS, KUBERNETES_SERVICE
from kontor_local.cluster.credentials import write_credentials
from kontor_local.cluster.images import write_archives
from kontor_local.processes import Process

NAMESPACES = ("--net", "--mount", "--pid", "--uts", "--ipc")
READY_SECONDS = 300.0
GONE_SECONDS = 60.0
LOGS_KEPT = ("log", "kontor")


class Cluster:
    """``async with Cluster(root):`` has all nodes ready inside, and leaves nothing but logs behind.

    Its processes are in namespaces that end with this process, however that ends.
    """

    def __init__(self, root: Path, nodes: int = 2) -> None:
        self.root = root.resolve()
        self._nodes = nodes
        self._cgroup = f"kontor-cluster-{os.getpid()}"
        command = ["unshare", *NAMESPACES, "--fork", "--kill-child", "--mount-proc", sys.executable, "-m"]
        arguments = ["kontor_local.cluster.machine", str(self.root), str(nodes), self._cgroup]
        self._machine = Process("cluster", [*command, *arguments], log=self.root / "log" / "machine.log")

    async def __aenter__(self) -> Self:
        """Raises ClusterUnavailableError where this machine cannot run one, ProcessError where it does not come up."""
        programs.check()
        self._prepare()
        try:
            self._machine.start()
            await self._machine.until(self._ready, READY_SECONDS)
        except BaseException:
            self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._end()

    def inside(self, *command: str, env: Mapping[str, str] | None = None) -> list[str]:
        """The command line that runs this inside, where kubectl and helm find the cluster."""
        settings = {
            "KUBECONFIG": str(self.root / "credentials" / "admin.conf"),
            "KONTOR_LOCAL_HOST": ADDRESS,
            "KONTOR_CLUSTER": str(self.root),
            **(env or {}),
        }
        variables = [f"{name}={value}" for name, value in settings.items()]
        enter = ["nsenter", f"--target={self._first_process()}", "--net", "--mount", "--pid", "--uts", "--ipc"]
        return [*enter, f"--wdns={Path.cwd()}", "env", *variables, *command]

    def _prepare(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir(parents=True)
        write_archives(self.root / "images")
        write_credentials(self.root / "credentials", ADDRESS, KUBERNETES_SERVICE, self._nodes)
        for path in ("/var/lib/kubelet", "/var/lib/cni"):
            Path(path).mkdir(parents=True, exist_ok=True)  # something of ours is mounted over them

    async def _ready(self) -> bool:
        return (self.root / "ready").exists()

    def _first_process(self) -> int:
        pid = self._machine.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(children[0])

    def _end(self) -> None:
        """The kernel ends all that is inside with the first process."""
        self._machine.kill()
        self._remove_cgroups()
        for each in self.root.iterdir():
            if each.is_dir() and each.name not in LOGS_KEPT:
                shutil.rmtree(each, ignore_errors=True)

    def _remove_cgroups(self) -> None:
        root = Path("/sys/fs/cgroup")
        gone_by = time.monotonic() + GONE_SECONDS
        for top in (place / self._cgroup for place in (root, *root.iterdir())):
            # From below: a group with children cannot be removed.
            for folder, _, _ in os.walk(top, topdown=False):
                _remove(Path(folder), gone_by)


def _remove(group: Path, gone_by: float) -> None:
    """The kernel ends all processes of a namespace, but not at once; until then their groups are busy."""
    while True:
        try:
            return group.rmdir()
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > gone_by:
                print(f"{group} is left: {error.strerror}", file=sys.stderr)
                return None
        time.sleep(0.1)
