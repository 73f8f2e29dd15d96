"""Certificates and kubeconfig files of a cluster's programs."""

import json
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kontor_local.certificates import Authority

MASTERS, NODES = "system:masters", "system:nodes"


def write_credentials(folder: Path, address: str, service_address: str, nodes: int) -> None:
    """``address``: the API server's, on which nodes serve, too. ``service_address``: the one by which pods know it."""
    folder.mkdir(parents=True)
    authority = Authority(folder, "cluster")
    names = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
    authority.issue("apiserver", "127.0.0.1", address, service_address, *names)
    authority.issue("kubelet-client", organization=MASTERS)
    near = address.rpartition(".")[0]
    authority.issue("kubelet-server", *(f"{near}.{number}" for number in range(1, nodes + 1)))
    _kubeconfig(folder, authority, "admin", "admin", MASTERS)
    for number in range(1, nodes + 1):
        _kubeconfig(folder, authority, f"node{number}", f"system:node:node{number}", NODES)
    for program in ("controller-manager", "scheduler", "proxy"):
        _kubeconfig(folder, authority, program, f"system:kube-{program}", None)
    _service_account_key(folder)


def _kubeconfig(folder: Path, authority: Authority, file: str, name: str, organization: str | None) -> None:
    certificate, key = authority.issue(file, name=name, organization=organization)
    cluster = {"server": "https://127.0.0.1:6443", "certificate-authority": str(authority.file)}
    user = {"client-certificate": str(certificate), "client-key": str(key)}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "local", "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": name}}],
        "current-context": "local",
    }
    (folder / f"{file}.conf").write_text(json.dumps(document))  # YAML includes JSON


def _service_account_key(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    (folder / "accounts.key").write_bytes(private)
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    (folder / "accounts.pub").write_bytes(public)
