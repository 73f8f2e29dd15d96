"""Pages for people: one shell, and what the pages of all services share. HTML without a script, nothing from elsewhere.

A face of the chassis for services.
"""

from chassis.http.documentation.docs import add_docs
from chassis.http.language import page_language
from chassis.http.pages.cookies import Cookies
from chassis.http.pages.forms import form_body, form_values
from chassis.http.pages.links import PersonalLink, PersonalLinks, personal_url, token_hash
from chassis.http.pages.parameters import PageLanguage
from chassis.http.pages.portal.inner_api import ApiProblemError, Call
from chassis.http.pages.portal.page import PortalPage
from chassis.http.pages.portal.portal import PageRoute, Portal, done
from chassis.http.pages.portal.session import own_path, sent_from_elsewhere
from chassis.http.pages.portal.visit import Visit
from chassis.http.pages.sign_in_client import NotSignedInError, SignInAnswer, SignInClient, Visitor
from chassis.http.pages.template import PageTemplate
from chassis.http.pages.texts import fill, page_texts

__all__ = [
    "ApiProblemError",
    "Call",
    "Cookies",
    "NotSignedInError",
    "PageLanguage",
    "PageRoute",
    "PageTemplate",
    "PersonalLink",
    "PersonalLinks",
    "Portal",
    "PortalPage",
    "SignInAnswer",
    "SignInClient",
    "Visit",
    "Visitor",
    "add_docs",
    "done",
    "fill",
    "form_body",
    "form_values",
    "own_path",
    "page_language",
    "page_texts",
    "personal_url",
    "sent_from_elsewhere",
    "token_hash",
]
