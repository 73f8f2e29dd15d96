"""Settings, and how they are read from the environment. A face of the chassis for services."""

from chassis.configuration.loading import readable
from chassis.configuration.settings import HashSecretFile, PrivateKeyFile, SecretFile

__all__ = [
    "HashSecretFile",
    "PrivateKeyFile",
    "SecretFile",
    "readable",
]
