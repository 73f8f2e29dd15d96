"""What the result of a row of a CSV file says, in both languages."""

import pytest

from chassis.files import CsvTable
from identity.people.imports.rows import COLUMNS, REMEDIES, RowResult, read_users, unfit
from identity.people.imports.wording import COLUMN_GERMAN, in_language

HEADER = ("full_name", "email", "culture", "guest")


def results(*cells: tuple[str, ...]) -> list[RowResult]:
    table = CsvTable(header=HEADER, rows=tuple((number, list(row)) for number, row in enumerate(cells, start=2)))
    return [found for row in read_users(table) if (found := unfit(row, twice=False))]


def test_each_column_has_a_german_remedy() -> None:
    assert set(REMEDIES) == set(COLUMNS) == set(COLUMN_GERMAN) - {"row"}


def test_a_row_with_faults_names_all_of_them_in_german() -> None:
    (english,) = results(("No Address", "nowhere", "de", "maybe"))
    (german,) = in_language([english], "de")
    assert german.detail == "email: geben Sie eine E-Mail-Adresse an; guest: geben Sie ja oder nein an"
    assert [fault.field for fault in german.errors] == [fault.field for fault in english.errors] == ["email", "guest"]
    assert in_language([english], "en") == [english]


def test_a_row_with_a_wrong_number_of_cells_says_so_in_german() -> None:
    (german,) = in_language(results(("Zoë Größe",)), "de")
    assert german.detail == "row: die Zeile hat mehr oder weniger Zellen als die erste"


CODES = ("repeated", "sender-gone", "email-taken", "restorable", "unknown-role", "mail-budget-spent")


@pytest.mark.parametrize("code", CODES)
def test_a_refused_row_says_in_german_why(code: str) -> None:
    english = RowResult(row=2, email="zoe@company.example", result="failed", error=code, detail="Something is wrong.")
    (german,) = in_language([english], "de")
    assert german.detail and german.detail != english.detail
