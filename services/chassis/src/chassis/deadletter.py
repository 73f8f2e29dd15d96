"""Parking: a record that will never be applied goes to ``<group>.dlq`` with its bytes and headers untouched.

What is added are headers ``dlq-*``, all UTF-8 text. No stack trace and no payload text: both may hold personal data;
the log has the trace under the same fingerprint.
"""

import hashlib
from datetime import datetime
from typing import Any, Literal

Stage = Literal["parse", "validate", "handle"]
MAX_MESSAGE = 500


def fingerprint(topic: str, stage: Stage, error: BaseException) -> str:
    """The same for records that fail alike: what an operator groups by."""
    frames = error.__traceback__
    while frames is not None and frames.tb_next is not None:
        frames = frames.tb_next
    place = f"{frames.tb_frame.f_code.co_name}:{frames.tb_lineno}" if frames else ""
    return hashlib.blake2b(f"{topic}|{stage}|{type(error).__name__}|{place}".encode(), digest_size=8).hexdigest()


def dead_letter_headers(
    record: Any, *, group: str, version: str, stage: Stage, error: BaseException, attempts: int, now: datetime
) -> list[tuple[str, bytes | None]]:
    """The original headers, null and non-UTF-8 ones included, then ours."""
    ours = {
        "dlq-original-topic": record.topic,
        "dlq-original-partition": str(record.partition),
        "dlq-original-offset": str(record.offset),
        "dlq-original-timestamp": str(record.timestamp),
        "dlq-consumer-group": group,
        "dlq-service-version": version,
        "dlq-stage": stage,
        "dlq-error-class": type(error).__name__,
        "dlq-error-message": _printable(str(error))[:MAX_MESSAGE],
        "dlq-attempts": str(attempts),
        "dlq-failed-at": now.isoformat(),
        "dlq-fingerprint": fingerprint(record.topic, stage, error),
    }
    return [*record.headers, *((name, text.encode()) for name, text in ours.items())]


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
