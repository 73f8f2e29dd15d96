"""The portals that may import customers: by which ``source`` each speaks, and for which partners."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from kontor_contracts.values import PartnerId


class Portal(BaseModel):
    """``partner_ids``: those that it may speak for; ``any`` for a portal of the program itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    partner_ids: Literal["any"] | frozenset[PartnerId] = "any"


FILE: TypeAdapter[dict[str, Portal]] = TypeAdapter(dict[str, Portal])


def read(file: Path) -> Mapping[str, Portal]:
    """Raises ValueError, OSError."""
    return FILE.validate_python(json.loads(file.read_bytes()))


class Portals:
    """``known`` None: whoever can write to the topic is believed, as is fit for development alone."""

    def __init__(self, known: Mapping[str, Portal] | None) -> None:
        self._known = known

    def speaks(self, portal: str, source: str) -> bool:
        """Whether a message of this source may say that it comes from the portal."""
        if self._known is None:
            return True
        registered = self._known.get(portal)
        return registered is not None and registered.source == source

    def may_speak_for(self, portal: str, partner_id: str) -> bool:
        if self._known is None:
            return True
        registered = self._known.get(portal)
        return registered is not None and (registered.partner_ids == "any" or partner_id in registered.partner_ids)
