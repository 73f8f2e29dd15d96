"""CSV files as spreadsheets write and read them."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.files import UnreadableFileError, csv_line, read_csv
from chassis.files.csv import FORMULA_STARTS

TEXT = 'Full Name;E-Mail;note\r\nJürgen Größe;juergen@firma.example;"a;b"\r\n'
WANTED = ("full_name", "e_mail", "note"), ((2, ["Jürgen Größe", "juergen@firma.example", "a;b"]),)


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (TEXT.encode(), None),
        (TEXT.encode("utf-8-sig"), None),
        (TEXT.encode("cp1252"), None),
        (TEXT.encode("cp1252"), "windows-1252"),
        (TEXT.encode("latin-1"), "iso-8859-1"),
        (TEXT.encode("utf-16"), None),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), None),
        (TEXT.replace(";", "\t").replace("a\tb", "a;b").encode("utf-16"), None),
        (TEXT.replace(";", ",").replace("a,b", "a;b").encode(), "utf-8"),
        (f"sep=;\r\n{TEXT}".encode(), None),
    ],
)
def test_a_spreadsheets_file_is_read_whatever_it_is_written_as(body: bytes, charset: str | None) -> None:
    table = read_csv(body, charset)
    skipped = body.startswith(b"sep=")
    assert (table.header, tuple((number - skipped, cells) for number, cells in table.rows)) == WANTED


def test_rows_are_numbered_as_a_spreadsheet_does_and_empty_ones_are_none() -> None:
    table = read_csv(b"a,b\n1,2\n,\n\n3,4\n")
    assert [number for number, _ in table.rows] == [2, 5]


def test_a_quoted_separator_in_the_header_does_not_count() -> None:
    assert read_csv(b'"a,b,c,d";e\n1;2\n').rows == ((2, ["1", "2"]),)


@pytest.mark.parametrize(
    ("body", "charset", "code"),
    [
        (b"PK\x03\x04rest", None, "not-csv"),
        (b"\xd0\xcf\x11\xe0rest", None, "not-csv"),
        (TEXT.encode("cp1252"), "utf-8", "csv-encoding"),
        (TEXT.encode(), "klingon", "csv-encoding"),
        (TEXT.encode("utf-16-le"), None, "csv-encoding"),
        (b"a,b\x81\xff\n", None, "csv-encoding"),
        (b'a,b\n"x,y\n', None, "csv-quoting"),
    ],
)
def test_what_nobody_can_read_is_refused_with_the_remedy(body: bytes, charset: str | None, code: str) -> None:
    with pytest.raises(UnreadableFileError) as refused:
        read_csv(body, charset)
    assert refused.value.code == code


@given(st.binary(max_size=200))
def test_no_bytes_make_reading_fail_in_another_way(body: bytes) -> None:
    try:
        table = read_csv(body)
    except UnreadableFileError:
        return
    assert all(number > 0 and cells for number, cells in table.rows)


@pytest.mark.parametrize("start", FORMULA_STARTS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_can_become_a_formula(start: str, separator: str) -> None:
    written = csv_line([f"{start}cmd|' /C calc'!A0", "fine"], separator)
    (cells,) = csv.reader(io.StringIO(written, newline=""), delimiter=separator)
    assert cells == [f"'{start}cmd|' /C calc'!A0", "fine"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1), min_size=2, max_size=4))
def test_what_was_written_is_read_again(cells: list[str]) -> None:
    header = csv_line([f"c{number}" for number in range(len(cells))], ";")
    for _, read in read_csv(f"{header}{csv_line(cells, ';')}".encode()).rows:
        assert len(read) == len(cells)
        for before, after in zip(cells, read, strict=True):
            guarded = before.startswith("'") and before[1:].startswith(FORMULA_STARTS)
            assert after == (before[1:] if guarded else before)
