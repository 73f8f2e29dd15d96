"""An enrollment can be corrected, taken back and undone, and no state waits for ever."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from unit.enrollment.story import (
    APPLICANT,
    CONTACT,
    FIRST_LINK,
    NAME,
    NOW,
    SECOND_LINK,
    SUPPORT,
    after,
    announced,
    associate,
    company,
    confirm,
    contact,
    deny,
    elapse,
    elapse_at,
    given,
    played,
    refusal,
    reject,
    resend,
    staff,
    start,
    status_of,
    support,
    update,
    withdraw,
)

from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.account import ForgetApplicant
from enrollment.domain.enrollment.admission import link_state
from enrollment.domain.enrollment.application import RESENDS_PER_DAY
from enrollment.domain.enrollment.deadlines import Wait, ends_at, next_due, wait
from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.state import CLOSED, Enrollment, PrimaryContact
from enrollment.domain.enrollment.waits import USUAL, Waits
from enrollment.domain.enrollment.weekdays import business_days_after
from kontor_contracts.enrollment import (
    ContactDenied,
    EnrollmentCorrected,
    EnrollmentExpired,
    EnrollmentRejected,
    EnrollmentReminded,
    EnrollmentWithdrawn,
    ReviewDelayed,
)

RIGHT = replace(CONTACT, email="anna.schafer@mueller-soehne.example")
UNDECIDED = ["contact-pending", "in-review"]
HOUR = timedelta(hours=1)
LATER = company(NOW + 3 * HOUR)


class TestCorrection:
    @pytest.mark.parametrize("where", UNDECIDED)
    def test_a_mistyped_contact_is_corrected_and_asked(self, where: str) -> None:
        facts = announced(contact(RIGHT, LATER), given(where))
        assert facts == ["EnrollmentCorrected", "ContactVerificationRequested"]
        state = after(contact(RIGHT, LATER), given(where))
        assert (state.status, state.primary_contact) == ("contact-pending", RIGHT)
        assert link_state(state, FIRST_LINK, NOW) == "unknown", "the old link is void, and says nothing"
        assert announced(confirm(SECOND_LINK, NOW + 4 * HOUR), state) == ["ContactVerified"]

    def test_the_same_mailbox_is_not_asked_again(self) -> None:
        renamed = replace(CONTACT, name="Anna Schäfer-Groß")
        assert announced(contact(renamed, LATER), given("in-review")) == ["EnrollmentCorrected"]
        assert after(contact(renamed, LATER), given("in-review")).status == "in-review"

    def test_corrections_of_the_contact_are_limited_by_day(self) -> None:
        state = given("contact-pending")
        for number in range(RESENDS_PER_DAY):
            state = after(contact(replace(CONTACT, email=f"a{number}@x.example"), token_hash=f"{number:064d}"), state)
        more = contact(RIGHT, company(NOW + HOUR))
        assert refusal(more, state).reason == "resend-limit-reached"
        assert "2026-11-03 09:00 UTC" in refusal(more, state).detail
        assert announced(contact(RIGHT, company(NOW + timedelta(days=1))), state)

    @pytest.mark.parametrize("where", UNDECIDED)
    def test_information_is_corrected_until_it_is_decided(self, where: str) -> None:
        command = update(company_name="Müller Söhne IT GmbH", actor=LATER)
        (announcement,) = (fact for fact in decide(command, given(where)) if isinstance(fact, EnrollmentCorrected))
        assert (announcement.fields, announcement.by_staff) == (("company_name",), False)
        assert (announcement.company_name, announcement.applicant) == ("Müller Söhne IT GmbH", APPLICANT)
        state = after(command, given(where))
        (change,) = state.changes
        assert (change.field, change.by, change.old, change.new) == (
            "company_name",
            "user-1",
            NAME,
            "Müller Söhne IT GmbH",
        )
        assert after(associate(partner_id="4711009"), state).partner_id == "4711009"

    def test_a_submitted_enrollment_stays_complete(self) -> None:
        state = replace(given("in-review"), registration_id="HRB 1", registration_id_mandatory=True)
        assert refusal(update(registration_id=None), state).field == "registration_id"

    @pytest.mark.parametrize("where", ["contact-pending", "in-review", "qualified", "active", "suspended"])
    def test_the_support_contact_is_changed_at_any_time(self, where: str) -> None:
        changed = replace(SUPPORT, website=None)
        assert after(support(changed, LATER), given(where)).support_contact == changed

    @pytest.mark.parametrize("where", [*UNDECIDED, "draft"])
    def test_the_staff_corrects_what_the_company_may(self, where: str) -> None:
        state = after(update(company_name="Müller AG", actor=staff(NOW + HOUR)), given(where))
        assert state.company_name == "Müller AG"
        own = update(company_name="Müller AG", actor=staff(NOW, organization="org-1"))
        assert status_of(refusal(own, given(where))) == 403

    @pytest.mark.parametrize("where", ["qualified", "active", "suspended"])
    def test_what_is_decided_is_not_corrected(self, where: str) -> None:
        assert refusal(update(company_name="Müller AG"), given(where)).reason == "not-editable"


class TestWithdrawal:
    @pytest.mark.parametrize("where", ["draft", *UNDECIDED, "qualified"])
    @pytest.mark.parametrize("actor", [company(NOW), staff(NOW)])
    def test_an_open_enrollment_is_taken_back_once(self, where: str, actor: object) -> None:
        command = withdraw(actor)  # type: ignore[arg-type]
        (withdrawn, _) = decide(command, given(where))
        assert isinstance(withdrawn, EnrollmentWithdrawn)
        assert withdrawn.applicant == APPLICANT
        assert (withdrawn.contact is None) == (where == "draft"), "no mail to a contact without a link"
        state = after(command, given(where))
        assert ENROLLMENT.claims(state) == {} and decide(command, state) == []

    @pytest.mark.parametrize("where", ["active", "suspended"])
    def test_a_partner_does_not_withdraw(self, where: str) -> None:
        assert refusal(withdraw(), given(where)).reason == "not-editable"

    def test_a_link_of_what_was_taken_back_says_so(self) -> None:
        state = given("withdrawn")
        assert link_state(state, FIRST_LINK, NOW) == "over"
        assert refusal(confirm(), state).reason == "closed"
        assert decide(deny(), state) == []

    @pytest.mark.parametrize("where", ["draft", *UNDECIDED, "qualified"])
    def test_the_staff_rejects_in_any_open_state(self, where: str) -> None:
        (rejected, _) = decide(reject(explanation="Not in the register."), given(where))
        assert isinstance(rejected, EnrollmentRejected)
        assert rejected.explanation == "Not in the register."
        assert rejected.contact.email == (APPLICANT.email if where == "draft" else CONTACT.email)

    def test_a_draft_that_names_nobody_is_withdrawn_instead(self) -> None:
        forgotten = after(ForgetApplicant(), given("draft"))
        assert refusal(reject(), forgotten).reason == "incomplete"
        assert announced(withdraw(staff(NOW)), forgotten) == ["EnrollmentWithdrawn"]


class TestDenial:
    def test_the_applicant_reads_until_when_it_can_be_undone(self) -> None:
        (denied, _) = decide(deny(at=NOW), given("contact-pending"))
        assert isinstance(denied, ContactDenied)
        assert (denied.applicant, denied.undo_until) == (APPLICANT, NOW + timedelta(days=7))

    def test_a_new_mail_undoes_a_denial_for_seven_days(self) -> None:
        state = given("cancelled")
        assert state.undo_until is not None
        in_time = resend(at=state.undo_until - timedelta(seconds=1))
        assert announced(in_time, state) == ["EnrollmentReopened", "ContactVerificationRequested"]
        assert after(in_time, state).status == "contact-pending"
        assert refusal(resend(at=state.undo_until), state).reason == "not-awaiting-contact"

    def test_another_contact_undoes_a_denial(self) -> None:
        state = after(contact(RIGHT, LATER), given("cancelled"))
        assert (state.status, state.undo_until) == ("contact-pending", None)
        assert ENROLLMENT.claims(state) == {"organization": "org-1", "partner_id": "4711001"}
        assert refusal(contact(RIGHT, company(NOW + timedelta(days=8))), given("cancelled")).reason == "closed"

    def test_a_reopened_enrollment_may_be_denied_again(self) -> None:
        state = played([resend(at=NOW + 3 * HOUR), deny(SECOND_LINK, NOW + 4 * HOUR)], given("cancelled"))
        assert state.status == "cancelled" and state.undo_until == NOW + 4 * HOUR + timedelta(days=7)


def waiting_time(where: str) -> Wait:
    return wait(where, USUAL)  # type: ignore[arg-type]


class TestWaiting:
    @pytest.mark.parametrize("where", ["draft", "contact-pending", "qualified"])
    def test_a_state_that_waits_reminds_and_then_ends(self, where: str) -> None:
        state, wait = given(where), waiting_time(where)
        end = ends_at(state)
        assert end is not None
        mails = []
        for before in wait.reminders:
            assert next_due(state) == end - before
            facts = decide(elapse_at(end - before), state)
            mails += [fact for fact in facts if isinstance(fact, EnrollmentReminded)]
            state = after(elapse_at(end - before), state)
            assert decide(elapse_at(end - before), state) == []
        assert [(mail.status, mail.ends_at) for mail in mails] == [(where, end)] * len(wait.reminders)
        assert next_due(state) == end
        (expired, _) = decide(elapse_at(end), state)
        assert isinstance(expired, EnrollmentExpired) and expired.applicant == APPLICANT
        ended = after(elapse_at(end), state)
        assert ended.status == "expired" and ENROLLMENT.claims(ended) == {}

    def test_missed_reminders_are_sent_as_one(self) -> None:
        state = given("contact-pending")
        assert announced(elapse(24), state) == ["EnrollmentReminded"]
        assert next_due(after(elapse(24), state)) == NOW + timedelta(days=29)

    def test_a_draft_waits_from_its_last_change(self) -> None:
        state = after(update(company_name="Müller AG", actor=company(NOW + timedelta(days=25))), given("draft"))
        assert ends_at(state) == NOW + timedelta(days=55)

    def test_a_late_review_is_escalated_and_does_not_end(self) -> None:
        state, friday = given("in-review"), datetime.fromisoformat("2026-11-09T11:00:00Z")
        assert next_due(state) == friday
        delayed, _ = decide(elapse_at(friday), state)
        assert isinstance(delayed, ReviewDelayed) and delayed.escalation == 1
        again = after(elapse_at(friday), state)
        assert decide(elapse_at(friday), again) == []
        assert next_due(again) == datetime.fromisoformat("2026-11-16T11:00:00Z")

    def test_missed_escalations_are_said_once(self) -> None:
        state = given("in-review")
        assert announced(elapse(15), state) == ["ReviewDelayed"]
        late = after(elapse(15), state)
        assert (late.escalations, decide(elapse(15), late)) == (2, [])

    @pytest.mark.parametrize("where", CLOSED)
    def test_a_closed_enrollment_keeps_people_for_three_years(self, where: str) -> None:
        state = given(where)
        end = state.history[-1].at + timedelta(days=USUAL.retention)
        assert next_due(state) == end and decide(elapse_at(end - HOUR), state) == []
        erased = after(elapse_at(end), state)
        assert (erased.status, erased.primary_contact, erased.support_contact, erased.applicant) == (
            where,
            None,
            None,
            None,
        )
        assert next_due(erased) is None and decide(elapse_at(end + HOUR), erased) == []
        assert ENROLLMENT.forget(erased) and not ENROLLMENT.forget(state)

    def test_the_operator_sets_how_long_an_enrollment_waits(self) -> None:
        state = after(start(waits=Waits(draft=5)), Enrollment())
        assert ends_at(state) == NOW + timedelta(days=5)
        assert next_due(state) == NOW + timedelta(days=4), "a reminder before the begin is left out"

    @pytest.mark.parametrize(
        ("day", "due"), [("2026-11-02", "2026-11-09"), ("2026-11-06", "2026-11-13"), ("2026-11-07", "2026-11-13")]
    )
    def test_business_days_leave_out_the_weekend(self, day: str, due: str) -> None:
        assert business_days_after(datetime.fromisoformat(day), 5) == datetime.fromisoformat(due)


def test_an_erased_applicant_is_forgotten() -> None:
    state = after(ForgetApplicant(), given("in-review"))
    assert state.applicant is None and decide(ForgetApplicant(), state) == []
    assert "bernd.gross" not in str(state)


def test_a_corrected_contact_is_a_person_at_the_company() -> None:
    webmail = PrimaryContact("Anna", "anna@gmail.com", "+49 221 1", "de")
    assert refusal(contact(webmail, LATER, fault="webmail-address"), given("in-review")).field == "email"
