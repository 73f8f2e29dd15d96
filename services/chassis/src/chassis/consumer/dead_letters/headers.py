"""What is written into ``<group>.dlq`` (`kontor_contracts.deadletters`): parked records with bytes and headers untouched.

What is added are headers ``dlq-*``, all UTF-8 text. No stack trace and no payload text: both may hold personal data;
the log has the trace under the same fingerprint.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from chassis.errors import PermanentError
from kontor_contracts import MalformedError, UnknownTypeError
from kontor_contracts.deadletters import number, with_notes

Stage = Literal["parse", "validate", "handle", "wait"]
MAX_MESSAGE = 500
REPEATED = ("dlq-replay-id", "dlq-operator", "dlq-reason")
"""What an operator's tool writes on a replay comes back on whatever becomes of it."""


class WaitingError(PermanentError):
    """Nothing is wrong with the record: one of its key before it is parked."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a record is parked.

    ``blocks``: it has a place in the order of its key, so what is behind it must wait. ``source``: what the record says
    of its writer, None where that cannot be read. ``claims``: its attributes as far as they could be read, unchecked.
    """

    stage: Stage
    error: Exception
    attempts: int = 1
    blocks: bool = True
    source: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def by_writer(self) -> bool:
        """Whether the writer is at fault: the record breaks the contract, whatever we do."""
        return self.stage in ("parse", "validate")


def fingerprint(topic: str, stage: Stage, error: BaseException) -> str:
    """The same for records that fail alike: what an operator groups by."""
    frames = error.__traceback__
    while frames is not None and frames.tb_next is not None:
        frames = frames.tb_next
    place = f"{frames.tb_frame.f_code.co_name}:{frames.tb_lineno}" if frames else ""
    return hashlib.blake2b(f"{topic}|{stage}|{type(error).__name__}|{place}".encode(), digest_size=8).hexdigest()


def dead_letter_headers(
    record: Any,
    failure: Failure,
    *,
    group: str,
    version: str,
    blocked_key: str | None,
    now: datetime,
    replay: Mapping[str, str],
) -> list[tuple[str, bytes | None]]:
    """The original headers, null and non-UTF-8 ones included, then ours. ``replay``: the notes on it if it was replayed."""
    error = failure.error
    ours = {
        "dlq-original-topic": record.topic,
        "dlq-original-partition": str(record.partition),
        "dlq-original-offset": str(record.offset),
        "dlq-original-timestamp": str(record.timestamp),
        "dlq-consumer-group": group,
        "dlq-service-version": version,
        "dlq-stage": failure.stage,
        "dlq-error-class": type(error).__name__,
        "dlq-error-message": _message(error),
        "dlq-attempts": str(failure.attempts),
        "dlq-failed-at": now.isoformat(),
        "dlq-fingerprint": fingerprint(record.topic, failure.stage, error),
        "dlq-replay-count": str((number(replay.get("dlq-replay-count", "")) or 0) + bool(replay)),
    }
    if blocked_key is not None:
        ours["dlq-lane"] = blocked_key
    return with_notes(record.headers, {**ours, **_repeated(replay)})


def marker_headers(
    says: Mapping[str, str], *, group: str, now: datetime, replay: Mapping[str, str]
) -> list[tuple[str, bytes | None]]:
    """Of a resolution or a refusal."""
    return with_notes((), {**_repeated(replay), **says, "dlq-consumer-group": group, "dlq-at": now.isoformat()})


def _repeated(replay: Mapping[str, str]) -> dict[str, str]:
    return {name: replay[name] for name in REPEATED if name in replay}


def _message(error: BaseException) -> str:
    """Ours say nothing of a payload; what others say may quote it."""
    known = isinstance(error, (PermanentError, MalformedError, UnknownTypeError))
    return _printable(str(error))[:MAX_MESSAGE] if known else "unexpected; the log has it under the fingerprint"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
