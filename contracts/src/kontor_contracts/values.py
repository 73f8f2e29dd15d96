"""Small values that several messages share. Each one refuses what must never reach a mail header or a topic key."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

from kontor_contracts.names import plain_name
from kontor_contracts.open_values import OpenValues

Id = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9:._-]+$")]
"""An identifier: ASCII letters, digits and ``: . _ -``."""

Line = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=200,
        # The last two as characters: RE2 and Go know no \u2028 in a pattern.
        pattern="^[^\\x00-\\x1f\\x7f-\\x9f\u2028\u2029]+$",
    ),
]
"""One line of text without control characters: what a header, a name or a subject may hold.

No CR and no LF, nor what else ends a line for Unicode (U+0085, U+2028, U+2029): mail libraries split there, too.
"""

Name = Annotated[Line, AfterValidator(plain_name)]
"""What a person or a company is called, where somebody enters it: a line without links and without invisible characters.

Messages carry names as ``Line``: what was entered before this rule must still be readable.
"""

Text = Annotated[
    str, StringConstraints(min_length=1, max_length=10_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$")
]
"""Several lines of text; line feed, carriage return and tab are the only control characters."""

Email = Annotated[
    str,
    StringConstraints(
        min_length=3, max_length=254, pattern=r"^[^@\s\x00-\x1f\x7f-\x9f<>,;]+@[^@\s\x00-\x1f\x7f-\x9f<>,;]+$"
    ),
]
"""An address for the wire; services judge it more strictly where it enters."""

Domain = Annotated[str, StringConstraints(max_length=253, to_lower=True, pattern=r"^[^@\s/:]+\.[^@\s/:]+$")]
"""A mail domain."""

Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(9999, 1, 1, tzinfo=UTC))]
"""A point in time with its offset (RFC 3339), within the years that every store can hold in UTC."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""

Culture = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
"""A language tag such as ``de`` or ``de-DE`` (RFC 5646, the two forms Kontor uses)."""

PartnerId = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,12}$")]
"""A partner's number in the membership registry."""

Sealed = Annotated[str, StringConstraints(min_length=16, max_length=4096, pattern=r"^[A-Za-z0-9_=.-]+$")]
"""A compact JWE (RFC 7516) that only the notifications service can open."""

OrganizationKind = Literal["provider", "reseller", "customer", "operator"]
Program = Literal["indirect-provider", "indirect-reseller"]
Permission = Literal["administer", "order"]
"""What a partner may do for a customer: ``administer`` its account on its behalf, ``order`` for it."""


class Value(OpenValues):
    """A frozen value; unknown fields are ignored so that v1 can grow."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Recipient(Value):
    """Somebody who gets a mail, and the language to write it in."""

    name: Line
    email: Email
    culture: Culture = "en"


class Partner(Value):
    """A company of the program as others see it, with the person its mails go to."""

    organization_id: Id
    partner_id: PartnerId
    name: Line
    program: Program
    contact: Recipient
