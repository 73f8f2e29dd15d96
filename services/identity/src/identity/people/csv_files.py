"""CSV (RFC 4180) as spreadsheets read and write it. What people wrote stays text: no cell can become a formula."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi.responses import StreamingResponse

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
DOCUMENTED: dict[int | str, dict[str, Any]] = {200: {"description": "CSV", "content": {"text/csv": {}}}}


def line(cells: Sequence[object]) -> str:
    """One row. A cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    out = io.StringIO()
    csv.writer(out).writerow([_cell(cell) for cell in cells])
    return out.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def download(name: str, header: Sequence[str], rows: AsyncIterator[str]) -> StreamingResponse:
    """A file, written while it is read from the database: as long as it may be, memory holds one page."""

    async def lines() -> AsyncIterator[bytes]:
        yield line(header).encode()
        async for row in rows:
            yield row.encode()

    headers = {"content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-store"}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)
