"""Commands on the reseller of record of a subscription."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from kontor_contracts.resellers_of_record import NamedPartner
from relationships.domain.record.judging import Reason

Remover = Literal["provider", "reseller", "program"]
Consequence = Literal["customer-relationship-ended", "partnership-ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A portal's command, for its refusal."""

    portal: str
    provider_partner_id: str
    customer_id: str
    subscription_id: str
    partner_id: str | None = None
    entitled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReseller:
    """``verdict``: of `judging.judged`. ``provider`` and ``reseller`` None: not known, and the verdict says so.

    ``asked``: a portal asks for it; None: the user ``by``.
    """

    record_id: str
    customer_id: str
    subscription_id: str
    provider: NamedPartner | None
    reseller: NamedPartner | None
    verdict: Reason
    by: str | None = None
    asked: Asked | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveReseller:
    """``side``: who removes it. ``organization_id``: of a reseller, which gives up what it is named on itself."""

    side: Remover
    by: str | None = None
    organization_id: str | None = None
    comment: str | None = None
    asked: Asked | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowEnd:
    """A relationship that the naming rests on has ended, ``at``. ``again``: it is there again by now.

    A naming of after the end that rests on the relationship of now stays. Decided again it does no harm.
    """

    REPEATABLE: ClassVar[bool] = True
    because: Consequence
    partner_ids: tuple[str, ...]
    again: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRecord:
    """The record is about the customer ``customer_id`` from now on (`following.customer_of`)."""

    REPEATABLE: ClassVar[bool] = True
    customer_id: str
    at: datetime


Command = SetReseller | RemoveReseller | FollowEnd | MoveRecord
