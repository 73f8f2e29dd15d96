"""The one-time codes that a browser's session handed to other services' pages (RFC 6749, 4.1; RFC 7636). Pure.

One document per session. A code counts once, for a minute, for the client and the return address that it was made for,
and only together with the verifier whose challenge came with the request.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal, assert_never

from kontor_contracts.envelope import Refusal

MOST_CODES = 8
"""Codes of one session that wait at a time, one per tab that is on its way. The oldest goes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Stored as a hash. ``scope`` empty: all that the user's roles permit."""

    code_hash: str
    client_id: str
    redirect_uri: str
    challenge: str
    scope: tuple[str, ...] = ()
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Authorizations:
    codes: tuple[Code, ...] = ()

    def code(self, code_hash: str) -> Code | None:
        return next((each for each in self.codes if each.code_hash == code_hash), None)


@dataclass(frozen=True, slots=True)
class IssueCode:
    code: Code
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemCode:
    """``challenge`` is what the verifier that was sent hashes to."""

    code_hash: str
    client_id: str
    redirect_uri: str
    challenge: str
    at: datetime


Command = IssueCode | RedeemCode


@dataclass(frozen=True, slots=True)
class CodeIssued:
    code: Code
    at: datetime


@dataclass(frozen=True, slots=True)
class CodeRedeemed:
    """``scope``: of the code that it was."""

    code_hash: str
    scope: tuple[str, ...]


class CodeRefused(Refusal):
    """All reasons look alike: whoever holds a wrong code learns nothing from the answer."""

    TYPE: ClassVar[str] = "kontor.identity.code-refused.v1"
    reason: Literal["invalid-grant"] = "invalid-grant"
    detail: str = "the code was used, is too old or belongs to another request"


Fact = CodeIssued | CodeRedeemed | CodeRefused


def decide(command: Command, state: Authorizations) -> list[Fact]:
    match command:
        case IssueCode(code, at):
            return [] if state.code(code.code_hash) else [CodeIssued(code, at)]
        case RedeemCode():
            return _redeem(command, state)
        case _:
            assert_never(command)


def evolve(state: Authorizations, fact: Fact) -> Authorizations:
    match fact:
        case CodeIssued(code, at):
            waiting = [each for each in state.codes if at < each.expires_at]
            return replace(state, codes=(*waiting, code)[-MOST_CODES:])
        case CodeRedeemed(code_hash=code_hash):
            return replace(state, codes=tuple(each for each in state.codes if each.code_hash != code_hash))
        case CodeRefused():
            return state
        case _:
            assert_never(fact)


def _redeem(command: RedeemCode, state: Authorizations) -> list[Fact]:
    code = state.code(command.code_hash)
    if code is None or not _fits(command, code):
        return [CodeRefused()]
    return [CodeRedeemed(code.code_hash, code.scope)]


def _fits(command: RedeemCode, code: Code) -> bool:
    return (
        command.at < code.expires_at
        and code.client_id == command.client_id
        and code.redirect_uri == command.redirect_uri
        and code.challenge == command.challenge
    )
