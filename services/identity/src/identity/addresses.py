"""E-mail addresses where they enter Kontor."""

from typing import Annotated

from email_validator import validate_email
from pydantic import AfterValidator, StringConstraints


def address(text: str) -> str:
    """The address in its usual spelling. EmailNotValidError (a ValueError) says what is wrong with it.

    Whether its domain takes mail is not asked: the first mail tells. Local parts beyond ASCII are refused, since most
    mail servers refuse them.
    """
    return validate_email(text, check_deliverability=False, allow_smtputf8=False).normalized


Address = Annotated[str, StringConstraints(max_length=254), AfterValidator(address)]
