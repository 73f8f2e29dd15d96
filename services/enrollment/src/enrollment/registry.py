"""Reads the operator's CSV file of organization profiles, row by row, into entries or faults."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, field_validator

from chassis import ProblemError
from chassis.files import CsvTable
from chassis.http.pages import token_hash
from enrollment.domain.profile import ProfileKind, ProfileStatus, ProgramState, RegistryEntry
from kontor_contracts.addresses import address_key
from kontor_contracts.values import Country, Email, Name, PartnerId

COLUMNS = ("partner_id", "membership_account", "access_code", "company_name", "country", "status", "kind")
OPTIONAL_COLUMNS = ("program_state",)
AccessCode = Annotated[str, StringConstraints(min_length=16, max_length=64, pattern=r"^[!-~]+$")]
MAX_ROWS = 5_000
AT_ONCE_ROWS = 100
"""A larger file is answered 202, and its rows go in one after the other."""

RULES = (
    "`partner_id`: 4 to 12 digits, once in a file; `membership_account`: a mail address; "
    "`access_code`: 16 to 64 visible ASCII characters without spaces; `company_name`: 1 to 200 characters; "
    "`country`: two capital letters (ISO 3166-1); `status`: active or inactive; `kind`: location or global; "
    "`program_state` (may be left out): none, or enrolled if the company is in the program already. "
    f"The other columns are needed, their order is free. At most {MAX_ROWS} rows; more than {AT_ONCE_ROWS} are answered 202."
)
EXAMPLE = "4711001,account@company.example,a-code-of-16-signs,Müller GmbH,DE,active,location"
REMEDIES = {
    "partner_id": "give 4 to 12 digits",
    "membership_account": "give the account's mail address",
    "access_code": "give a code of 16 to 64 visible ASCII characters without spaces",
    "company_name": "give one line of 1 to 200 characters, without links and invisible characters",
    "country": "give the country's two capital letters, such as DE",
    "status": "give active or inactive",
    "kind": "give location or global",
    "program_state": "give none or enrolled",
}


@dataclass(frozen=True, slots=True)
class RowFault:
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` counts as in a spreadsheet: the header is row 1. ``found``: the entry, or the faults of the row."""

    number: int
    partner_id: str
    found: RegistryEntry | tuple[RowFault, ...]


class _Row(BaseModel):
    # The text of an error must not contain an access code.
    model_config = ConfigDict(str_strip_whitespace=True, hide_input_in_errors=True)

    partner_id: PartnerId
    membership_account: Email
    access_code: AccessCode
    company_name: Name
    country: Country
    status: ProfileStatus
    kind: ProfileKind
    program_state: ProgramState = "none"

    @field_validator("membership_account")
    @classmethod
    def _caseless(cls, account: str) -> str:
        return address_key(account)

    def entry(self) -> RegistryEntry:
        facts = self.model_dump(exclude={"access_code"})
        return RegistryEntry(access_code_hash=token_hash(self.access_code), **facts)


def read_registry(table: CsvTable) -> list[Row]:
    """The rows in the order of the file. Raises ProblemError 422 if the columns are wrong."""
    optional = [column for column in OPTIONAL_COLUMNS if column in table.header]
    if sorted(table.header) != sorted((*COLUMNS, *optional)):
        detail = (
            f"the first row must name these columns: {','.join(COLUMNS)}; it may also name {','.join(OPTIONAL_COLUMNS)}"
        )
        raise ProblemError(422, "csv-header", detail, field="body")
    if len(table.rows) > MAX_ROWS:
        detail = f"a file may have at most {MAX_ROWS} rows; send the rest in another file"
        raise ProblemError(422, "csv-rows", detail, field="body")
    seen: dict[str, int] = {}
    return [_row(number, table.header, cells, seen) for number, cells in table.rows]


def _row(number: int, header: Sequence[str], cells: list[str], seen: dict[str, int]) -> Row:
    if len(cells) != len(header):
        fault = RowFault("row", f"has {len(cells)} columns, not {len(header)}; quote a name that holds the separator")
        return Row(number, cells[0].strip()[:40], (fault,))
    values = dict(zip(header, cells, strict=True))
    partner_id = values["partner_id"].strip()[:40]
    try:
        entry = _Row.model_validate(values).entry()
    except ValidationError as error:
        fields = dict.fromkeys(str(one["loc"][0]) for one in error.errors(include_url=False, include_input=False))
        faults = tuple(RowFault(field, REMEDIES[field]) for field in fields)
        return Row(number, partner_id, (*_again(seen.get(partner_id)), *faults))
    first = seen.setdefault(entry.partner_id, number)
    return Row(number, partner_id, entry if first == number else _again(first))


def _again(first: int | None) -> tuple[RowFault, ...]:
    return (RowFault("partner_id", f"is in row {first} already; keep one of the two"),) if first else ()
