"""The documents of the service: domain functions, owner, lists and indexes of mails; suppressions; retries of many mails."""

from chassis import Aggregate, Index, derived_id
from kontor_contracts.addresses import address_key
from notifications.domain.mail.decide import decide, evolve
from notifications.domain.mail.state import Command, Mail
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


def suppression_key(email: str) -> str:
    """One document per mailbox, whatever the spelling of its address."""
    return derived_id("address", address_key(email))


def suppression_id(email: str) -> str:
    return SUPPRESSION.id(suppression_key(email))
