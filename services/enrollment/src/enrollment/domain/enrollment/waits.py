"""How long an enrollment waits, in days. The operator sets it; an enrollment keeps what held when it began."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """``draft``, ``contact``, ``signature``: before the enrollment ends by itself. ``retention``: of a closed one's contacts.

    ``reauthorization``: from one yearly confirmation to the next, announced ``reauthorization_notice`` days before.
    ``enroll_again``: after a missed one, before the company may enroll again.
    """

    draft: int = 30
    contact: int = 30
    signature: int = 90
    reauthorization: int = 365
    reauthorization_notice: int = 90
    enroll_again: int = 365
    retention: int = 1095


USUAL = Waits()
