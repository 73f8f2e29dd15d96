"""The documents of the service: domain functions, owner and indexes of mails; the suppression of addresses."""

from chassis import Aggregate, Index, derived_id
from kontor_contracts.addresses import address_key
from notifications.domain.mail.decide import decide, evolve
from notifications.domain.mail.state import Command, Mail
from notifications.domain.suppression import decide as suppression
from notifications.domain.suppression.state import Command as OfAddress
from notifications.domain.suppression.state import Suppression

MAIL: Aggregate[Mail, Command] = Aggregate(
    "mail",
    initial=Mail(),
    decide=decide,
    evolve=evolve,
    due=lambda mail: mail.next_at,
    tenant=lambda mail: mail.letter.tenant if mail.letter else None,
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
    indexes=(Index("suppressions_by_reason", ("state.reason", "_id")),),
)


def suppression_id(email: str) -> str:
    """One document per mailbox, whatever the spelling of its address."""
    return SUPPRESSION.id(derived_id("address", address_key(email)))
