"""What becomes of an enrollment when its work account changes under it. Pure.

A draft belongs to the country and the kind that the account had: where they were corrected, the company starts another
one. Where the account is erased, its partner id is free again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from enrollment.domain.state import CLOSED, Enrollment, Fact, reached

BY = "service:identity"


@dataclass(frozen=True, slots=True)
class FollowCorrection:
    """Country or kind of the account are others now."""

    at: datetime


@dataclass(frozen=True, slots=True)
class EndWithAccount:
    """The account was closed, and the time to reopen it is over."""

    at: datetime


AccountCommand = FollowCorrection | EndWithAccount


def follow_account(command: AccountCommand, state: Enrollment) -> list[Fact]:
    match command:
        case FollowCorrection(at):
            return [reached("cancelled", at, BY)] if state.status == "draft" else []
        case EndWithAccount(at):
            # An active partner's account is not closed, so an enrollment that became active since stays.
            over = state.status is None or state.status == "active" or state.status in CLOSED
            return [] if over else [reached("cancelled", at, BY)]
        case _:
            assert_never(command)
