"""Signatures of the partner agreement: who agreed to which words, and when."""

from dataclasses import dataclass
from datetime import datetime

SIGNATURES_KEPT = 50


@dataclass(frozen=True, slots=True)
class Signature:
    """``sha256``: of the words that were signed, in their language."""

    version: str
    region: str
    language: str
    sha256: str
    signer: str
    at: datetime
