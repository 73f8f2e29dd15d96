"""Uploaded files are judged by their content, and by the operator's scanner."""

import asyncio
import sys

import pytest
from unit.enrollment.story import NOW, WEEK

from chassis import UnavailableError
from enrollment.domain.upload import BeginUpload, EndUpload, EraseUpload, KeepUpload, Upload, decide, evolve
from enrollment.file_types import JPEG, PDF, PNG, content_type_of, file_name
from enrollment.scanning import scanner

WHOLE = {
    PDF: b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n",
    PNG: b"\x89PNG\r\n\x1a\n" + bytes(20) + b"IEND\xaeB`\x82",
    JPEG: b"\xff\xd8\xff\xe0" + bytes(20) + b"\xff\xd9",
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_is_known_by_its_content(kind: str) -> None:
    assert content_type_of(WHOLE[kind]) == kind
    assert content_type_of(WHOLE[kind][:-9]) is None
    assert content_type_of(b" " + WHOLE[kind]) is None


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-", b"MZ\x90\x00%PDF-1.7 %%EOF", b"<html>%PDF-1.7 %%EOF", b"GIF89a", b"PK\x03\x04"]
)
def test_another_content_is_no_document(content: bytes) -> None:
    assert content_type_of(content) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("lease.pdf", "lease.pdf"),
        ("Mietvertrag Köln.exe", "Mietvertrag Köln.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\anna\\lease.docx", "lease.pdf"),
        ('a"b\u202efdp.exe', "abfdp.pdf"),
        (".pdf", "document.pdf"),
        ("...", "document.pdf"),
        ("x" * 190, "x" * 100 + ".pdf"),
    ],
)
def test_a_name_is_made_harmless_and_ends_as_its_content(given: str, kept: str) -> None:
    assert file_name(given, PDF) == kept


def program(text: str) -> list[str]:
    return [sys.executable, "-c", f"import sys; content = sys.stdin.buffer.read(); {text}"]


@pytest.mark.parametrize(("content", "accepted"), [(b"harmless", True), (b"a virus", False)])
async def test_a_scan_command_accepts_and_refuses(content: bytes, accepted: bool) -> None:
    scan = scanner(program("sys.exit(b'virus' in content)"), "", 60)
    assert await scan(content, PDF) is accepted


@pytest.mark.parametrize("command", [program("sys.exit(2)"), ["/nowhere/scan"]])
async def test_a_scan_command_that_fails_accepts_nothing(command: list[str]) -> None:
    with pytest.raises(UnavailableError):
        await scanner(command, "", 60)(b"harmless", PDF)


async def test_a_scan_command_that_hangs_is_ended() -> None:
    with pytest.raises(UnavailableError):
        await scanner(program("import time; time.sleep(600)"), "", 0.2)(b"harmless", PDF)


@pytest.mark.parametrize(
    ("status", "accepted"), [("204 No Content", True), ("422 Unprocessable", False), ("500 Error", None)]
)
async def test_a_scan_server_accepts_and_refuses(status: str, accepted: bool | None) -> None:
    received: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        received.extend([head, await reader.readexactly(len(WHOLE[PDF]))])
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        scan = scanner([], f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/scan", 30)
        if accepted is None:
            with pytest.raises(UnavailableError):
                await scan(WHOLE[PDF], PDF)
        else:
            assert await scan(WHOLE[PDF], PDF) is accepted
    assert b"content-type: application/pdf" in received[0].lower()
    assert received[1] == WHOLE[PDF]


async def test_without_a_scanner_a_file_is_accepted() -> None:
    assert await scanner([], "", 1)(b"anything", PDF)


def test_an_upload_is_looked_at_until_it_is_deleted() -> None:
    begun = evolve(Upload(), decide(BeginUpload("e-1", "org-1", NOW), Upload())[0])
    assert begun.due == NOW
    (kept,) = decide(KeepUpload(NOW + WEEK), begun)
    assert evolve(begun, kept).due == NOW + WEEK
    (erased,) = decide(EraseUpload(NOW + WEEK), begun)
    gone = evolve(begun, erased)
    assert (gone.due, decide(KeepUpload(NOW), gone)) == (NOW + WEEK, [])
    (ended,) = decide(EndUpload(), gone)
    assert evolve(gone, ended).due is None
    assert decide(EndUpload(), evolve(gone, ended)) == []
