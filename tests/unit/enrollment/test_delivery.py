"""What became of the mails about an enrollment."""

from datetime import timedelta

from unit.enrollment.story import NOW, after, announced, confirm, given, played, resend

from enrollment.domain.enrollment.decide import decide
from enrollment.domain.enrollment.delivery import NoteMail
from enrollment.domain.enrollment.mails import MAILS_KEPT, MailState
from enrollment.domain.enrollment.state import Enrollment
from enrollment.domain.enrollment.timeline import timeline

LINK = "contact-verification"


TIMES: dict[MailState, int] = {"queued": 0, "deferred": 1, "sent": 2, "undeliverable": 3, "withdrawn": 3}


def news(state: MailState, mail_id: str = "m-1", template: str = LINK) -> NoteMail:
    reason = "unknown-mailbox" if state == "undeliverable" else None
    at = NOW + timedelta(minutes=TIMES[state])
    return NoteMail(mail_id=mail_id, template=template, state=state, at=at, reason=reason)


def mailed(*last: NoteMail) -> Enrollment:
    return played([news("queued"), *last], given("contact-pending"))


def test_a_mail_goes_on_and_older_news_change_nothing() -> None:
    sent = mailed(news("sent"))
    assert [one.state for one in sent.mails] == ["sent"]
    assert decide(news("queued"), sent) == []
    assert [one.state for one in after(news("undeliverable"), sent).mails] == ["undeliverable"]


def test_an_undeliverable_link_asks_the_company_to_correct_the_contact() -> None:
    assert announced(news("undeliverable"), mailed()) == ["ContactUndeliverable"]
    found = timeline(mailed(news("undeliverable")))
    assert (found.next_actor, found.next_action) == ("company", "correct-contact")


def test_a_mail_that_is_sent_after_all_needs_no_correction() -> None:
    again = NoteMail(mail_id="m-1", template=LINK, state="sent", at=NOW + timedelta(days=1))
    state = played([again], mailed(news("undeliverable")))
    assert timeline(state).next_action == "confirm-by-mail"


def test_a_newer_link_is_what_counts() -> None:
    again = played([resend(at=NOW + timedelta(hours=1)), news("queued", "m-2")], mailed(news("undeliverable")))
    assert timeline(again).next_action == "confirm-by-mail"
    assert announced(news("undeliverable", "m-2"), again) == ["ContactUndeliverable"]
    assert announced(news("undeliverable"), played([news("queued", "m-2")], mailed())) == []


def test_another_mail_that_is_undeliverable_asks_for_nothing() -> None:
    state = played([news("queued", "m-2", "enrollment-reminder")], mailed())
    assert announced(news("undeliverable", "m-2", "enrollment-reminder"), state) == []


def test_a_confirmed_contact_is_reachable() -> None:
    state = played([confirm()], mailed())
    assert announced(news("undeliverable"), state) == []


def test_the_newest_link_stays_among_many_mails() -> None:
    others = [news("queued", f"o-{number}", "enrollment-reminder") for number in range(3 * MAILS_KEPT)]
    state = mailed(*others)
    assert len(state.mails) == MAILS_KEPT
    assert announced(news("undeliverable"), state) == ["ContactUndeliverable"]


def test_news_of_a_forgotten_mail_change_nothing() -> None:
    assert decide(news("sent", "m-9"), mailed()) == []
