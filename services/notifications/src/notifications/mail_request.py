"""A mail that a message asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kontor_contracts.values import Recipient


@dataclass(frozen=True, slots=True)
class MailRequest:
    """``about``: the id of the user who gets it, if it is a user. ``withdrawable``: not to be sent once its subject is over.

    ``reply_to``: who gets the answers of its reader; without one, the desk that the settings name.
    """

    template: str
    recipient: Recipient
    context: Mapping[str, str] = field(default_factory=dict)
    sealed_link: str | None = None
    expires_at: datetime | None = None
    about: str | None = None
    withdrawable: bool = False
    reply_to: Recipient | None = None
