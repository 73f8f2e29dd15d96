"""The documents of the service: mails, with their owner, lists and indexes; suppressions; retries of many mails; preferences."""

from chassis import Aggregate, Index, derived_id
from kontor_contracts.addresses import address_key
from notifications.domain.mail.decide import decide, evolve
from notifications.domain.mail.state import Command, Mail
from notifications.domain.preferences import decide as preferences
from notifications.domain.preferences.state import Command as OfReader
from notifications.domain.preferences.state import Preferences
from notifications.domain.retrial import Retrial
from notifications.domain.retrial import SelectMails as OfRetrial
from notifications.domain.retrial import decide as decide_retrial
from notifications.domain.retrial import evolve as evolve_retrial
from notifications.domain.suppression import decide as suppression
from notifications.domain.suppression.state import Command as OfAddress
from notifications.domain.suppression.state import Suppression
from notifications.lists import mail_listing, suppression_listing

MAIL: Aggregate[Mail, Command] = Aggregate(
    "mail",
    initial=Mail(),
    decide=decide,
    evolve=evolve,
    # A mail that ended undelivered erases its link then.
    due=lambda mail: mail.next_at or mail.retry_until,
    tenant=lambda mail: mail.letter.tenant if mail.letter else None,
    listed=mail_listing,
    indexes=(
        Index("mails_of_tenant", ("tenant", "_id")),
        Index("mails_by_status", ("state.status", "_id")),
        Index("mails_about_user", ("state.letter.about",)),
        Index("mails_by_subject", ("state.letter.cause_subject",)),
    ),
)

SUPPRESSION: Aggregate[Suppression, OfAddress] = Aggregate(
    "suppression",
    initial=Suppression(),
    decide=suppression.decide,
    evolve=suppression.evolve,
    listed=suppression_listing,
)

RETRIAL: Aggregate[Retrial, OfRetrial] = Aggregate(
    "retrial", initial=Retrial(), decide=decide_retrial, evolve=evolve_retrial
)


PREFERENCES: Aggregate[Preferences, OfReader] = Aggregate(
    "preferences",
    initial=Preferences(),
    decide=preferences.decide,
    evolve=preferences.evolve,
    indexes=(Index("preferences_of_user", ("state.user_id",)),),
)


def preferences_key(email: str) -> str:
    """One document per mailbox, as for suppressions."""
    return derived_id("preferences", address_key(email))


def suppression_key(email: str) -> str:
    """One document per mailbox, whatever the spelling of its address."""
    return derived_id("address", address_key(email))


def suppression_id(email: str) -> str:
    return SUPPRESSION.id(suppression_key(email))
