"""The membership registry: a profile, the operator's file, and which mailboxes and markets there are."""

from contextlib import suppress
from functools import reduce

import pytest
from hypothesis import given as law
from hypothesis import strategies as st
from unit.enrollment.story import NOW, profile

from chassis import ProblemError
from chassis.files import UnreadableFileError, read_csv
from chassis.http.pages import token_hash as digest
from enrollment.documents import PROFILE
from enrollment.domain.profile import (
    ALL,
    NO_CODE,
    Command,
    EntryChange,
    EntryRecorded,
    Fact,
    ImportProfile,
    Keeper,
    Profile,
    RegistryEntry,
    decide,
    evolve,
    list_key,
    listing,
)
from enrollment.registry import COLUMNS, MAX_ROWS, Row, RowFault, read_registry
from kontor_contracts.enrollment import PartnerProfileImported, PartnerProfileRefused

HEADER = ",".join(COLUMNS)
CODE = "MRQ25xRAVAtJSiWvE4H9"
GOOD = f"4711001,Mueller@membership.example,{CODE},Müller & Söhne IT GmbH,DE,active,location"


OLGA = Keeper("user:olga", NOW, "api")


def facts(command: Command, state: Profile) -> list[Fact]:
    """AssertionError where the command is refused."""
    decided = decide(command, state)
    assert not any(isinstance(each, PartnerProfileRefused) for each in decided), decided
    return [each for each in decided if not isinstance(each, PartnerProfileRefused)]


def keep(entry: RegistryEntry, state: Profile | None = None) -> list[Fact]:
    return facts(ImportProfile(entry, "import-2", OLGA), state or Profile())


def kept(*entries: RegistryEntry) -> Profile:
    state = Profile()
    for entry in entries:
        state = reduce(evolve, keep(entry, state), state)
    return state


class TestProfile:
    def test_a_new_entry_is_announced_without_its_sign_in(self) -> None:
        imported, recorded = keep(profile())
        assert imported == PartnerProfileImported(
            partner_id="4711001",
            company_name="Müller & Söhne IT GmbH",
            country="DE",
            status="active",
            kind="location",
            program_state="none",
        )
        assert isinstance(recorded, EntryRecorded)
        assert (recorded.entry, recorded.import_id) == (profile(), "import-2")

    def test_the_same_entry_again_changes_and_announces_nothing(self) -> None:
        known = Profile(profile(), "import-1")
        assert keep(profile(), known) == []

    @pytest.mark.parametrize(
        "changed", [profile(status="inactive"), profile(access_code_hash="d" * 64), profile(kind="global")]
    )
    def test_any_change_is_taken_over(self, changed: RegistryEntry) -> None:
        state = Profile(profile(), "import-1")
        for fact in keep(changed, state):
            state = evolve(state, fact)
        assert (state.entry, state.import_id) == (changed, "import-2")

    def test_the_history_says_who_changed_what_and_no_code(self) -> None:
        state = kept(profile(), profile(company_name="Müller SE", access_code_hash="d" * 64))
        first, second = state.history
        assert {change.field for change in first.changes} >= {"company_name", "access_code", "country"}
        assert second.keeper == OLGA
        assert second.changes == (
            EntryChange("access_code", None, None),
            EntryChange("company_name", "Müller & Söhne IT GmbH", "Müller SE"),
        )

    def test_without_a_new_code_the_old_one_stays_with_its_account(self) -> None:
        same = kept(profile(), profile(status="inactive", access_code_hash=NO_CODE)).entry
        assert same == profile(status="inactive")
        moved = kept(profile(), profile(membership_account="b@m.example", access_code_hash=NO_CODE)).entry
        assert moved == profile(membership_account="b@m.example", access_code_hash=NO_CODE)

    def test_a_change_that_nobody_sees_is_not_announced(self) -> None:
        facts = keep(profile(membership_account="b@m.example"), kept(profile()))
        assert [type(fact) for fact in facts] == [EntryRecorded]

    def test_a_profile_is_in_the_lists_of_its_values(self) -> None:
        found = listing(kept(profile()))
        assert found is not None
        keys, order, text = found
        assert {ALL, list_key("status", "active"), list_key("country", "DE")} < {*keys}
        assert (order, text) == ("4711001", "4711001 mueller@membership.example müller & söhne it gmbh".casefold())
        assert listing(Profile()) is None

    @law(st.sampled_from(["active", "inactive"]), st.sampled_from(["location", "global"]))
    def test_a_state_survives_the_store(self, status: str, kind: str) -> None:
        state = kept(profile(status=status, kind=kind))
        assert PROFILE.parse(PROFILE.dump(state)) == state
        assert PROFILE.parse(PROFILE.dump(Profile())) == Profile()


def rows(*lines: str, header: str = HEADER) -> list[Row]:
    return read_registry(read_csv("\n".join([header, *lines]).encode()))


def fault(line: str) -> RowFault:
    (row,) = rows(line)
    assert isinstance(row.found, tuple), row
    (only,) = row.found
    return only


class TestFile:
    def test_a_row_becomes_an_entry_and_the_code_its_hash(self) -> None:
        (row,) = rows(GOOD)
        assert row.number == 2
        assert row.found == profile(access_code_hash=digest(CODE))

    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    def test_a_byte_order_mark_does_not_matter(self, mark: str) -> None:
        assert isinstance(rows(GOOD, header=mark + HEADER)[0].found, RegistryEntry)

    def test_the_order_of_the_columns_does_not_matter(self) -> None:
        header = ",".join(reversed(COLUMNS))
        (row,) = rows(",".join(reversed(GOOD.split(","))), header=header)
        assert isinstance(row.found, RegistryEntry)

    @pytest.mark.parametrize(
        ("value", "other", "field"),
        [
            ("4711001", "47A", "partner_id"),
            ("Mueller@membership.example", "mueller", "membership_account"),
            (CODE, "too short", "access_code"),
            (CODE, "a code that has spaces", "access_code"),
            ("Müller & Söhne IT GmbH", "", "company_name"),
            ("DE", "Germany", "country"),
            (",active,", ",on,", "status"),
            ("location", "branch", "kind"),
        ],
    )
    def test_a_bad_value_names_its_field_and_the_remedy(self, value: str, other: str, field: str) -> None:
        found = fault(GOOD.replace(value, other))
        assert found.field == field
        assert found.message.startswith("give ")
        assert other not in found.message or not other

    def test_a_file_may_say_who_is_in_the_program_already(self) -> None:
        good, bad = rows(
            f"{GOOD},enrolled", f"{GOOD.replace('4711001', '4711002')},maybe", header=f"{HEADER},program_state"
        )
        assert good.found == profile(access_code_hash=digest(CODE), program_state="enrolled")
        assert bad.found == (RowFault("program_state", "give none or enrolled"),)

    def test_a_bad_row_stops_no_other(self) -> None:
        found = rows("x", GOOD, "", GOOD.replace("4711001", "4711002"))
        assert [isinstance(row.found, RegistryEntry) for row in found] == [False, True, True]
        assert [row.number for row in found] == [2, 3, 5]

    def test_a_name_with_a_comma_needs_quotes(self) -> None:
        assert fault(GOOD.replace("Müller & Söhne IT GmbH", "Müller, Söhne")).field == "row"
        (row,) = rows(GOOD.replace("Müller & Söhne IT GmbH", '"Müller, ""Söhne"""'))
        assert isinstance(row.found, RegistryEntry)
        assert row.found.company_name == 'Müller, "Söhne"'

    def test_a_partner_id_stands_in_a_file_once(self) -> None:
        first, second = rows(GOOD, GOOD.replace(",DE,", ",AT,"))
        assert isinstance(first.found, RegistryEntry)
        assert isinstance(second.found, tuple)
        assert "row 2" in second.found[0].message

    def test_every_fault_of_a_row_is_told_at_once(self) -> None:
        (row,) = rows(GOOD.replace("4711001", "47A").replace(",DE,", ",Germany,").replace(",active,", ",on,"))
        assert isinstance(row.found, tuple)
        assert [fault.field for fault in row.found] == ["partner_id", "country", "status"]

    def test_a_second_row_of_a_partner_id_tells_its_other_faults_too(self) -> None:
        _, second = rows(GOOD, GOOD.replace(",DE,", ",Germany,"))
        assert isinstance(second.found, tuple)
        assert [fault.field for fault in second.found] == ["partner_id", "country"]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_a_german_spreadsheets_file_is_read(self, encoding: str) -> None:
        file = f"{HEADER}\r\n{GOOD}\r\n".replace(",", ";").encode(encoding)
        (row,) = read_registry(read_csv(file))
        assert row.found == profile(access_code_hash=digest(CODE))

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"", "csv-header"),
            (GOOD.encode(), "csv-header"),
            (HEADER.replace(",", "|").encode(), "csv-header"),
            (f"{HEADER}\n".encode() + b"x\n" * (MAX_ROWS + 1), "csv-rows"),
        ],
    )
    def test_what_is_no_such_file_is_refused_as_a_whole(self, body: bytes, code: str) -> None:
        with pytest.raises(ProblemError) as error:
            read_registry(read_csv(body))
        assert (error.value.code, error.value.field) == (code, "body")

    @law(
        st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"{HEADER}\n{text}".encode("utf-8", "replace"))
    )
    def test_no_bytes_make_reading_fail_in_another_way(self, body: bytes) -> None:
        with suppress(UnreadableFileError, ProblemError):
            read_registry(read_csv(body))
