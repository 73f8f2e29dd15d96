"""Kontor on the cluster, by its chart: the release in a namespace that takes only restricted pods, its servers beside it."""

import base64
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, Self

from kontor_contracts.topics import SERVICES
from kontor_local import keys
from kontor_local.backends import Backends
from kontor_local.cluster.commands import CommandError, Kubectl, install
from kontor_local.cluster.configuration import ADDRESS, PODS
from kontor_local.cluster.images import REPOSITORY, TAG
from kontor_local.gateway import Gateway
from kontor_local.keys import write_keys
from kontor_local.mailbox import Mailbox
from kontor_local.ports import Port

NAME = "kontor"
NAMESPACE = "partners"
PATIENCE = "10m"
LOCALHOST = "127.0.0.1"
"""Of the cluster's network. Only there may public addresses do without TLS."""
KEYS = {
    "identity": (keys.SIGNING, keys.FACTOR, keys.HASH_SECRET, keys.SEALING_PUBLIC),
    "enrollment": (keys.HASH_SECRET, keys.SEALING_PUBLIC),
    "relationships": (keys.LINK_SECRET, keys.SEALING_PUBLIC),
    "notifications": (keys.SEALING_PRIVATE,),
}
"""The files in each service's Secret, as docs/operating/install.md lists them."""


class Release:
    """``async with Release(root):`` has all pods ready inside. Use it inside the cluster (`Cluster.inside`).

    The gateway stands for the Ingress: one address, from which each request goes on to its service's Service.
    """

    def __init__(self, root: Path, *, values: dict[str, Any] | None = None) -> None:
        self.root = root.resolve()
        self.kubectl = Kubectl(NAMESPACE)
        self._backends = Backends(self.root, keep_data=False, ports={})
        self.broker, self.kafka, self.mongo = self._backends.broker, self._backends.kafka, self._backends.mongo
        self.backend = self._backends.description
        self.mailbox = Mailbox(self.root / "mails")
        self._public = Port(8000, host=LOCALHOST)
        self.gateway: Gateway | None = None
        self.values = self._values() | (values or {})
        self._cleanup = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self._start_servers()
            await self._prepare()
            await self.upgrade()
            await self._open()
        except BaseException:
            await self._cleanup.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._cleanup.aclose()

    async def upgrade(self, *flags: str, **values: Any) -> str:
        """Install the release, or give it other values. Raises CommandError with what Helm said."""
        try:
            return await install(NAME, NAMESPACE, self.values | values, "--timeout", PATIENCE, *flags)
        except CommandError as error:
            raise CommandError(f"{error}\n{await self._states()}") from None

    async def _states(self) -> str:
        """What pods that are not ready say: Helm tells only that something took too long."""
        said = await self.kubectl("get", "pods", "--output", "wide")
        for pod in await self.kubectl.get("pods"):
            if not all(status["ready"] for status in pod["status"].get("containerStatuses", [{"ready": False}])):
                with suppress(CommandError):  # it has not begun
                    said += await self.kubectl("logs", pod["metadata"]["name"], "--tail=5", "--prefix")
        return said

    def deployment(self, service: str) -> str:
        return f"deployment/{NAME}-{service}"

    async def pods(self, service: str) -> list[Any]:
        return list(await self.kubectl.get("pods", "--selector", f"app.kubernetes.io/component={service}"))

    async def address(self, service: str) -> str:
        """Of its Service, which spreads connections over the pods that are ready."""
        found = await self.kubectl.get("service", f"{NAME}-{service}")
        return f"http://{found['spec']['clusterIP']}"

    def topic(self, name: str) -> str:
        return name

    def public_url(self, _service: str) -> str:
        return f"http://localhost:{self._public.number}"

    async def operator(self, email: str, full_name: str) -> str:
        """Create one of the program's staff, as docs/operating/install.md says, and return the temporary password."""
        command = ("python", "-m", "identity", "create-operator", "--email", email, "--full-name", full_name)
        printed = await self.kubectl("exec", self.deployment("identity"), "--", *command)
        return printed.rstrip().splitlines()[-1].strip()

    async def _start_servers(self) -> None:
        self._cleanup.push_async_callback(self._backends.stop)
        await self._backends.start()
        self._cleanup.push_async_callback(self.mailbox.stop)
        await self.mailbox.start()

    async def _prepare(self) -> None:
        labels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
        await self.kubectl.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}
        )
        write_keys(self.root / "keys")
        await self.kubectl.apply(*(self._secret(service) for service in SERVICES))

    def _secret(self, service: str) -> dict[str, Any]:
        found = {name: (self.root / "keys" / name).read_bytes() for name in KEYS[service]}
        found["mongo-url"] = self.mongo.encode()
        data = {name: base64.b64encode(content).decode() for name, content in found.items()}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{NAME}-{service}"}, "data": data}

    async def _open(self) -> None:
        services = {service: await self.address(service) for service in SERVICES}
        self.gateway = Gateway(services, port=self._public)
        self._cleanup.push_async_callback(self.gateway.stop)
        await self.gateway.start()

    def _values(self) -> dict[str, Any]:
        copies = self._backends.replication
        return {
            # The embedded servers speak plain text, which production refuses.
            "environment": "cluster",
            # Eight pods that start at once on a small machine.
            "startTimeout": 240,
            "image": {"repository": REPOSITORY, "tag": TAG, "pullPolicy": "Never"},
            "public": {
                "host": f"localhost:{self._public.number}",
                "scheme": "http",
                # The gateway's own address, and the bridges behind which kube-proxy hides it.
                "trustedProxies": [f"{ADDRESS}/32", f"{PODS}.0.0/16"],
            },
            "kafka": {
                "bootstrap": self.kafka,
                "security": "PLAINTEXT",
                "replicationFactor": copies,
                "minInsyncReplicas": max(1, copies - 1),
            },
            "mail": {"host": ADDRESS, "port": self.mailbox.port.number, "tls": "none"},
        }
