"""Bodies that callers send."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

MOST_UNKNOWN = 20
"""Unknown fields of one object that are judged one by one. What has more is refused as a whole, so the work is bounded."""


class Form(BaseModel):
    """A body, or an object in one. An unknown field is refused: the caller would believe that it was saved."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _has_few_unknown_fields(cls, value: Any) -> Any:
        if isinstance(value, dict) and len(value) > len(cls.model_fields) + MOST_UNKNOWN:
            raise PydanticCustomError("too_many_fields", "too many unknown fields")
        return value
