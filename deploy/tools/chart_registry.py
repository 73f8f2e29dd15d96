"""The topic registry, who may do what with it, and the services' public paths, as the chart's templates read them."""

import json
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

import yaml
from applications import build_applications

from kontor_contracts import access
from kontor_contracts.topics import TOPICS, Topic

NOT_PUBLIC = {"/docs", "/openapi.json"}
"""Each service has these, so they cannot share a host."""
LARGEST_BODY = "16m"
"""A little more than the largest document that enrollment takes."""
PASSED_ON = (
    "proxy_http_version 1.1;",
    "proxy_set_header Host $http_host;",
    "proxy_set_header X-Forwarded-For $remote_addr;",
    "proxy_set_header X-Forwarded-Proto $scheme;",
)


def topics_file() -> str:
    data = {"topics": [_topic(topic) for topic in TOPICS], "acls": _acls()}
    return _yaml(data, "Topics and ACLs, from the topic registry (kontor_contracts.topics).")


def routes_file() -> str:
    return _yaml(routes(), "What each service answers on the one public host: beginnings of paths.")


def local_routes_file() -> str:
    """The same for the gateway of `make up`."""
    return json.dumps(routes(), indent=2) + "\n"


def gateway_file() -> str:
    """The same as nginx reads it, for compose.yaml. It takes the longest `location` that fits, in any order."""
    lines = ["# One address for all services, by the beginnings of their paths. Written by `make generate`."]
    lines += ["server {", "    listen 8000;", f"    client_max_body_size {LARGEST_BODY};", *map(_indented, PASSED_ON)]
    for service, beginnings in routes().items():
        for beginning in beginnings:
            to = f"{{ proxy_pass http://{service}:8000; }}"
            lines += [f"    location = {beginning} {to}", f"    location {beginning}/ {to}"]
    return "\n".join([*lines, "    location = / { return 302 /home; }", "    location / { return 404; }", "}", ""])


def _indented(line: str) -> str:
    return f"    {line}"


def routes() -> dict[str, list[str]]:
    """By service, sorted. The longest beginning that fits a path decides.

    Raises ValueError where two services have a path that begins alike as far as its first parameter.
    """
    paths = {service: set(_paths(app)) for service, app in build_applications().items()}
    shared = {one for one, many in _owners(paths, 1).items() if len(many) > 1}
    found = {
        service: {_beginning(path, 2 if _beginning(path, 1) in shared else 1) for path in paths[service]}
        for service in paths
    }
    for beginning, owners in _owners(found, 2).items():
        if len(owners) > 1:
            raise ValueError(
                f"{beginning} is a path of {' and of '.join(sorted(owners))}: one host can lead it to one of them"
            )
    return {service: sorted(beginnings) for service, beginnings in found.items()}


def _owners(paths: Mapping[str, set[str]], elements: int) -> Mapping[str, set[str]]:
    owners: dict[str, set[str]] = {}
    for service, several in paths.items():
        for path in several:
            owners.setdefault(_beginning(path, elements), set()).add(service)
    return owners


def _beginning(path: str, elements: int) -> str:
    """Of ``/v1/users/{id}`` with one element ``/v1/users``; no parameter is part of it."""
    parts = path.strip("/").split("/")
    fixed = list(takewhile(lambda part: not part.startswith("{"), parts))
    return "/" + "/".join(fixed[: elements + (parts[0] == "v1")])


def _paths(app: Any) -> Iterator[str]:
    for route in app.routes:
        path = getattr(route, "path", "")
        if path.strip("/") and _beginning(path, 1) not in NOT_PUBLIC:
            yield path


def _topic(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "kind": topic.kind,
        "partitions": topic.partitions,
        "consumers": list(topic.consumers),
        "config": dict(topic.config),
    }


def _acls() -> Mapping[str, list[dict[str, Any]]]:
    """By principal."""
    acls: dict[str, list[dict[str, Any]]] = {}
    for grant in access.grants():
        one = {"type": grant.kind.lower(), "name": grant.name, "operations": grant.operations.split(", ")}
        acls.setdefault(grant.principal, []).append(one)
    return acls


def _yaml(data: Any, what: str) -> str:
    return f"# {what} Written by `make generate`.\n" + yaml.safe_dump(data, sort_keys=False, width=120)
