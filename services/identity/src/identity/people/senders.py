"""The sender of a mail, from stored facts: senders cannot choose what the mail says about them."""

from dataclasses import dataclass

from chassis import Cause, MongoStore
from chassis.limits import MailBudgets
from identity.documents import DOMAIN
from identity.domain.user.state import Granter, User
from identity.people.lookup import granter, its_organization, profile_of
from kontor_contracts.identity import OrganizationProfile, Sender


@dataclass(frozen=True, slots=True)
class Inviter:
    """An administrator who adds or invites users: for the rules, and for the mail."""

    organization: OrganizationProfile
    by: Granter
    sender: Sender


async def inviter_of(store: MongoStore, user: User) -> Inviter:
    """The administrator, with the proved facts about the organization."""
    organization = await its_organization(store, user)
    where = {"tenant": profile_of(user).organization_id, "state.status": "proved"}
    proved = await store.find(DOMAIN, where, limit=1)
    sender = Sender(
        name=user.full_name,
        email=user.email,
        domain=proved[0][1].domain if proved else None,
        status=organization.status if organization else "registered",
    )
    profile = organization.profile if organization and organization.profile else profile_of(user)
    return Inviter(profile, granter(user, organization), sender)


async def charge(budgets: MailBudgets, inviter: Inviter, cause: Cause, mails: int = 1) -> dict[str, str]:
    """Charge mails to the organization and the administrator. Returns headers; ProblemError 429 if the budget is spent."""
    return await budgets.by_organization(
        cause,
        organization_id=inviter.organization.organization_id,
        person=inviter.by.user_id,
        proved=is_proved(inviter.sender),
        mails=mails,
    )


async def charge_one(
    budgets: MailBudgets, inviter: Inviter, cause: Cause, email: str, purpose: str = "invitation"
) -> dict[str, str]:
    """Charge one mail to the organization, the administrator and the addressee."""
    headers = await charge(budgets, inviter, cause)
    await charge_addressee(budgets, inviter, cause, email, purpose)
    return headers


async def charge_addressee(
    budgets: MailBudgets, inviter: Inviter, cause: Cause, email: str, purpose: str = "invitation"
) -> None:
    """Strangers share what an addressee gets in a day; they cannot use up the share of an organization that is proved."""
    own = inviter.organization.organization_id if is_proved(inviter.sender) else ""
    await budgets.by_addressee(cause, email=email, purpose=purpose, organization_id=own)


def is_proved(sender: Sender) -> bool:
    """Whether the organization has proved a domain or is in the program."""
    return sender.domain is not None or sender.status in {"qualified", "active"}
