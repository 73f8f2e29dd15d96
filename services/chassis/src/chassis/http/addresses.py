"""Mail addresses where they enter Kontor: one rule for all services."""

from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, StringConstraints


class InvalidAddressError(ValueError):
    """The text is no mail address; the message says what is wrong with it."""


def mail_address(text: str) -> str:
    """The address with its domain in the form that people read. Raises InvalidAddressError.

    Local parts beyond ASCII are refused in every service, since most mail servers refuse them (RFC 6531). Whether the
    domain takes mail is not asked: the first mail tells. `kontor_contracts.addresses` compares addresses.
    """
    try:
        return validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError as error:
        raise InvalidAddressError(str(error)) from error


Address = Annotated[str, StringConstraints(max_length=254), AfterValidator(mail_address)]
