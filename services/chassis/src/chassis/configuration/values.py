"""Kinds of values that settings have, each refused with its remedy where it cannot be right."""

import re
import ssl
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

from chassis.configuration import clock
from chassis.configuration.loading import readable
from chassis.crypto.keyed_hash import secrets_of
from chassis.crypto.sealing import Sealer
from kontor_contracts.topics import BY_NAME

TOPIC_NAME = re.compile(r"[A-Za-z0-9._-]{1,249}")


def address(text: str) -> str:
    """``host:port``, several by comma."""
    for one in text.split(","):
        host, _, port = one.strip().rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError(f"{one.strip()!r} is no address; write host:port, several by comma")
    return text


def _url(text: str) -> str:
    if urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).hostname:
        raise ValueError(f"{text!r} is no URL; write https://host or https://host/path")
    return text


def foreign_topic(name: str) -> str:
    """A topic of somebody else, whatever prefix ours have."""
    if not TOPIC_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no topic's name; write letters, digits and . _ -")
    if own := next((topic for topic in BY_NAME if name.endswith(topic)), None):
        raise ValueError(f"{name!r} may be Kontor's own {own}; name a topic of the portal")
    return name


def database(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("mongodb://", "mongodb+srv://")):
        raise ValueError("this is no address of a database; write mongodb://host:port")
    return url


Url = Annotated[str, AfterValidator(_url)]
SecretFile = Annotated[Path, readable()]
PrivateKeyFile = Annotated[
    Path, readable(lambda file: Sealer(file, private=True), "a private X25519 key as JWK, or a JWK set of them")
]
SecretLinesFile = Annotated[Path, readable(secrets_of, "a secret of 32 characters or more, one a line")]
KeyFile = Annotated[Path, readable(Sealer, "an X25519 key as JWK, or a JWK set of them")]
ClockFile = Annotated[Path, readable(clock.moved_by, "a number of seconds")]
CertificateFile = Annotated[Path, readable(lambda file: ssl.create_default_context(cafile=file), "PEM certificates")]
