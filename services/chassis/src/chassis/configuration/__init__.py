"""Settings, and how they are read from the environment. A face of the chassis for services."""

from chassis.configuration.loading import readable
from chassis.configuration.values import CertificateFile, PrivateKeyFile, SecretFile, SecretLinesFile, Url

__all__ = [
    "CertificateFile",
    "PrivateKeyFile",
    "SecretFile",
    "SecretLinesFile",
    "Url",
    "readable",
]
