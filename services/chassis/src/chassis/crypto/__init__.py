"""Sealed secrets and keyed hashes. A face of the chassis for services."""

from chassis.crypto.keyed_hash import KeyedHash, secrets_of
from chassis.crypto.sealing import Sealer, UnknownKeyError, UnsealableError
from chassis.crypto.watched_file import WatchedFile

__all__ = [
    "KeyedHash",
    "Sealer",
    "UnknownKeyError",
    "UnsealableError",
    "WatchedFile",
    "secrets_of",
]
