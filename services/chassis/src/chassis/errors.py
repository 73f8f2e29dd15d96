"""The fates of a command that did not go through. Everything else that is raised is a bug."""

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


class TakenError(PermanentError):
    """Another aggregate holds this unique value. ``name`` is the key's name, such as ``email``."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} is taken")


class ReusedKeyError(PermanentError):
    """An Idempotency-Key was sent again with another request."""


class RefusedError(Exception):
    """The domain said no to a command that somebody waits for."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.reason)
