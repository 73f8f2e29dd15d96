"""values.schema.json of the chart: what each value may be, so that Helm names a wrong one."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from applications import settings_class
from chart_values import Value

from kontor_contracts.topics import SERVICES

CHOICES: Mapping[str, tuple[str, ...]] = {
    "logLevel": ("DEBUG", "INFO", "WARNING", "ERROR"),
    "image.pullPolicy": ("IfNotPresent", "Always", "Never"),
    "public.scheme": ("https", "http"),
    "kafka.security": ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
    "kafka.mechanism": ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER"),
    "externalSecrets.store.kind": ("SecretStore", "ClusterSecretStore"),
    "strimzi.apiVersion": ("v1", "v1beta2"),
    "jobs.mode": ("auto", "hooks", "init"),
    "topologySpread.whenUnsatisfiable": ("ScheduleAnyway", "DoNotSchedule"),
    "autoscaling.kind": ("none", "hpa", "keda"),
    "mail.tls": ("starttls", "tls", "none"),
}
LEAST: Mapping[str, int] = {
    "kafka.replicationFactor": 1,
    "kafka.minInsyncReplicas": 1,
    "jobs.deadline": 1,
    "startTimeout": 1,
    "shutdownTimeout": 1,
    "autoscaling.minReplicas": 1,
    "autoscaling.maxReplicas": 1,
    "autoscaling.cpu": 1,
    "autoscaling.lag": 1,
    "podSecurityContext.runAsUser": 1,
    "podSecurityContext.runAsGroup": 1,
} | {f"services.{service}.replicas": 1 for service in SERVICES}
"""0 elsewhere. A service without a pod would fire no timer and publish nothing."""
NOT_EMPTY = {"public.host", "kafka.bootstrap", "mail.sender", "mail.host", "image.repository", "environment"}
PATTERNS: Mapping[str, str] = {"public.host": r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]+)?$"}


def schema(values: list[Value]) -> str:
    root: dict[str, Any] = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Values of the chart kontor",
        **_closed({}),
    }
    for value in values:
        place = root
        *above, last = value.path.split(".")
        for name in above:
            place = place["properties"].setdefault(name, _closed({}))
        if value.is_map:
            place["properties"].setdefault(last, _closed({}))["description"] = value.meaning
        else:
            place["properties"][last] = _described(value)
    # What Helm and a parent chart put in.
    root["properties"]["global"] = {"type": "object"}
    return json.dumps(root, indent=2, ensure_ascii=False) + "\n"


def _described(value: Value) -> dict[str, Any]:
    found = _typed(value)
    return found | ({"description": value.meaning} if value.meaning else {})


def _typed(value: Value) -> dict[str, Any]:
    path = value.path
    if path.startswith("services."):
        _, service, name, *_ = path.split(".")
        if name in OF_SERVICES:
            return OF_SERVICES[name](service)
    return SHAPES[path]() if path in SHAPES else _plain(path, value.default)


def _plain(path: str, default: Any) -> dict[str, Any]:
    match default:
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer", "minimum": LEAST.get(path, 0)}
        case str():
            return _text(path)
        case list():
            return {"type": "array"}
        case _:
            return {"type": "object"}


def _scales() -> dict[str, Any]:
    numbers = {name: {"type": "integer", "minimum": 1} for name in ("minReplicas", "maxReplicas", "cpu", "lag")}
    return _closed({service: _closed(numbers) for service in SERVICES})


def _digests() -> dict[str, Any]:
    return _closed({service: {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"} for service in SERVICES})


def _readers() -> dict[str, Any]:
    names = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    reader = _closed({"name": {"type": "string"}, "group": {"type": "string"}, "topics": names})
    return {"type": "array", "items": reader | {"required": ["name", "group", "topics"]}}


def _text(path: str) -> dict[str, Any]:
    if path in CHOICES:
        return {"type": "string", "enum": list(CHOICES[path])}
    found: dict[str, Any] = {"type": "string"}
    if path in PATTERNS:
        found["pattern"] = PATTERNS[path]
    return found | ({"minLength": 1} if path in NOT_EMPTY else {})


def _settings(service: str) -> dict[str, Any]:
    """Names are checked here, values by the service itself. What names a file goes to `files`."""
    fields = settings_class(service).model_fields
    names = [name for name in fields if not name.endswith("_file") and name != "mongo_url"]
    return _closed({name: {"type": ["string", "number", "boolean", "array", "object"]} for name in names})


def _files(service: str) -> dict[str, Any]:
    fields = settings_class(service).model_fields
    names = [name for name in fields if name.endswith("_file") and not name.startswith("kafka_")]
    return _closed({name: {"type": "string", "minLength": 1} for name in names})


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


OF_SERVICES: Mapping[str, Callable[[str], dict[str, Any]]] = {"settings": _settings, "files": _files}
SHAPES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "autoscaling.services": _scales,
    "image.digests": _digests,
    "strimzi.readers": _readers,
    "tracing.ratio": lambda: {"type": "number", "minimum": 0, "maximum": 1},
}
"""Values whose shape their default does not show."""
