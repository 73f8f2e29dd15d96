"""The table of messages that make waiting mails void."""

from pathlib import Path

import pytest

import notifications
from kontor_contracts import Payload
from kontor_contracts.enrollment import ContactVerificationRequested
from kontor_contracts.identity import AddressChangeRequested, PasswordResetRequested, UserInvited
from kontor_contracts.topics import read_by
from notifications.invitation_mails import ENDING
from notifications.withdrawals import VOIDED

TEMPLATES = {path.name.partition(".")[0] for path in (Path(notifications.__file__).parent / "templates").iterdir()}


@pytest.mark.parametrize("event", VOIDED, ids=lambda event: event.__name__)
def test_a_void_mail_has_a_template_and_its_message_is_read(event: type[Payload]) -> None:
    assert set(VOIDED[event]) <= TEMPLATES
    assert event in {message for topic in read_by("notifications") for message in topic.messages}
    assert event not in ENDING, "one reaction answers a message"


@pytest.mark.parametrize(
    ("event", "template"),
    [
        (UserInvited, "user-invited"),
        (AddressChangeRequested, "address-change"),
        (ContactVerificationRequested, "contact-verification"),
    ],
)
def test_a_new_link_replaces_the_mail_with_the_old_one(event: type[Payload], template: str) -> None:
    assert VOIDED[event] == (template,)


def test_whoever_asks_for_a_reset_again_keeps_no_mail_back() -> None:
    assert PasswordResetRequested not in VOIDED
