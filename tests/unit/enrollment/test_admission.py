"""The second half of an enrollment: links, reviews and the signature."""

from datetime import timedelta

import pytest
from unit.enrollment.story import (
    APPLICANT,
    CONTACT,
    FIRST_LINK,
    NAME,
    NOW,
    SECOND_LINK,
    WEEK,
    after,
    announced,
    confirm,
    deny,
    given,
    played,
    refusal,
    reject,
    resend,
    review,
    sign,
    status_of,
)

from enrollment.domain.enrollment.admission import LinkState, link_state
from enrollment.domain.enrollment.application import RESENDS_PER_DAY
from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.evolve.history import LINKS_REMEMBERED
from enrollment.domain.enrollment.state import Enrollment
from kontor_contracts.enrollment import AgreementSigned, EnrollmentActivated, EnrollmentRejected
from kontor_contracts.values import Partner

UNKNOWN = "0" * 64
STATUSES = ["draft", "complete", "contact-pending", "in-review", "rejected", "qualified", "active", "cancelled"]


class TestLinks:
    @pytest.mark.parametrize(
        ("where", "state"),
        [
            ("draft", "unknown"),
            ("contact-pending", "valid"),
            ("in-review", "confirmed"),
            ("rejected", "confirmed"),
            ("active", "confirmed"),
            ("cancelled", "denied"),
        ],
    )
    def test_a_link_tells_what_came_of_it(self, where: str, state: LinkState) -> None:
        assert link_state(given(where), FIRST_LINK, NOW) == state

    @pytest.mark.parametrize("where", STATUSES)
    def test_a_guessed_link_tells_nothing(self, where: str) -> None:
        assert link_state(given(where), UNKNOWN, NOW) == "unknown"
        assert refusal(confirm(UNKNOWN), given(where)).reason == "link-unknown"
        assert status_of(refusal(deny(UNKNOWN), given(where))) == 404

    def test_a_link_holds_until_its_last_moment_and_no_longer(self) -> None:
        state, end = given("contact-pending"), NOW + WEEK
        assert announced(confirm(at=end - timedelta(seconds=1)), state) == ["ContactVerified"]
        assert refusal(confirm(at=end), state).reason == "link-expired"
        assert status_of(refusal(deny(at=end), state)) == 410

    def test_a_newer_mail_makes_the_older_link_void(self) -> None:
        state = after(resend(), given("contact-pending"))
        assert refusal(confirm(FIRST_LINK), state).reason == "link-superseded"
        assert announced(confirm(SECOND_LINK), state) == ["ContactVerified"]

    def test_the_newest_link_always_holds(self) -> None:
        state = given("contact-pending")
        for number in range(LINKS_REMEMBERED + 5):
            state = after(resend(f"{number:064d}", NOW + timedelta(days=number + 1)), state)
        newest, at = f"{LINKS_REMEMBERED + 4:064d}", NOW + timedelta(days=LINKS_REMEMBERED + 5)
        assert link_state(state, newest, at) == "valid"
        assert len(state.superseded) == LINKS_REMEMBERED

    def test_an_older_link_shows_what_the_newer_one_was_used_for(self) -> None:
        state = played([resend(), confirm(SECOND_LINK)], given("contact-pending"))
        assert link_state(state, FIRST_LINK, NOW) == "confirmed"


class TestContact:
    def test_confirming_begins_the_review(self) -> None:
        assert announced(confirm(), given("contact-pending")) == ["ContactVerified"]
        state = given("in-review")
        assert (state.status, state.history[-1].by) == ("in-review", "primary-contact")

    def test_denying_cancels_the_enrollment(self) -> None:
        assert announced(deny(), given("contact-pending")) == ["ContactDenied"]
        assert given("cancelled").status == "cancelled"

    def test_a_second_click_changes_nothing(self) -> None:
        for where in ("in-review", "rejected", "qualified", "active"):
            assert decide(confirm(), given(where)) == []
        assert decide(deny(), given("cancelled")) == []

    def test_the_first_answer_stands(self) -> None:
        assert refusal(deny(), given("in-review")).reason == "already-confirmed"
        assert refusal(confirm(), given("cancelled")).reason == "already-denied"


class TestResend:
    def test_it_sends_a_new_link(self) -> None:
        assert announced(resend(), given("contact-pending")) == ["ContactVerificationRequested"]

    def test_not_within_a_minute_of_the_last_mail(self) -> None:
        state = given("contact-pending")
        refused = refusal(resend(at=NOW + timedelta(seconds=59)), state)
        assert refused.reason == "resend-too-soon"
        assert "09:01:00" in refused.detail
        assert announced(resend(at=NOW + timedelta(minutes=1)), state) == ["ContactVerificationRequested"]

    def test_five_times_within_a_day(self) -> None:
        state = given("contact-pending")
        for number in range(RESENDS_PER_DAY):
            state = played([resend(f"{number:064d}", NOW + timedelta(hours=number + 1))], state)
        sixth = "f" * 64
        refused = refusal(resend(sixth, NOW + timedelta(hours=24)), state)
        assert refused.reason == "resend-limit-reached"
        assert "2026-11-03 10:00" in refused.detail
        assert announced(resend(sixth, NOW + timedelta(hours=25)), state) == ["ContactVerificationRequested"]

    @pytest.mark.parametrize("where", [status for status in STATUSES if status not in {"contact-pending", "cancelled"}])
    def test_only_while_the_contact_is_asked(self, where: str) -> None:
        assert refusal(resend(), given(where)).reason == "not-awaiting-contact"


class TestReview:
    def test_approving_qualifies(self) -> None:
        assert announced(review(), given("in-review")) == ["EnrollmentApproved"]
        assert given("qualified").status == "qualified"

    def test_rejecting_tells_the_reason(self) -> None:
        rejected, _ = decide(reject(), given("in-review"))
        assert isinstance(rejected, EnrollmentRejected)
        assert (rejected.reason, rejected.contact.email) == ("business-not-verified", CONTACT.email)
        assert given("rejected").rejection_reason == "business-not-verified"

    def test_a_rejection_needs_a_reason(self) -> None:
        refused = refusal(reject(reason=None), given("in-review"))
        assert (refused.reason, refused.field) == ("reason-missing", "reason")

    @pytest.mark.parametrize("where", STATUSES)
    def test_nobody_reviews_their_own_company(self, where: str) -> None:
        for command in (review(reviewer_organization="org-1"), reject(reviewer_organization="org-1")):
            refused = refusal(command, given(where))
            assert (refused.reason, status_of(refused)) == ("own-company", 403)

    @pytest.mark.parametrize(
        ("where", "reason"),
        [
            ("complete", "not-in-review"),
            ("contact-pending", "not-in-review"),
            ("rejected", "closed"),
            ("cancelled", "closed"),
        ],
    )
    def test_only_what_is_in_review_can_be_approved(self, where: str, reason: str) -> None:
        assert refusal(review(), given(where)).reason == reason

    def test_a_decision_stands(self) -> None:
        assert decide(review(), given("qualified")) == []
        assert decide(review(), given("active")) == []
        assert decide(reject(), given("rejected")) == []
        assert refusal(reject(reason="not-eligible"), given("rejected")).reason == "closed"
        assert refusal(reject(), given("active")).reason == "not-in-review"


class TestSignature:
    def test_signing_activates_the_company_as_a_partner(self) -> None:
        signed, activated, _ = decide(sign(signer="user-2"), given("qualified"))
        assert signed == AgreementSigned(
            enrollment_id="e-1",
            organization_id="org-1",
            agreement_version="2026-11",
            signed_by="user-2",
            signed_at=NOW + timedelta(days=3),
            region="europe",
            language="de",
            text_sha256="c" * 64,
        )
        assert activated == EnrollmentActivated(
            enrollment_id="e-1",
            partner=Partner(
                organization_id="org-1",
                partner_id="4711001",
                name=NAME,
                program="indirect-reseller",
                contact=CONTACT.recipient,
            ),
            country="DE",
            region="europe",
            enrolled_by="user-1",
            applicant=APPLICANT,
        )
        assert (given("active").status, given("active").agreement_version) == ("active", "2026-11")

    def test_it_must_be_accepted(self) -> None:
        refused = refusal(sign(accepted=False), given("qualified"))
        assert (refused.reason, refused.field) == ("agreement-not-accepted", "accepted")

    def test_only_the_current_version_can_be_signed(self) -> None:
        refused = refusal(sign(version="2025-01"), given("qualified"))
        assert (refused.reason, refused.field) == ("agreement-outdated", "version")
        assert "2026-11" in refused.detail

    def test_nobody_signs_for_another_company(self) -> None:
        assert refusal(sign(signer_organization="org-2"), given("qualified")).reason == "foreign-signer"

    @pytest.mark.parametrize("where", [status for status in STATUSES if status not in {"qualified", "active"}])
    def test_only_a_qualified_company_signs(self, where: str) -> None:
        assert refusal(sign(), given(where)).reason == "not-qualified"

    def test_a_signature_stands_when_a_newer_version_comes(self) -> None:
        assert decide(sign(current_version="2027-01"), given("active")) == []


def test_the_history_tells_every_step_and_who_made_it() -> None:
    assert [(m.status, m.by) for m in given("active").history] == [
        ("draft", "user-1"),
        ("contact-pending", "user-1"),
        ("in-review", "primary-contact"),
        ("qualified", "user-9"),
        ("active", "user-1"),
    ]


@pytest.mark.parametrize("command", [resend(), confirm(), deny(), review(), sign()], ids=lambda c: type(c).__name__)
def test_there_is_nothing_to_admit_before_the_start(command: object) -> None:
    assert refusal(command, Enrollment()).reason == "not-started"  # type: ignore[arg-type]
