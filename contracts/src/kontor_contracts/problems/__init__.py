"""Every ``code`` of a problem (RFC 9457) that a service may answer with: by service, with its statuses and what it means.

A code never changes its meaning. New ones are added; callers take one that they do not know by its status. A test of the
services fails where a code is missing here, and where one stands here that no service uses.
"""

from collections.abc import Mapping
from functools import cache

from kontor_contracts.problems.enrollment import ENROLLMENT
from kontor_contracts.problems.everywhere import EVERYWHERE
from kontor_contracts.problems.identity import IDENTITY
from kontor_contracts.problems.meaning import Meaning
from kontor_contracts.problems.notifications import NOTIFICATIONS
from kontor_contracts.problems.relationships import RELATIONSHIPS

__all__ = ["EVERYWHERE", "OWN", "Meaning", "codes_of"]

OWN: Mapping[str, Mapping[str, Meaning]] = {
    "identity": IDENTITY,
    "enrollment": ENROLLMENT,
    "relationships": RELATIONSHIPS,
    "notifications": NOTIFICATIONS,
}


@cache
def codes_of(service: str) -> Mapping[str, Meaning]:
    """All that this service may answer with."""
    return {**EVERYWHERE, **OWN.get(service, {})}
