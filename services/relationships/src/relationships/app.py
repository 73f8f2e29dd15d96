"""The composition root."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI

from chassis import Cause, Chassis, Fire, Handler
from chassis.crypto import Sealer
from chassis.http.pages import SignInClient
from chassis.limits import BUDGET, MailBudgets
from relationships.admin_grants import grant_timer
from relationships.api import (
    acceptance,
    access,
    admin_grants,
    authorizations,
    customer_ends,
    customer_matches,
    customers,
    directory,
    evidence,
    incoming,
    invitations,
    messages,
    partner_requests,
    partners,
    partnerships,
    reseller_validation,
    resellers_of_record,
    rights,
    sending,
)
from relationships.checks import HELD, PARTNER_ID, Checks
from relationships.customer_imports import CustomerImports, waiting_imports
from relationships.documents import (
    ADMIN_GRANT,
    CUSTOMER,
    INVITATION,
    PARTNER,
    PARTNERSHIP,
    PROFILE,
    PROVED_DOMAIN,
    RECORD,
    REFUSALS,
    REQUEST,
    STANDING_NOTICE,
    WAITING,
)
from relationships.domain.partner_request import ExpireRequest
from relationships.domain.partnership import ExpireAdminAccess
from relationships.invitation_timers import invitation_timer
from relationships.links import Links
from relationships.new_partners import tell_addressees
from relationships.pages import acceptance as acceptance_page
from relationships.pages import asking, declining
from relationships.pages import evidence as evidence_page
from relationships.pages.invitation import InvitationPage
from relationships.pages.portal import routes as portal_pages
from relationships.portals import Portals
from relationships.settings import Settings
from relationships.standing_notices import follow_standing, standing_timer
from relationships.subscribers import reactions


def build(settings: Settings) -> tuple[Chassis, FastAPI]:
    chassis = Chassis(
        settings,
        aggregates=[
            PARTNER,
            INVITATION,
            PARTNERSHIP,
            REQUEST,
            PROFILE,
            CUSTOMER,
            ADMIN_GRANT,
            PROVED_DOMAIN,
            STANDING_NOTICE,
            RECORD,
            WAITING,
            REFUSALS,
            BUDGET,
        ],
    )
    portals = Portals(settings.portals())
    cache = chassis.read_cache(PARTNER_ID, HELD, limit=settings.check_documents, bound=settings.check_bound)
    checks = Checks(cache, settings.now)
    links = Links(settings.link_secret_file, settings.public_url)
    sealer, budgets = Sealer(settings.sealing_key_file), MailBudgets(chassis.handler, settings)
    acceptances = acceptance.Acceptances(chassis.store, chassis.handler, links)
    requests = access.AccessRequests(chassis.store, chassis.handler, links, budgets)
    on = reactions(chassis.store, CustomerImports(chassis.store, portals, settings.now), portals, settings.now)
    follow_standing(on)
    tell_addressees(on, chassis.store, links, sealer)
    app = chassis.application(
        title="Kontor relationships",
        routers=[
            # Routes are tried in this order, and checks come most often.
            authorizations.router(checks),
            rights.router(chassis.store, settings.now),
            # Before the routes with an id, which "incoming" is not.
            incoming.router(chassis.store, links),
            invitations.router(chassis.store, chassis.handler, links=links),
            messages.router(chassis.store, chassis.handler, links),
            evidence.router(chassis.store),
            sending.router(chassis.store, chassis.handler, _sendings(chassis, links, sealer, budgets), links),
            access.router(chassis.store, chassis.handler, requests=requests, links=links, sealer=sealer),
            partnerships.router(chassis.store, chassis.handler, budgets, settings.now),
            reseller_validation.router(chassis.store),
            resellers_of_record.router(chassis.store, chassis.handler),
            partners.router(chassis.store),
            directory.router(chassis.store, chassis.handler),
            partner_requests.router(chassis.store, chassis.handler, budgets),
            customers.router(chassis.store, chassis.handler),
            customer_ends.router(chassis.store, chassis.handler, budgets),
            customer_matches.router(chassis.store, chassis.handler, budgets),
            admin_grants.router(chassis.store, chassis.handler, budgets),
            acceptance.router(acceptances),
            *_pages(settings, chassis, links, acceptances, requests),
            portal_pages.router(settings, chassis.authenticator),
        ],
        reactions=on,
        timers={
            STANDING_NOTICE.kind: standing_timer(chassis.store, chassis.handler),
            INVITATION.kind: invitation_timer(chassis.store, chassis.handler, links, sealer),
            PARTNERSHIP.kind: end_of_admin_access(chassis.handler),
            REQUEST.kind: end_of_request(chassis.handler),
            ADMIN_GRANT.kind: grant_timer(chassis.store, chassis.handler),
            WAITING.kind: waiting_imports(chassis.store, chassis.handler, portals),
        },
    )
    return chassis, app


def _sendings(chassis: Chassis, links: Links, sealer: Sealer, budgets: MailBudgets) -> sending.Sendings:
    return sending.Sendings(chassis.store, chassis.handler, links=links, sealer=sealer, budgets=budgets)


def _pages(
    settings: Settings,
    chassis: Chassis,
    links: Links,
    acceptances: acceptance.Acceptances,
    requests: access.AccessRequests,
) -> Sequence[APIRouter]:
    page = InvitationPage(settings.identity_url)
    sign_in = acceptance_page.SignIn(
        SignInClient(settings, secrets_now=links.secrets, scope=acceptance.ACCEPTING), chassis.authenticator
    )
    found = acceptance_page.OpenInvitations(
        chassis.store, chassis.handler, settings.now, links=links, requests=requests, acceptances=acceptances, page=page
    )
    return (
        acceptance_page.router(found, acceptances, page, sign_in),
        asking.router(found, requests, sign_in),
        declining.router(found, acceptances, sign_in),
        evidence_page.router(found, sign_in),
    )


def end_of_admin_access(handler: Handler) -> Fire:
    """The timer of partnerships: the provider's administrator access ends when the reseller's time limit is over."""

    async def end(id: str, cause: Cause) -> None:
        await handler.handle(PARTNERSHIP, id, ExpireAdminAccess(cause.time), cause)

    return end


def end_of_request(handler: Handler) -> Fire:
    """The timer of requests for a partnership: one that nobody answered expires."""

    async def expire(id: str, cause: Cause) -> None:
        await handler.handle(REQUEST, id, ExpireRequest(cause.time), cause)

    return expire
