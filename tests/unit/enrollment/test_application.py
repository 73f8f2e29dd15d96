"""The first half of an enrollment: what is accepted, what is refused and with which remedy."""

from datetime import timedelta
from typing import Any

import pytest
from unit.enrollment.story import (
    ADDRESS,
    CONTACT,
    FIRST_LINK,
    NAME,
    NOW,
    SUPPORT,
    TOLD,
    WEEK,
    after,
    announced,
    associate,
    company,
    contact,
    given,
    played,
    profile,
    refusal,
    start,
    status_of,
    submit,
    support,
    update,
)

from enrollment.domain.enrollment.application import AssociatePartnerId, SetSupportContact, UpdateProfile
from enrollment.domain.enrollment.company import company_name_fault, missing
from enrollment.domain.enrollment.decide import Command, decide
from enrollment.domain.enrollment.state import Address, Enrollment, PrimaryContact, SupportContact
from kontor_contracts.enrollment import EnrollmentStarted, MailboxFault

OTHER_CONTACT = PrimaryContact("Béla Weiß", "bela.weiss@mueller-soehne.example", "+49 221 222", "de")
CHANGES: list[Command] = [
    associate(partner_id="4711009"),
    update(company_name="Müller Töchter GmbH"),
    contact(OTHER_CONTACT),
    support(SupportContact("hilfe@mueller-soehne.example", "0221 1")),
]
SUBMITTED = ["contact-pending", "in-review", "qualified", "active"]
CLOSED = ["rejected", "cancelled"]


class TestStart:
    def test_starting_announces_the_organization_and_opens_a_draft(self) -> None:
        (started, *_) = decide(start(), Enrollment())
        assert started == EnrollmentStarted(
            enrollment_id="e-1",
            organization_id="org-1",
            program="indirect-reseller",
            country="DE",
            started_by="user-1",
        )
        state = given("draft")
        assert (state.status, state.region, state.company_name) == ("draft", "europe", NAME)
        assert [(m.status, m.at, m.by) for m in state.history] == [("draft", NOW, "user-1")]

    @pytest.mark.parametrize(
        ("program", "kind", "fits"),
        [
            ("indirect-reseller", "reseller", True),
            ("indirect-provider", "provider", True),
            ("indirect-reseller", "provider", False),
            ("indirect-provider", "reseller", False),
            ("indirect-reseller", "customer", False),
            ("indirect-provider", "operator", False),
        ],
    )
    def test_the_program_must_fit_the_kind_of_organization(self, program: str, kind: str, fits: bool) -> None:
        command = start(program=program, organization_kind=kind)
        if fits:
            assert after(command, Enrollment()).program == program
        else:
            refused = refusal(command, Enrollment())
            assert (refused.reason, refused.field) == ("program-not-for-organization", "program")

    def test_a_provider_is_told_which_program_is_its_own(self) -> None:
        assert "choose indirect-provider" in refusal(start(organization_kind="provider"), Enrollment()).detail

    def test_a_country_without_market_is_refused_by_name(self) -> None:
        refused = refusal(start(country="KP", region=None), Enrollment())
        assert (refused.reason, refused.field) == ("market-not-supported", "country")
        assert "KP" in refused.detail

    def test_a_name_to_be_refused_is_not_copied_from_the_work_account(self) -> None:
        assert played([start(organization_name="GmbH")]).company_name is None

    @pytest.mark.parametrize("where", ["draft", "complete", *SUBMITTED, *CLOSED])
    def test_what_was_started_is_not_started_again(self, where: str) -> None:
        assert decide(start(), given(where)) == []


class TestPartnerId:
    def test_an_active_location_of_the_same_country_is_linked(self) -> None:
        assert announced(associate(), given("draft")) == ["PartnerIdAssociated"]
        assert after(associate(), given("draft")).partner_id == "4711001"

    def test_until_the_submission_another_one_may_be_chosen(self) -> None:
        assert after(associate(partner_id="4711009"), given("complete")).partner_id == "4711009"

    @pytest.mark.parametrize(
        ("entry", "reason", "named"),
        [
            (None, "partner-id-unknown", "sign in with another account"),
            (profile(status="inactive"), "partner-id-inactive", "4711001"),
            (profile(kind="global"), "partner-id-not-a-location", "location in DE"),
            (profile(country="AT"), "partner-id-other-country", "is in AT, your work account in DE"),
        ],
    )
    def test_a_profile_that_does_not_fit_is_refused(self, entry: Any, reason: str, named: str) -> None:
        refused = refusal(AssociatePartnerId("4711001", entry, company()), given("draft"))
        assert (refused.reason, refused.field) == (reason, "partner_id")
        assert named in refused.detail


class TestLegalProfile:
    def test_it_is_kept_inside(self) -> None:
        command = UpdateProfile(NAME, Address("Am Markt 1", "Münster", "48143", state="NRW"), "HRB 4711", company())
        assert announced(command, given("draft")) == []
        state = after(command, given("draft"))
        assert state.address == command.address
        assert state.registration_id == "HRB 4711"

    @pytest.mark.parametrize(
        "name", ["X", "ß", "!!", "--- &", "GmbH", "LLC", "Inc.", "gmbh & co. kg", "B.V.", "S.à r.l.", "Sp. z o.o."]
    )
    def test_a_name_that_is_none_is_refused(self, name: str) -> None:
        refused = refusal(update(company_name=name), given("draft"))
        assert (refused.reason, refused.field) == ("company-name-invalid", "company_name")

    @pytest.mark.parametrize(
        "name",
        [NAME, "Großhandel Nord AG", "3M", "1&1", "Öz GmbH", "Inc. Systems", "東京商事", "Company of Heroes Ltd"],
    )
    def test_a_name_that_is_one_is_taken(self, name: str) -> None:
        assert company_name_fault(name) is None


class TestContacts:
    @pytest.mark.parametrize("fault", ["webmail-address", "role-mailbox", "disposable-address"])
    def test_a_mailbox_that_is_not_one_persons_at_the_company_is_refused(self, fault: MailboxFault) -> None:
        refused = refusal(contact(CONTACT, fault=fault), given("draft"))
        assert (refused.reason, refused.field) == (fault, "email")
        assert CONTACT.email in refused.detail and "give the" in refused.detail

    def test_contacts_are_kept_inside(self) -> None:
        for command in (contact(), support()):
            assert announced(command, given("draft")) == []
        state = given("complete")
        assert (state.primary_contact, state.support_contact) == (CONTACT, SUPPORT)


class TestSubmission:
    @pytest.mark.parametrize(
        ("left_out", "field"),
        [(0, "partner_id"), (1, "address"), (2, "primary_contact"), (3, "support_contact")],
    )
    def test_nothing_is_submitted_while_something_is_missing(self, left_out: int, field: str) -> None:
        state = played([start(), *(command for place, command in enumerate(TOLD) if place != left_out)])
        assert missing(state) == (field,)
        refused = refusal(submit(), state)
        assert (refused.reason, refused.field) == ("incomplete", field)
        assert field in refused.detail

    def test_a_draft_misses_everything_but_the_name_of_the_work_account(self) -> None:
        assert missing(given("draft")) == ("partner_id", "address", "primary_contact", "support_contact")

    def test_the_registration_id_is_needed_where_the_country_demands_it(self) -> None:
        hungarian = [start(country="HU", registration_id_mandatory=True), associate(country="HU"), *TOLD[1:]]
        state = played(hungarian)
        assert refusal(submit(), state).field == "registration_id"
        assert missing(after(update(registration_id="01-09-123456"), state)) == ()

    def test_submitting_asks_the_primary_contact_by_a_sealed_link(self) -> None:
        facts = decide(submit(), given("complete"))
        assert announced(submit(), given("complete")) == ["EnrollmentSubmitted", "ContactVerificationRequested"]
        assert FIRST_LINK not in "".join(fact.model_dump_json() for fact in facts if hasattr(fact, "model_dump_json"))
        state = given("contact-pending")
        assert state.status == "contact-pending"
        assert state.link and (state.link.token_hash, state.link.expires_at) == (FIRST_LINK, NOW + WEEK)

    @pytest.mark.parametrize("where", SUBMITTED)
    def test_submitting_twice_sends_no_second_mail(self, where: str) -> None:
        assert decide(submit(token_hash="f" * 64, at=NOW + timedelta(days=1)), given(where)) == []

    @pytest.mark.parametrize("where", CLOSED)
    def test_a_closed_enrollment_is_not_submitted_again(self, where: str) -> None:
        assert refusal(submit(), given(where)).reason == "closed"


class TestAfterwards:
    @pytest.mark.parametrize("command", CHANGES, ids=lambda command: type(command).__name__)
    @pytest.mark.parametrize(
        ("where", "reason"), [("qualified", "not-editable"), ("active", "not-editable"), ("rejected", "closed")]
    )
    def test_what_was_decided_does_not_change(self, command: Command, where: str, reason: str) -> None:
        if isinstance(command, SetSupportContact) and reason != "closed":
            assert announced(command, given(where)) == ["EnrollmentCorrected"]
            return
        assert refusal(command, given(where)).reason == reason

    @pytest.mark.parametrize("command", TOLD, ids=lambda command: type(command).__name__)
    @pytest.mark.parametrize("where", [*SUBMITTED, *CLOSED])
    def test_saying_the_same_again_is_no_change(self, command: Command, where: str) -> None:
        assert decide(command, given(where)) == []

    @pytest.mark.parametrize("command", [*CHANGES, submit()], ids=lambda command: type(command).__name__)
    def test_there_is_nothing_to_change_before_the_start(self, command: Command) -> None:
        refused = refusal(command, Enrollment())
        assert (refused.reason, status_of(refused)) == ("not-started", 404)


def test_the_address_is_part_of_the_profile() -> None:
    assert given("complete").address == ADDRESS
