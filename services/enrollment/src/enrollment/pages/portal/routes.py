"""All of enrollment's pages in the portal."""

from starlette.routing import Router

from chassis import Authenticator
from chassis.http.pages import Cookies, Portal
from enrollment.pages.portal.actions import add_actions
from enrollment.pages.portal.agreement import add_agreement
from enrollment.pages.portal.case import add_cases
from enrollment.pages.portal.check import add_check
from enrollment.pages.portal.contact_change import add_contact_change
from enrollment.pages.portal.documents import add_documents
from enrollment.pages.portal.editions import add_editions
from enrollment.pages.portal.overview import add_overview
from enrollment.pages.portal.partner import add_partner
from enrollment.pages.portal.partner_id import add_partner_id
from enrollment.pages.portal.registry import add_registry
from enrollment.pages.portal.reviews import add_reviews
from enrollment.pages.portal.steps import add_steps
from enrollment.pages.portal.welcome import add_welcome
from enrollment.settings import Settings


def router(settings: Settings, authenticator: Authenticator) -> Router:
    portal, cookies = Portal(settings, authenticator), Cookies(settings.public_url)
    # Before the pages of one enrollment: "welcome" is no enrollment's id.
    add_welcome(portal, cookies)
    add_partner_id(portal)
    add_steps(portal)
    add_check(portal)
    add_documents(portal)
    add_agreement(portal)
    add_partner(portal)
    add_contact_change(portal)
    add_actions(portal)
    add_overview(portal, cookies)
    add_reviews(portal)
    add_cases(portal)
    add_registry(portal)
    add_editions(portal)
    return portal.router
