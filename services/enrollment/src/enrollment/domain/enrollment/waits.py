"""How long an enrollment waits, in days. The operator sets it; an enrollment keeps what held when it began."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """``draft``, ``contact``, ``signature``: before the enrollment ends by itself. ``retention``: of a closed one's contacts.

    ``reauthorization``: from one yearly confirmation to the next, announced ``reauthorization_notice`` days before.
    ``enroll_again``: after a missed one, before the company may enroll again. ``review``: business days until a review is due.
    ``documents``: for the answer to a request for documents. ``appeal``: after a rejection. ``undo``: after a contact's "not
    me". ``settle``: after a rejected change of the legal profile, before the suspension.
    """

    draft: int = 30
    contact: int = 30
    signature: int = 90
    reauthorization: int = 365
    reauthorization_notice: int = 90
    enroll_again: int = 365
    retention: int = 1095
    review: int = 5
    documents: int = 30
    appeal: int = 30
    undo: int = 7
    settle: int = 30


USUAL = Waits()
