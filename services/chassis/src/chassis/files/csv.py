"""CSV as spreadsheets write and read it: separators, encodings, and cells that must not become formulas."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from fastapi.responses import StreamingResponse

from chassis.auth.callers import Caller
from chassis.http.problems import ProblemError

CSV_TYPES = ("text/csv", "application/csv", "application/vnd.ms-excel", "text/tab-separated-values")
"""Browsers on machines with a spreadsheet name the second and third for ``.csv`` files."""
CSV_ANSWER: dict[int | str, dict[str, Any]] = {200: {"description": "CSV", "content": {"text/csv": {}}}}

SEPARATORS = (",", ";", "\t")
BOM = "\ufeff"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of spreadsheet programs begin that are no text."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Also in full width, which spreadsheets take for the same. See the OWASP page on CSV injection."""
RULES = (
    "Separated by comma, semicolon or tab, as the first line shows; cells with a separator, a quote or a line end are quoted. "
    "UTF-8 with or without a byte order mark, UTF-16 with one, or what `charset` names; else Windows-1252. "
    "Row numbers count as in a spreadsheet: the header is row 1."
)


class UnreadableFileError(ValueError):
    """Nothing of the file can be used. ``code`` is stable, the message says what to do."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class CsvTable:
    """``header`` in lower case; ``rows`` are not empty, each with its number in the spreadsheet."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]


def csv_body(columns: Sequence[str], example: str, rules: str) -> dict[str, Any]:
    """The request body in the OpenAPI document: the columns, what stands in each, an example."""
    schema = {"type": "string", "format": "binary", "description": f"{rules} {RULES}"}
    # One media type, or clients would be generated with a choice that changes nothing.
    content = {CSV_TYPES[0]: {"schema": schema, "example": f"{','.join(columns)}\n{example}\n"}}
    return {
        "requestBody": {"required": True, "description": f"Also taken: {', '.join(CSV_TYPES[1:])}.", "content": content}
    }


async def uploaded_csv(request: Request) -> CsvTable:
    """The request's body. ProblemError 415 for another kind of file, 422 for one that nobody can read."""
    kind, charset = _content_type(request.headers.get("content-type", ""))
    if kind not in CSV_TYPES:
        raise ProblemError(415, "not-csv", "send the file as it is, with content-type text/csv")
    try:
        return read_csv(await request.body(), charset)
    except UnreadableFileError as error:
        raise ProblemError(422, error.code, str(error), field="body") from error


def read_csv(body: bytes, charset: str | None = None) -> CsvTable:
    """Raises UnreadableFileError. ``charset`` as the content type names it."""
    text = _decoded(body, charset)
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.lower().startswith("sep=") and len(first.rstrip("\r")) == len("sep=") + 1:
        # What spreadsheets write before the header to tell each other the separator.
        separator, text, skipped = first[len("sep=")], rest, 1
    else:
        separator = max(SEPARATORS, key=_bare(text).count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        lines = [(number, cells) for number, cells in enumerate(reader, 1 + skipped) if any(map(str.strip, cells))]
    except csv.Error as error:
        raise UnreadableFileError("csv-quoting", f"correct the quotes or separators: {error}") from error
    if not lines:
        return CsvTable((), ())
    header = tuple(name.strip().lower().replace(" ", "_").replace("-", "_") for name in lines[0][1])
    return CsvTable(header, tuple((number, [_unguarded(cell) for cell in cells]) for number, cells in lines[1:]))


def _content_type(given: str) -> tuple[str, str | None]:
    kind, _, rest = given.partition(";")
    named = (part.partition("=") for part in rest.split(";"))
    charsets = [value.strip().strip('"').lower() for name, _, value in named if name.strip().lower() == "charset"]
    return kind.strip().lower(), charsets[0] if charsets else None


def _decoded(body: bytes, charset: str | None) -> str:
    if body.startswith(WORKBOOKS):
        raise UnreadableFileError("not-csv", "this is a workbook; save it as CSV and send that file")
    try:
        text = body.decode(_encoding(body, charset))
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableFileError("csv-encoding", "save the file as CSV UTF-8, or name its charset") from error
    if "\x00" in text:
        raise UnreadableFileError("csv-encoding", "the file holds null characters; save it as CSV UTF-8")
    return text.removeprefix(BOM)


def _encoding(body: bytes, charset: str | None) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if body.startswith(BOM.encode()):
        return "utf-8-sig"
    if charset:
        # As browsers do (WHATWG): Latin-1 is the part of Windows-1252 that both agree on.
        return "cp1252" if charset in {"iso-8859-1", "latin1", "us-ascii"} else charset
    try:
        body.decode()
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _bare(text: str) -> str:
    """The first line that is not empty, without what is quoted."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return "".join(first.split('"')[::2])


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


# -- what spreadsheets read


def _separator(
    caller: Caller,
    separator: Annotated[
        Literal["comma", "semicolon", "tab"] | None,
        Query(description="Spreadsheets set to German expect semicolons. Default: by the caller's language."),
    ] = None,
) -> str:
    german = caller.culture.partition("-")[0] == "de"
    return {"comma": ",", "semicolon": ";", "tab": "\t"}[separator or ("semicolon" if german else "comma")]


CsvSeparator = Annotated[str, Depends(_separator)]


def csv_line(cells: Sequence[object], separator: str = ",") -> str:
    """One row. A cell that a spreadsheet would take for a formula gets an apostrophe before it; reading takes it away."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerow([_cell(cell) for cell in cells])
    return out.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_download(name: str, header: Sequence[str], rows: AsyncIterator[str], separator: str = ",") -> StreamingResponse:
    """A file, written while it is read from the database: as long as it may be, memory holds one page.

    It begins with a byte order mark, without which spreadsheets take UTF-8 for another encoding.
    """

    async def lines() -> AsyncIterator[bytes]:
        yield f"{BOM}{csv_line(header, separator)}".encode()
        async for row in rows:
            yield row.encode()

    headers = {"content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-store"}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)
