"""The composition root."""

from fastapi import FastAPI

from chassis import BUDGET, Cause, Chassis, Fire, MailBudgets, Sealer, SignInClient
from relationships.api import (
    acceptance as api_acceptance,
)
from relationships.api import (
    authorizations as api_authorizations,
)
from relationships.api import (
    customers as api_customers,
)
from relationships.api import (
    invitations as api_invitations,
)
from relationships.api import (
    partnerships as api_partnerships,
)
from relationships.api.acceptance import ACCEPTING
from relationships.checks import GRANTS, PARTNER_ID, Checks
from relationships.documents import CUSTOMER, INVITATION, PARTNER, PARTNERSHIP, WAITING
from relationships.domain.invitation.decide import ExpireInvitation
from relationships.imports import looking
from relationships.links import Links
from relationships.pages import acceptance as api_acceptance_page
from relationships.pages.invitation import InvitationPage
from relationships.portals import Portals
from relationships.settings import Settings
from relationships.subscribers import reactions


def build(settings: Settings) -> tuple[Chassis, FastAPI]:
    chassis = Chassis(settings, aggregates=[PARTNER, INVITATION, PARTNERSHIP, CUSTOMER, WAITING, BUDGET])
    portals = Portals(settings.portals())
    checks = Checks(chassis.mirror(PARTNER_ID, GRANTS, limit=settings.check_documents, bound=settings.check_bound))
    links = Links(settings.link_secret_file, settings.public_url)
    client = SignInClient(settings, secret=settings.link_secret_file.read_bytes().strip(), scope=ACCEPTING)
    app = chassis.application(
        title="Kontor relationships",
        routers=[
            # Routes are tried in this order, and checks come most often.
            api_authorizations.router(checks),
            api_invitations.router(
                chassis, links, Sealer(settings.sealing_key_file), MailBudgets(chassis.handler, settings)
            ),
            api_partnerships.router(chassis),
            api_customers.router(chassis),
            api_acceptance.router(chassis, links),
            api_acceptance_page.router(chassis, links, InvitationPage(settings.identity_url), client),
        ],
        reactions=reactions(chassis.store, settings.now, portals),
        timers={INVITATION.kind: expiry(chassis), WAITING.kind: looking(chassis, portals)},
    )
    return chassis, app


def expiry(chassis: Chassis) -> Fire:
    """A due invitation expires. Fired twice, the second finds it expired."""

    async def expire(id: str, cause: Cause) -> None:
        await chassis.handler.handle(INVITATION, id, ExpireInvitation(cause.time), cause)

    return expire
