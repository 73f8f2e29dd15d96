"""ETag and If-Match (RFC 9110) of enrollments."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Response

from enrollment.domain.enrollment.decide import Command
from enrollment.domain.enrollment.revisions import IfRevision

TAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')
UNREADABLE = -1
"""No enrollment has it, so what is no tag of ours matches none."""
CHANGED: dict[int | str, dict[str, Any]] = {
    412: {"description": "The enrollment has changed since the revision that If-Match names."}
}
IF_MATCH = Header(
    alias="If-Match",
    max_length=40,
    description="The ETag of the enrollment as you read it: the request is refused with 412 if it has changed since. "
    "Without it, or with *, the request is carried out whatever has changed.",
    examples=['"12"'],
)


@dataclass(frozen=True, slots=True)
class ReadRevision:
    """``number``: the revision that the caller has read; None: any. ``response``: of the request, for the ETag."""

    number: int | None
    response: Response

    def guards(self, command: Command) -> Command | IfRevision:
        return command if self.number is None else IfRevision(self.number, command)

    def tag(self, revision: int) -> None:
        self.response.headers["etag"] = f'"{revision}"'


async def _revision(response: Response, if_match: Annotated[str | None, IF_MATCH] = None) -> ReadRevision:
    if if_match is None or if_match.strip() == "*":
        return ReadRevision(None, response)
    found = TAG.fullmatch(if_match.strip())
    return ReadRevision(int(found[1]) if found else UNREADABLE, response)


Revision = Annotated[ReadRevision, Depends(_revision)]
"""What the caller has read of the enrollment that it changes."""


def tag(response: Response, revision: int) -> None:
    """For reads."""
    response.headers["etag"] = f'"{revision}"'
