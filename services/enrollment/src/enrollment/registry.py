"""The operator's file of organization profiles: CSV in, entries and faults out, row by row."""

import csv
import io
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, field_validator

from enrollment.credentials import digest
from enrollment.domain.profile import ProfileKind, ProfileStatus, RegistryEntry
from kontor_contracts.addresses import address_key
from kontor_contracts.values import Country, Email, Name, PartnerId

COLUMNS = ("partner_id", "membership_account", "access_code", "company_name", "country", "status", "kind")
MAX_ROWS = 5_000

REMEDIES = {
    "partner_id": "give 4 to 12 digits",
    "membership_account": "give the account's mail address",
    "access_code": "give a code of 16 to 64 visible ASCII characters without spaces",
    "company_name": "give one line of 1 to 200 characters, without links and invisible characters",
    "country": "give the country's two capital letters, such as DE",
    "status": "give active or inactive",
    "kind": "give location or global",
}


class UnreadableFileError(ValueError):
    """Nothing of the file can be used. ``code`` is stable, the message says what to do."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class RowFault:
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` counts as a spreadsheet does: the header is row 1. ``found`` is what the row says, or why it cannot be."""

    number: int
    partner_id: str
    found: RegistryEntry | RowFault


class _Row(BaseModel):
    # An access code must not end up in the text of an error.
    model_config = ConfigDict(str_strip_whitespace=True, hide_input_in_errors=True)

    partner_id: PartnerId
    membership_account: Email
    access_code: Annotated[str, StringConstraints(min_length=16, max_length=64, pattern=r"^[!-~]+$")]
    company_name: Name
    country: Country
    status: ProfileStatus
    kind: ProfileKind

    @field_validator("membership_account")
    @classmethod
    def _caseless(cls, account: str) -> str:
        return address_key(account)

    def entry(self) -> RegistryEntry:
        facts = self.model_dump(exclude={"access_code"})
        return RegistryEntry(access_code_hash=digest(self.access_code), **facts)


def read_registry(body: bytes) -> list[Row]:
    """The rows in the order of the file. Raises UnreadableFileError where it is no such file at all."""
    lines = _lines(body)
    if not lines or sorted(name.strip() for name in lines[0]) != sorted(COLUMNS):
        raise UnreadableFileError(
            "csv-header", f"the first row names these columns, separated by commas: {','.join(COLUMNS)}"
        )
    if len(lines) - 1 > MAX_ROWS:
        raise UnreadableFileError("csv-rows", f"a file may have {MAX_ROWS} rows; send the rest in another one")
    header = [name.strip() for name in lines[0]]
    seen: dict[str, int] = {}
    return [_row(number, header, cells, seen) for number, cells in enumerate(lines[1:], 2) if cells]


def _lines(body: bytes) -> list[list[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError("csv-encoding", "save the file as UTF-8") from error
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise UnreadableFileError("csv-quoting", f"mend the quotes or separators: {error}") from error


def _row(number: int, header: list[str], cells: list[str], seen: dict[str, int]) -> Row:
    if len(cells) != len(header):
        fault = RowFault("row", f"has {len(cells)} columns, not {len(header)}; quote a name that holds a comma")
        return Row(number, cells[0].strip()[:40], fault)
    values = dict(zip(header, cells, strict=True))
    partner_id = values["partner_id"].strip()[:40]
    try:
        entry = _Row.model_validate(values).entry()
    except ValidationError as error:
        field = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
        return Row(number, partner_id, RowFault(field, REMEDIES[field]))
    first = seen.setdefault(entry.partner_id, number)
    if first != number:
        return Row(number, partner_id, RowFault("partner_id", f"is in row {first} already; keep one of the two"))
    return Row(number, partner_id, entry)
