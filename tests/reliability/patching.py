"""Faults and mistakes are put in from outside, by name: no type checker can follow, and none should."""

from typing import Any


def patch(owner: Any, name: str, replacement: Any) -> None:
    """From now on ``owner.name`` is this, for everybody in the process."""
    setattr(owner, name, replacement)
