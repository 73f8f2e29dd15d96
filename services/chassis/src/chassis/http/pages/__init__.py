"""Pages for people: one shell, and what the pages of all services share. HTML without a script, nothing from elsewhere.

A face of the chassis for services.
"""

from chassis.http.documentation.docs import add_docs
from chassis.http.language import page_language
from chassis.http.pages.cookies import Cookies
from chassis.http.pages.forms import form_body, form_values
from chassis.http.pages.links import PersonalLink, PersonalLinks, personal_url, token_hash
from chassis.http.pages.parameters import PageLanguage
from chassis.http.pages.sign_in_client import NotSignedInError, SignInAnswer, SignInClient, Visitor
from chassis.http.pages.template import PageTemplate
from chassis.http.pages.texts import fill, page_texts

__all__ = [
    "Cookies",
    "NotSignedInError",
    "PageLanguage",
    "PageTemplate",
    "PersonalLink",
    "PersonalLinks",
    "SignInAnswer",
    "SignInClient",
    "Visitor",
    "add_docs",
    "fill",
    "form_body",
    "form_values",
    "page_language",
    "page_texts",
    "personal_url",
    "token_hash",
]
