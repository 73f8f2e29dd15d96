"""What the fields and parameters of the HTTP APIs mean, each with an example. The OpenAPI documents take both from here.

A name means the same everywhere; where it cannot, ``Model.name`` goes before ``name``. A description at the field itself goes
before both. Fields with a closed list of values, dates, flags and nested objects need no example of their own.
"""

from collections.abc import Mapping

from kontor_contracts.fields.enrollment import ENROLLMENT
from kontor_contracts.fields.identity import IDENTITY
from kontor_contracts.fields.notifications import NOTIFICATIONS
from kontor_contracts.fields.relationships import RELATIONSHIPS
from kontor_contracts.fields.requests import REQUESTS
from kontor_contracts.fields.text import Text

__all__ = ["FIELDS", "MATTERS", "Text", "text_of"]

MATTERS = (REQUESTS, IDENTITY, ENROLLMENT, RELATIONSHIPS, NOTIFICATIONS)
"""A name stands in one of them."""
FIELDS: Mapping[str, Text] = {name: text for matter in MATTERS for name, text in matter.items()}


def text_of(model: str, name: str) -> Text | None:
    return FIELDS.get(f"{model}.{name}") or FIELDS.get(name)
