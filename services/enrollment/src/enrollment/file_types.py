"""Recognizes an uploaded file by its content. Its name and what the client says about it are not asked."""

from collections.abc import Mapping

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
ENDINGS: Mapping[str, str] = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg"}
ACCEPTED = "PDF, PNG or JPEG"

_PNG_END = b"IEND\xaeB`\x82"
_TAIL = 1024
"""Where a PDF's end marker is; writers put a few bytes behind it."""


def content_type_of(content: bytes) -> str | None:
    """None: it is of no accepted type, or its end is missing. The first bytes decide, so a file is of one type alone."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-_TAIL:]:
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n") and _PNG_END in content[-_TAIL:]:
        return PNG
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-_TAIL:]:
        return JPEG
    return None


def file_name(given: str, content_type: str) -> str:
    """The last part of the given name, with the ending that fits the content."""
    name = "".join(c for c in given.replace("\\", "/").rpartition("/")[2] if c.isprintable() and c not in '"<>|:*?')
    stem = name.rpartition(".")[0] if "." in name else name
    return (stem.strip(" .")[:100] or "document") + ENDINGS[content_type]
