"""Authorization codes of a browser session (RFC 6749, 4.1; RFC 7636). Pure.

One document per session. A code is valid once, for a minute, for its client and return address, and only with the verifier
of the request's challenge.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal, assert_never

from kontor_contracts.envelope import Refusal

MOST_CODES = 8
"""Unredeemed codes of one session, one per open tab. The oldest is dropped first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code, stored as a hash. Empty ``scope``: every permission of the user's roles.

    ``nonce``: of the request, for the ID token.
    """

    code_hash: str
    client_id: str
    redirect_uri: str
    challenge: str
    scope: tuple[str, ...] = ()
    nonce: str = ""
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
    """``challenge``: the hash of the verifier in the token request."""

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
    """``scope`` and ``nonce``: those of the redeemed code."""

    code_hash: str
    scope: tuple[str, ...]
    nonce: str = ""


class CodeRefused(Refusal):
    """One reason for every fault, so that the answer reveals nothing about a code."""

    TYPE: ClassVar[str] = "kontor.identity.code-refused.v1"
    reason: Literal["invalid-grant"] = "invalid-grant"
    detail: str = "the code was used, has expired or belongs to another request; sign in again"


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
    return [CodeRedeemed(code.code_hash, code.scope, code.nonce)]


def _fits(command: RedeemCode, code: Code) -> bool:
    return (
        command.at < code.expires_at
        and code.client_id == command.client_id
        and code.redirect_uri == command.redirect_uri
        and code.challenge == command.challenge
    )
