"""Sealed secrets and keyed hashes. A face of the chassis for services."""

from chassis.crypto.keyed_hash import KeyedHash
from chassis.crypto.sealing import Sealer, UnsealableError

__all__ = [
    "KeyedHash",
    "Sealer",
    "UnsealableError",
]
