"""Whether an imported customer may be the same company as one with a work account: country, name, mail domain.

It is a proposal, which the customer confirms. The number in the portal cannot be compared, because the customer's account
has none; it is shown, so that people can compare it with their invoices.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from kontor_contracts.customer_matches import MatchBasis
from relationships.domain.customer.state import Account
from relationships.domain.listing_words import sort_form

LEGAL_FORMS = frozenset(
    {
        *(
            "ab",
            "ag",
            "aps",
            "as",
            "bv",
            "co",
            "corp",
            "corporation",
            "ek",
            "ev",
            "eg",
            "eu",
            "gbr",
            "gesmbh",
            "gmbh",
            "inc",
        ),
        *(
            "incorporated",
            "kg",
            "kgaa",
            "limited",
            "llc",
            "llp",
            "ltd",
            "mbh",
            "nv",
            "ohg",
            "oy",
            "oyj",
            "plc",
            "sa",
            "sarl",
        ),
        *("sas", "se", "sl", "sp", "spa", "spzoo", "srl", "sro", "ug", "haftungsbeschrankt", "company", "oo", "z"),
    }
)
"""Words at the end of a company's name that say its legal form. Accents are gone and full stops are removed."""
JOINING = frozenset({"und", "and", "et"})
"""Words that stand for the sign "&"."""


@dataclass(frozen=True, slots=True)
class Company:
    """The customer with a work account. ``domains``: those that it has proved."""

    name: str
    country: str
    domains: Collection[str] = ()


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name without case, accents and legal form; all of them where nothing else is left."""
    words = [word for word in re.findall(r"\w+", sort_form(name).replace(".", "")) if word not in JOINING]
    end = len(words)
    while end > 0 and words[end - 1] in LEGAL_FORMS:
        end -= 1
    return tuple(words[:end] or words)


def likeness(account: Account, company: Company) -> MatchBasis | None:
    """What is the same beside the country; None: the two are not proposed as one."""
    if account.portal is None or account.country != company.country:
        return None
    if account.domain and account.domain in company.domains:
        return "domain"
    return "name" if name_words(account.name) == name_words(company.name) else None
