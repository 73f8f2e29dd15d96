"""The text of a field, and values that the examples share."""

from typing import Any, NamedTuple


class Text(NamedTuple):
    """``example`` None: it follows from the form of the value."""

    description: str
    example: Any = None


USER = "0f8fad5b-d9cb-469f-a165-70867728950e"
ORGANIZATION = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
KEY = "5f3a1c9e-7b1d-5d0e-9a55-2d6b1c0f4e11"
IN_LINK = "5f3a1c9e-7b1d-5d0e-9a55-2d6b1c0f4e11.Zk1hV9bQ3s"
