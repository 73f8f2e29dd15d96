"""Who causes a mail, as facts of ours: what the mail says about its sender is not the sender's to choose."""

from dataclasses import dataclass

from chassis import Cause, Chassis, MailBudgets
from identity.documents import DOMAIN
from identity.domain.user.state import Granter, User
from identity.people.lookup import granter, its_organization, profile_of
from kontor_contracts.identity import OrganizationProfile, Sender


@dataclass(frozen=True, slots=True)
class Inviter:
    """An administrator who adds or invites somebody: as the rules see one, and as the mail names one."""

    organization: OrganizationProfile
    by: Granter
    sender: Sender


async def inviter_of(chassis: Chassis, user: User) -> Inviter:
    """The user, and what is proved of the organization."""
    organization = await its_organization(chassis, user)
    where = {"tenant": profile_of(user).organization_id, "state.status": "proved"}
    proved = await chassis.store.find(DOMAIN, where, limit=1)
    sender = Sender(
        name=user.full_name,
        email=user.email,
        domain=proved[0][1].domain if proved else None,
        status=organization.status if organization else "registered",
    )
    profile = organization.profile if organization and organization.profile else profile_of(user)
    return Inviter(profile, granter(user, organization), sender)


async def charge(budgets: MailBudgets, inviter: Inviter, cause: Cause, mails: int = 1) -> dict[str, str]:
    """Charge the organization and the administrator for mails; headers for the answer. ProblemError 429 where none is left."""
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
    """Charge them, and the addressee, for one mail."""
    headers = await charge(budgets, inviter, cause)
    await budgets.by_addressee(cause, email=email, purpose=purpose)
    return headers


def is_proved(sender: Sender) -> bool:
    """Whether the organization is more than what somebody called it: it has proved a domain, or is in the program."""
    return sender.domain is not None or sender.status in {"qualified", "active"}
