"""The rows of a CSV file of users, with their faults, and their results."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from chassis import ProblemError
from chassis.files import CsvTable
from chassis.http.addresses import Address
from identity.people.invitations import Invitee
from kontor_contracts.markets import MarketCulture
from kontor_contracts.values import Name

COLUMNS = ("full_name", "email", "roles", "culture", "guest")


NEEDED = COLUMNS[:2]


MAX_ROWS = 5_000


YES = ("yes", "true", "1", "ja", "wahr", "x")


NO = ("", "no", "false", "0", "nein", "falsch")


RULES = (
    "`full_name`: 1 to 200 characters; `email`: a mail address; `roles`: names of roles with spaces between them, none if empty; "
    "`culture`: a language such as de or de-DE, en if empty; `guest`: yes or no (ja or nein), no if empty. "
    f"The first two columns are required. Columns may be in any order. At most {MAX_ROWS} rows."
)


EXAMPLE = "Zoë Brown,zoe@company.example,helpdesk-agent,en,no"


REMEDIES = {
    "full_name": "give one line of 1 to 200 characters, without links and invisible characters",
    "email": "give a mail address",
    "roles": "give names of roles with spaces between them",
    "culture": "give a language such as de or de-DE",
    "guest": "give yes or no",
}


class RowFault(BaseModel):
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` counts as a spreadsheet does: the header is row 1."""

    number: int
    email: str
    found: Invitee | tuple[RowFault, ...]


class RowResult(BaseModel):
    """``result`` unchanged: a user with this address exists already. ``error``: the code of a failure.

    ``errors``: all faults of an invalid row, each with its column.
    """

    row: int
    email: str
    result: str
    user_id: str | None = None
    error: str | None = None
    detail: str | None = None
    errors: list[RowFault] = []


class _Row(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)

    full_name: Name
    email: Address
    roles: tuple[str, ...] = ()
    culture: MarketCulture = "en"
    guest: bool = False

    @field_validator("roles", mode="before")
    @classmethod
    def _names(cls, text: str) -> tuple[str, ...]:
        return tuple(text.replace(";", " ").split())

    @field_validator("guest", mode="before")
    @classmethod
    def _yes_or_no(cls, text: str) -> bool:
        word = text.strip().lower()
        if word not in YES + NO:
            raise ValueError(text)
        return word in YES


def read_users(table: CsvTable) -> list[Row]:
    """Parse the rows. ProblemError 422 for wrong columns; faults of single rows are in the rows."""
    header = table.header
    if not set(NEEDED) <= set(header) <= set(COLUMNS) or len(set(header)) < len(header):
        detail = f"the first line must name the columns: {', '.join(COLUMNS)}"
        raise ProblemError(422, "wrong-columns", detail, field="body")
    if len(table.rows) > MAX_ROWS:
        raise ProblemError(422, "too-many-rows", f"too many rows; send at most {MAX_ROWS} users per file", field="body")
    return [_row(number, header, cells) for number, cells in table.rows]


def _row(number: int, header: Sequence[str], cells: Sequence[str]) -> Row:
    given = {name: cell for name, cell in zip(header, cells, strict=False) if cell.strip()}
    email = given.get("email", "").strip()[:254]
    if len(cells) != len(header):
        fault = RowFault(field="row", message=f"has {len(cells)} cells, the first line {len(header)}")
        return Row(number, email, (fault,))
    try:
        row = _Row.model_validate(given)
    except ValidationError as error:
        fields = dict.fromkeys(str(one["loc"][0]) for one in error.errors(include_url=False, include_input=False))
        return Row(number, email, tuple(RowFault(field=field, message=REMEDIES[field]) for field in fields))
    return Row(number, row.email, Invitee(row.full_name, row.email, row.culture, row.roles, row.guest))


def unfit(row: Row, *, twice: bool) -> RowResult | None:
    if not isinstance(row.found, Invitee):
        detail = "; ".join(f"{fault.field}: {fault.message}" for fault in row.found)
        return failed(row, "invalid", detail).model_copy(update={"errors": list(row.found)})
    return failed(row, "repeated", "an earlier row has the same address") if twice else None


def failed(row: Row, error: str, detail: str) -> RowResult:
    return RowResult(row=row.number, email=row.email, result="failed", error=error, detail=detail)
