"""Links an external (OpenID Connect) identity to a local user. Pure.

The document's id is derived from the issuer and its subject (``sub``). An issuer never changes a subject and never reuses
it; an address may be reused. So the address finds the user at the first sign-in, and this link from then on, until the
user is purged.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, assert_never

from kontor_contracts.envelope import Refusal


@dataclass(frozen=True, slots=True)
class Link:
    user_id: str = ""
    organization_id: str = ""
    linked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkUser:
    user_id: str
    organization_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class UnlinkUser:
    """Remove the link of a purged user. At the next sign-in the address counts again."""

    user_id: str


Command = LinkUser | UnlinkUser


@dataclass(frozen=True, slots=True)
class UserLinked:
    user_id: str
    organization_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class UserUnlinked:
    """The link is removed."""


class LinkRefused(Refusal):
    TYPE: ClassVar[str] = "kontor.identity.link-refused.v1"
    reason: Literal["linked-otherwise"] = "linked-otherwise"
    detail: str = "this external identity is linked to another user; ask an administrator"


Fact = UserLinked | UserUnlinked | LinkRefused


def decide(command: Command, state: Link) -> list[Fact]:
    match command:
        case LinkUser():
            return _link(command, state)
        case UnlinkUser(user_id):
            return [UserUnlinked()] if user_id and state.user_id == user_id else []
        case _:
            assert_never(command)


def evolve(state: Link, fact: Fact) -> Link:
    match fact:
        case UserLinked(user_id, organization_id, at):
            return Link(user_id, organization_id, at)
        case UserUnlinked():
            return Link()
        case LinkRefused():
            return state
        case _:
            assert_never(fact)


def _link(command: LinkUser, state: Link) -> list[Fact]:
    if state.user_id:
        return [] if state.user_id == command.user_id else [LinkRefused()]
    return [UserLinked(command.user_id, command.organization_id, command.at)]
