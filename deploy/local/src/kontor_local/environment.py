"""The environment of each service: addresses, names and the files with its secrets."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kontor_local import keys
from kontor_local.ports import HOST

PREFIX = "KONTOR_"
IDLE: Mapping[str, str] = {"SWEEP_INTERVAL": "2.5", "TIMER_INTERVAL": "2", "LOOK_INTERVAL": "2"}
"""For a stack that waits for people most of the time. There is one process of each service: it publishes what it saved and fires
what it planned at once. Only what a crash left, or what an operator changes by hand, waits for these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where one stack's parts are. `topic_prefix` and `database_suffix` keep stacks apart that share their servers.

    `public_urls`: where a gateway has them, by service. `replication` is how many copies the broker can keep; `management`
    are ports for health and metrics, by service. `console`: where the operators' console is, which signs people in at identity.
    """

    kafka: str
    mongo: str
    smtp_port: int
    urls: Mapping[str, str]
    keys: Path
    management: Mapping[str, int] = field(default_factory=dict)
    public_urls: Mapping[str, str] = field(default_factory=dict)
    console: str = ""
    topic_prefix: str = ""
    database_suffix: str = ""
    replication: int = 1

    def public(self, service: str) -> str:
        """Where people and programs reach a service: a gateway's address, or its own."""
        return self.public_urls.get(service) or self.urls[service]


def environment(service: str, around: Surroundings) -> dict[str, str]:
    """The whole environment of a service's process."""
    identity = around.public("identity")
    # Services need no way through the gateway to each other.
    token = {"TOKEN_URL": f"{around.urls['identity']}/token"} if around.public_urls.get("identity") else {}
    host, port = around.urls[service].removeprefix("http://").split(":")
    settings = {
        **broker_settings(around),
        "MONGO_URL": around.mongo,
        "MONGO_DATABASE": database_name(service, around),
        "HTTP_HOST": host,
        "HTTP_PORT": port,
        "MANAGEMENT_PORT": str(around.management[service]),
        "PUBLIC_URL": around.public(service),
        "IDENTITY_URL": identity,
        "ISSUER": identity,
        "JWKS_URL": f"{around.urls['identity']}/.well-known/jwks.json",
        "CORS_ORIGINS": json.dumps(sorted({around.public(one) for one in around.urls})),
        "SEALING_KEY_FILE": str(around.keys / keys.SEALING_PUBLIC),
        "LOG_LEVEL": "INFO",
        "ENVIRONMENT": "local",
        **token,
        **_of_its_own(service, around),
    }
    return inherited() | {PREFIX + name: value for name, value in settings.items()}


def topics_environment(around: Surroundings) -> dict[str, str]:
    """The environment of the job that creates the topics."""
    copies = {"REPLICATION_FACTOR": str(around.replication)}
    return inherited() | {PREFIX + name: value for name, value in (broker_settings(around) | copies).items()}


def broker_settings(around: Surroundings) -> dict[str, str]:
    prefix = {"TOPIC_PREFIX": around.topic_prefix} if around.topic_prefix else {}
    return {"KAFKA_BOOTSTRAP": around.kafka, **prefix}


def database_name(service: str, around: Surroundings) -> str:
    return f"kontor_{service}{around.database_suffix}"


def inherited() -> dict[str, str]:
    """Our own environment without Kontor's settings: a stack is described by its arguments alone."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return ours | {"PYTHONUNBUFFERED": "1"}


def _of_its_own(service: str, around: Surroundings) -> dict[str, str]:
    match service:
        case "identity":
            return {
                "SIGNING_KEY_FILE": str(around.keys / keys.SIGNING),
                "FACTOR_KEY_FILE": str(around.keys / keys.FACTOR),
                "HASH_SECRET_FILE": str(around.keys / keys.HASH_SECRET),
                "SIGN_IN_CLIENTS": json.dumps(_sign_in_clients(around)),
            }
        case "enrollment":
            return {"HASH_SECRET_FILE": str(around.keys / keys.HASH_SECRET)}
        case "relationships":
            return {"LINK_SECRET_FILE": str(around.keys / keys.LINK_SECRET)}
        case "notifications":
            return {
                "SEALING_KEY_FILE": str(around.keys / keys.SEALING_PRIVATE),
                "SMTP_HOST": HOST,
                "SMTP_PORT": str(around.smtp_port),
                "SMTP_TLS": "none",
                "MAIL_SENDER": "Kontor <no-reply@kontor.example>",
            }
        case _:
            return {}


def _sign_in_clients(around: Surroundings) -> list[dict[str, object]]:
    """The services with pages that ask for a sign-in, and the console."""
    asking = {service: around.public(service) for service in ("relationships",) if service in around.urls}
    if around.console:
        asking["console"] = around.console
    return [{"client_id": client, "redirect_uris": [f"{url.rstrip('/')}/signed-in"]} for client, url in asking.items()]
