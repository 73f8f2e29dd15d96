"""Parameters of the handlers of pages."""

from typing import Annotated

from fastapi import Depends, Header, Query

from chassis.http.language import Language, page_language

Wanted = Annotated[str, Query(alias="lang", description="`en` or `de`. Default: the browser's language.")]
Accepted = Annotated[str, Header(alias="accept-language")]


def _language(lang: Wanted = "", accepted: Accepted = "") -> Language:
    return page_language(lang, accepted)


PageLanguage = Annotated[Language, Depends(_language)]
"""The language of a page: what its link asks for, else the browser's, else English."""
