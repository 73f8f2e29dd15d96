"""The portals that may import customers: the ``source`` of their messages, and their partners."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from chassis import InvalidError
from kontor_contracts import Envelope
from kontor_contracts.values import PartnerId


class Portal(BaseModel):
    """``partner_ids``: the partners whose customers it may import; ``any`` for a portal of the program itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    partner_ids: Literal["any"] | frozenset[PartnerId] = "any"


FILE: TypeAdapter[dict[str, Portal]] = TypeAdapter(dict[str, Portal])


def read(file: Path) -> Mapping[str, Portal]:
    """Raises ValueError, OSError."""
    return FILE.validate_python(json.loads(file.read_bytes()))


class Portals:
    """``known`` None: every writer to the topic may import. For development only."""

    def __init__(self, known: Mapping[str, Portal] | None) -> None:
        self._known = known

    def speaks(self, portal: str, source: str) -> bool:
        """Whether messages of the portal come with this source."""
        if self._known is None:
            return True
        registered = self._known.get(portal)
        return registered is not None and registered.source == source

    def judge(self, message: Envelope[Any], portal: str, about: str) -> None:
        """Whether the message is the portal's, and its key the right one. ``about``: what the key names. Raises InvalidError."""
        if message.partitionkey != f"{portal}:{about}":
            raise InvalidError(f"partitionkey: it must be {portal}:{about}, or the order per customer is lost")
        if not self.speaks(portal, message.source):
            raise InvalidError(
                f"source: portal {portal} is not registered with it; see KONTOR_PORTALS_FILE", stray=True
            )

    def may_speak_for(self, portal: str, partner_id: str) -> bool:
        """Whether the portal may import customers for this partner."""
        if self._known is None:
            return True
        registered = self._known.get(portal)
        return registered is not None and (registered.partner_ids == "any" or partner_id in registered.partner_ids)
