"""The words of an agreement that somebody has signed: kept for ever, whatever later releases ship. Key: their SHA-256."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignedText:
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class KeepText:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class TextKept:
    title: str
    text: str


def decide(command: KeepText, state: SignedText) -> list[TextKept]:
    return [] if state.text else [TextKept(command.title, command.text)]


def evolve(_: SignedText, event: TextKept) -> SignedText:
    return SignedText(event.title, event.text)
