"""What the store must know of a mail."""

from chassis.decider import Aggregate, Index
from notifications.domain import decide, evolve
from notifications.domain_mail import Command, Mail

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
    ),
)
