"""The documents of the service: domain functions, owner and indexes of mails."""

from chassis import Aggregate, Index
from notifications.domain.mail.decide import decide, evolve
from notifications.domain.mail.state import Command, Mail

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
