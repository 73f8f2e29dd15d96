"""Has uploaded files scanned, for instance for viruses, by a command or a server of the operator's.

The command gets the file as its input. It ends with 0 if the file is accepted and with 1 if it is refused, as ``clamdscan -``
does. The server gets the file by POST and answers 2xx or 422. Anything else is a fault of the scanner: nothing is stored,
and the upload is to be repeated.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from http import HTTPStatus

import structlog

from chassis import UnavailableError, ask

log = structlog.get_logger("enrollment.scanning")

Scan = Callable[[bytes, str], Awaitable[bool]]
"""Whether the file, of this content type, is accepted. Raises UnavailableError where the scanner does not say."""

AT_ONCE = 4
"""Scans at a time: each holds a whole file."""
REFUSED = 1


def scanner(command: Sequence[str], url: str, seconds: float) -> Scan:
    """Both are asked where both are given; without either every file is accepted."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def scan(content: bytes, content_type: str) -> bool:
        async with slots:
            if command and not await _by_command(command, content, seconds):
                return False
            return not url or await _by_server(url, content, content_type, seconds)

    return scan


async def _by_command(command: Sequence[str], content: bytes, seconds: float) -> bool:
    quiet = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=quiet, stderr=quiet
        )
    except OSError as error:
        raise _unavailable(type(error).__name__) from error
    try:
        async with asyncio.timeout(seconds):
            await process.communicate(content)
    except TimeoutError as error:
        raise _unavailable("timeout") from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode in {0, REFUSED}:
        return process.returncode == 0
    raise _unavailable(f"exit status {process.returncode}")


async def _by_server(url: str, content: bytes, content_type: str, seconds: float) -> bool:
    try:
        answer = await ask("POST", url, timeout=seconds, content=content, headers={"content-type": content_type})
    except UnavailableError as error:
        raise _unavailable(str(error)) from error
    if answer.is_success or answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        return answer.is_success
    raise _unavailable(f"status {answer.status_code}")


def _unavailable(fault: str) -> UnavailableError:
    log.warning("document_scanner_unavailable", fault=fault)
    return UnavailableError(f"the scanner of documents gave no result: {fault}")
