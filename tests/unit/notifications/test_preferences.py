"""Which mails a reader gets is the reader's choice, but for the mandatory ones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.crypto import Sealer
from kontor_contracts.notifications import MailPreferencesChanged, MailSkipped
from kontor_contracts.values import Recipient
from kontor_local.keys import SEALING_PRIVATE, SEALING_PUBLIC, write_keys
from notifications.catalogue import Catalogue
from notifications.domain.mail.decide import decide as decide_mail
from notifications.domain.mail.decide import evolve as evolve_mail
from notifications.domain.mail.ordering import order
from notifications.domain.mail.orders import MailOrderRefused, RetryMail, StopMail
from notifications.domain.mail.state import Letter, Mail, QueueMail, RecordDeferred, Skip, StartAttempt
from notifications.domain.preferences.categories import MANDATORY, OPTIONAL
from notifications.domain.preferences.decide import decide, evolve
from notifications.domain.preferences.state import (
    AdoptPreferences,
    ChoosePreferences,
    Command,
    ForgetPreferences,
    MuteCategory,
    Preferences,
    PreferencesRefused,
)
from notifications.readers import in_language

NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
LETTER = Letter(
    mail_id="m1",
    template="review-started",
    recipient=Recipient(name="Zoë", email="zoe@a.example", culture="de-AT"),
    cause_id="c1",
    correlation_id="k1",
    queued_at=NOW,
)


def after(state: Preferences, *commands: Command) -> Preferences:
    for command in commands:
        for fact in decide(command, state):
            state = evolve(state, fact)
    return state


def choose(*muted: str, language: str | None = None, user_id: str | None = "u1") -> ChoosePreferences:
    return ChoosePreferences(muted=muted, language=language, at=NOW, user_id=user_id)


@pytest.mark.parametrize("category", [*MANDATORY, "unheard-of"])
def test_a_mandatory_category_cannot_be_muted(category: str) -> None:
    for command in (choose("reminders", category), MuteCategory(category=category, at=NOW)):
        (refused,) = decide(command, Preferences())
        assert isinstance(refused, PreferencesRefused)
        assert (refused.reason, refused.field) == ("mail-mandatory", "muted")
        assert category in refused.detail and "reminders" in refused.detail


@given(st.lists(st.sampled_from(sorted(OPTIONAL)), max_size=9))
def test_a_choice_is_kept_once_and_announced_once(muted: list[str]) -> None:
    state = after(Preferences(), choose(*muted, language="de"))
    assert state.muted == tuple(sorted(set(muted)))
    assert decide(choose(*reversed(muted), language="de"), state) == []


def test_one_click_adds_a_category_and_keeps_the_rest() -> None:
    state = after(Preferences(), choose("answers", language="de"), MuteCategory(category="reminders", at=NOW))
    assert (state.muted, state.language, state.user_id) == (("answers", "reminders"), "de", "u1")
    facts = decide(MuteCategory(category="partners", at=NOW), state)
    told = next(fact for fact in facts if isinstance(fact, MailPreferencesChanged))
    assert told.muted == ("answers", "partners", "reminders")


def test_a_choice_moves_to_a_new_address_unless_one_was_made_there() -> None:
    adopt = AdoptPreferences(muted=("answers",), language="de", user_id="u1", at=NOW)
    assert after(Preferences(), adopt).muted == ("answers",)
    assert after(Preferences(), choose("partners"), adopt).muted == ("partners",)
    assert after(Preferences(), choose("partners"), ForgetPreferences()) == Preferences()
    assert decide(ForgetPreferences(), Preferences()) == []


def test_the_catalogue_mutes_optional_mails_alone() -> None:
    catalogue = Catalogue()
    everything = Preferences(muted=(*OPTIONAL, *MANDATORY))
    assert catalogue.muted("review-started", everything)
    assert not catalogue.muted("review-started", Preferences(muted=("reminders",)))
    assert not catalogue.muted("password-changed", everything)
    assert not catalogue.muted("unheard-of", everything)


def queued() -> Mail:
    mail = Mail()
    for fact in decide_mail(QueueMail(LETTER), mail):
        mail = evolve_mail(mail, fact)
    return mail


def test_a_muted_mail_ends_skipped_for_good() -> None:
    mail = queued()
    facts = decide_mail(Skip(now=NOW, why="muted"), mail)
    (skipped,) = facts
    assert isinstance(skipped, MailSkipped) and skipped.reason == "muted"
    mail = evolve_mail(mail, skipped)
    assert (mail.status, mail.failure, mail.next_at) == ("skipped", "muted", None)
    (refused,) = order(RetryMail(at=NOW, reason="try"), mail, LETTER)
    assert isinstance(refused, MailOrderRefused) and refused.reason == "mail-over"
    assert order(StopMail(at=NOW, reason="stop"), mail, LETTER) == []


def test_a_mail_that_its_reader_may_have_is_not_skipped() -> None:
    mail = queued()
    for fact in decide_mail(StartAttempt(owner="a", now=NOW, lease=timedelta(seconds=30)), mail):
        mail = evolve_mail(mail, fact)
    later = NOW + timedelta(minutes=5)
    assert decide_mail(Skip(now=later, why="muted"), mail) == []
    for fact in decide_mail(RecordDeferred(owner="a", now=NOW, error="broke off", ambiguous=True), mail):
        mail = evolve_mail(mail, fact)
    assert decide_mail(Skip(now=later, why="muted"), mail) == []
    assert decide_mail(Skip(now=later, why="muted"), replace(mail, ambiguous=False)) != []


@pytest.mark.parametrize(
    ("culture", "chosen", "read"),
    [("de-AT", "de", "de-AT"), ("de-AT", "en", "en"), ("fr-FR", "en", "fr-FR"), ("en", None, "en")],
)
def test_a_chosen_language_replaces_another_one_alone(culture: str, chosen: str | None, read: str) -> None:
    reader = Recipient(name="Zoë", email="zoe@a.example", culture=culture)
    assert in_language(reader, Preferences(language=chosen)).culture == read


def test_a_mark_is_made_by_the_private_key_alone(tmp_path: Path) -> None:
    write_keys(tmp_path)
    private, public = Sealer(tmp_path / SEALING_PRIVATE), Sealer(tmp_path / SEALING_PUBLIC)
    mark = private.mark("mail preferences", "a", "b")
    assert private.marked(mark, "mail preferences", "a", "b")
    for purpose, parts in (("another", ("a", "b")), ("mail preferences", ("a", "c")), ("mail preferences", ("ab",))):
        assert not private.marked(mark, purpose, *parts)
    assert not private.marked("ü", "mail preferences", "a", "b")
    with pytest.raises(ValueError, match="private"):
        public.mark("mail preferences", "a", "b")
