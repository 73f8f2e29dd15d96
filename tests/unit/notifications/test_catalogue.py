"""The list of all mails is whole: every template and every message stands in it."""

from notifications.catalogue import Catalogue
from notifications.domain.preferences.categories import MANDATORY, OPTIONAL
from notifications.mails import MAILS
from notifications.templates import Letterhead, Templates

CATALOGUE = Catalogue()


def test_the_catalogue_has_every_template_and_no_other() -> None:
    assert {one.name for one in CATALOGUE} == set(Templates(Letterhead()).names)


def test_the_catalogue_names_every_message_that_leads_to_a_mail() -> None:
    named = {name for one in CATALOGUE for name in one.messages}
    assert named == {message.__name__ for message in MAILS}


def test_every_category_has_mails_and_is_mandatory_or_optional() -> None:
    assert {one.category for one in CATALOGUE} == {*MANDATORY, *OPTIONAL}
    assert not set(MANDATORY) & set(OPTIONAL)


def test_security_and_account_mails_cannot_be_done_without() -> None:
    for name in ("password-changed", "second-factor-changed", "password-reset", "contact-verification", "invitation"):
        assert not CATALOGUE[name].optional
