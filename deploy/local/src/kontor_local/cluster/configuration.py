"""The configuration of the programs of a cluster."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kontor_local.cluster.programs import BIN, NETWORK_PLUGINS

NETWORK = "10.77.0"
ADDRESS = f"{NETWORK}.1"
"""Of the machine inside, of its first node, of the name server, and of all that runs beside the pods."""
SERVICES = "10.96.0.0/16"
KUBERNETES_SERVICE = "10.96.0.1"
PODS = "10.244"
PAUSE_IMAGE = "registry.k8s.io/pause:3.10"
ETCD = "http://127.0.0.1:2379"


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a cluster: containerd and kubelet. All nodes share the network of the machine inside."""

    number: int
    work: Path
    cgroup: str

    @property
    def name(self) -> str:
        return f"node{self.number}"

    @property
    def address(self) -> str:
        return f"{NETWORK}.{self.number}"

    @property
    def folder(self) -> Path:
        return self.work / self.name

    @property
    def state(self) -> Path:
        return Path(f"/run/containerd-{self.name}")

    @property
    def socket(self) -> Path:
        return self.state / "containerd.sock"


def containerd(node: Node) -> str:
    return f"""
version = 2
root = "{node.folder}/containerd"
state = "{node.state}"
oom_score = 0
[grpc]
  address = "{node.socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{node.folder}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{NETWORK_PLUGINS}"
    conf_dir = "{node.folder}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
"""


def network(node: Node) -> str:
    """Each node has a bridge and a range of addresses for its pods."""
    addresses = {
        "type": "host-local",
        "dataDir": "/run/cni-addresses",
        "ranges": [[{"subnet": f"{PODS}.{node.number}.0/24"}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": f"cni{node.number}", "isGateway": True, "ipMasq": False, "hairpinMode": True}
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return json.dumps({"cniVersion": "0.4.0", "name": node.name, "plugins": [bridge | {"ipam": addresses}, ports]})


def kubelet(node: Node, credentials: Path) -> str:
    return json.dumps(
        {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "failCgroupV1": False,
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": node.cgroup,
            "containerRuntimeEndpoint": f"unix://{node.socket}",
            "podLogsDir": str(node.folder / "pods"),
            "address": node.address,
            "healthzPort": 10247 + node.number * 1000,
            # A process may not lower these for itself where it is not the machine's own root.
            "oomScoreAdj": 0,
            "featureGates": {"KubeletInUserNamespace": True},
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(credentials / "cluster-ca.crt")},
            },
            "authorization": {"mode": "Webhook"},
            "tlsCertFile": str(credentials / "kubelet-server.crt"),
            "tlsPrivateKeyFile": str(credentials / "kubelet-server.key"),
            "clusterDNS": [ADDRESS],
            "clusterDomain": "cluster.local",
            "resolvConf": "",
            # Images cannot be had again: there is no registry.
            "imageGCHighThresholdPercent": 100,
            "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        }
    )


def proxy(credentials: Path) -> str:
    # Limits of connection tracking belong to the machine: zero leaves them alone.
    limits = {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"}
    return json.dumps(
        {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "mode": "nftables",
            "clientConnection": {"kubeconfig": str(credentials / "proxy.conf")},
            "hostnameOverride": "node1",
            "clusterCIDR": f"{PODS}.0.0/16",
            "oomScoreAdj": 0,
            "conntrack": limits,
        }
    )


def names(credentials: Path) -> str:
    return f"""
.:53 {{
  bind {ADDRESS}
  errors
  kubernetes cluster.local in-addr.arpa {{
    kubeconfig {credentials / "admin.conf"}
  }}
  cache 5
}}
"""


def control_plane(work: Path) -> Mapping[str, list[str]]:
    """Programs and their arguments by name, in the order of their start."""
    keys = work / "credentials"

    def conf(name: str) -> Any:
        return f"--kubeconfig={keys / name}.conf"

    return {
        "etcd": [
            "etcd",
            f"--data-dir={work / 'etcd'}",
            f"--listen-client-urls={ETCD}",
            f"--advertise-client-urls={ETCD}",
            "--listen-peer-urls=http://127.0.0.1:2380",
            # Nothing here has to survive the machine.
            "--unsafe-no-fsync",
        ],
        "apiserver": [
            str(BIN / "kube-apiserver"),
            f"--etcd-servers={ETCD}",
            f"--advertise-address={ADDRESS}",
            f"--cert-dir={work / 'apiserver'}",
            f"--tls-cert-file={keys / 'apiserver.crt'}",
            f"--tls-private-key-file={keys / 'apiserver.key'}",
            f"--client-ca-file={keys / 'cluster-ca.crt'}",
            f"--kubelet-client-certificate={keys / 'kubelet-client.crt'}",
            f"--kubelet-client-key={keys / 'kubelet-client.key'}",
            f"--kubelet-certificate-authority={keys / 'cluster-ca.crt'}",
            "--kubelet-preferred-address-types=InternalIP",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={keys / 'accounts.pub'}",
            f"--service-account-signing-key-file={keys / 'accounts.key'}",
            f"--service-cluster-ip-range={SERVICES}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
        ],
        "controller-manager": [
            str(BIN / "kube-controller-manager"),
            conf("controller-manager"),
            f"--service-account-private-key-file={keys / 'accounts.key'}",
            f"--root-ca-file={keys / 'cluster-ca.crt'}",
            "--use-service-account-credentials",
            "--leader-elect=false",
        ],
        "scheduler": [str(BIN / "kube-scheduler"), conf("scheduler"), "--leader-elect=false"],
        "proxy": [str(BIN / "kube-proxy"), f"--config={work / 'proxy.json'}"],
        "names": [str(BIN / "coredns"), f"-conf={work / 'Corefile'}"],
    }
