"""Facts about a customer that are not announced themselves."""

from dataclasses import dataclass
from datetime import datetime

from kontor_contracts.customer_matches import ReturnedRelationship
from relationships.domain.customer.state import Match


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The whole of what came with a match. `RelationshipsMoved` announces what others may know of it."""

    match: Match


@dataclass(frozen=True, slots=True)
class Restored:
    """What the imported customer has again."""

    returned: tuple[ReturnedRelationship, ...]
    at: datetime
