"""All of identity's pages in the portal."""

from starlette.routing import Router

from chassis import Authenticator
from chassis.http.pages import Portal
from identity.pages.portal.account import add_account
from identity.pages.portal.activity import add_activity
from identity.pages.portal.home import add_home
from identity.pages.portal.user import add_user_pages
from identity.pages.portal.users import add_users
from identity.settings import Settings


def router(settings: Settings, authenticator: Authenticator) -> Router:
    portal = Portal(settings, authenticator)
    add_home(portal)
    add_account(portal)
    # Before the pages of one user: "add" is no user's id.
    add_users(portal)
    add_user_pages(portal)
    add_activity(portal)
    return portal.router
