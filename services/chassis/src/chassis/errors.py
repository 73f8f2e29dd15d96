"""The errors a command can end with. Everything else that is raised is a bug."""

from datetime import datetime
from typing import ClassVar, Literal

from kontor_contracts import Refusal


class TransientError(Exception):
    """Try again later: the database or the broker is away, or the aggregate is busy. Nothing was decided."""


class UnavailableError(TransientError):
    """A server we need does not answer. A write may or may not have happened; the same command again is safe."""


class ContendedError(TransientError):
    """Too many writers on one aggregate at once."""


class BackpressureError(TransientError):
    """The aggregate has as many unpublished events as it may hold, because the broker takes none."""


class PermanentError(Exception):
    """Trying again changes nothing; over Kafka the record is parked."""


class TooLargeError(PermanentError):
    """An event or a document is larger than the topic or the database takes."""


class SequenceJumpError(PermanentError):
    """An event's number is so far ahead of the last one that it cannot be right."""


class TakenError(PermanentError):
    """Another aggregate holds this unique value. ``name`` is the key's name, such as ``email``."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} is taken")


class KeyRefusedError(PermanentError):
    """A command is not looked at because of its id. ``reason`` in the words of a refusal on the bus."""

    reason: ClassVar[Literal["id-reused", "too-late"]]


class ReusedKeyError(KeyRefusedError):
    """An id came again with another content: an Idempotency-Key, or the id of a message."""

    reason = "id-reused"


class ExpiredKeyError(KeyRefusedError):
    """A command was carried out and its answer is gone, or it is older than what its document remembers."""

    reason = "too-late"


class TooManyCommandsError(Exception):
    """A document has had as many commands as it can recognize a repetition of. ``until`` then it takes no more."""

    def __init__(self, text: str, until: datetime) -> None:
        super().__init__(text)
        self.until = until


class RefusedError(Exception):
    """The domain refused a command that somebody waits for."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.reason)
