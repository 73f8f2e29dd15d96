"""The forms of pages: their fields, and their description in the OpenAPI document."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

MORE_FIELDS_THAN_A_FORM_HAS = 10
LONGEST_VALUE = 8192
"""Of a field: a sealed request has some hundred characters."""


def form_values(body: bytes) -> dict[str, str]:
    """The fields of a form, each once. A body that no browser sends is an empty form: a person always gets a page."""
    try:
        fields = parse_qs(body.decode(), max_num_fields=MORE_FIELDS_THAN_A_FORM_HAS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items() if len(values[0]) <= LONGEST_VALUE}


def form_body(*names: str, optional: Sequence[str] = (), **choices: Sequence[str]) -> dict[str, Any]:
    """How a form with these fields is described in the OpenAPI document. ``choices``: fields with a closed list of values."""
    properties: dict[str, Any] = {name: {"type": "string"} for name in (*names, *optional)}
    properties |= {name: {"enum": list(values)} for name, values in choices.items()}
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required := [name for name in properties if name not in optional]:
        schema["required"] = required
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}
