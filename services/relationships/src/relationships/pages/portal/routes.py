"""All of the pages of this service in the portal."""

from starlette.routing import Router

from chassis import Authenticator
from chassis.http.pages import Portal
from relationships.pages.portal.customers import add_customers
from relationships.pages.portal.inviting import add_inviting
from relationships.pages.portal.my_resellers import add_my_resellers
from relationships.pages.portal.partnerships import add_partnerships
from relationships.settings import Settings


def router(settings: Settings, authenticator: Authenticator) -> Router:
    portal = Portal(settings, authenticator)
    # Before the pages of one partnership or customer: "invite" is no id of one.
    add_inviting(portal)
    add_partnerships(portal)
    add_customers(portal)
    add_my_resellers(portal)
    return portal.router
