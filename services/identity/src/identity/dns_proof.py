"""Looking for the TXT record that proves a domain, and the form in which domains are compared."""

import ipaddress
from typing import Annotated

import dns.asyncresolver
import dns.exception
import dns.resolver
import idna
from pydantic import AfterValidator, StringConstraints
from tldextract import TLDExtract

from chassis.http import ProblemError
from identity.domain_domain import RECORD

LIFETIME_SECONDS = 5.0
DNS_PORT = 53
_suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None)


def ascii_name(text: str) -> str:
    """The ASCII form, in small letters. ValueError where there is none."""
    try:
        return idna.encode(text.strip().rstrip("."), uts46=True, std3_rules=True).decode().lower()
    except idna.IDNAError as error:
        raise ValueError("this is no domain name") from error


def domain_name(text: str) -> str:
    """The ASCII form of a domain. ValueError where nobody could own it: one label, a public suffix, an address."""
    name = ascii_name(text)
    found = _suffixes(name)
    if not found.domain or "." not in name or _is_address(name):
        raise ValueError("give a domain that a company can own, such as company.example")
    return name


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


Domain = Annotated[str, StringConstraints(min_length=3, max_length=253), AfterValidator(domain_name)]


class Resolver:
    """Asks one name server, or those that the system asks. Nothing is cached: who has just added a record wants to know."""

    def __init__(self, server: str | None) -> None:
        self._server = server

    async def texts(self, domain: str) -> tuple[str, ...]:
        """What the TXT records under the domain's challenge name say; none is an answer, too.

        ProblemError 503 where no name server answers.
        """
        try:
            answer = await self._resolver().resolve(
                f"{RECORD}.{domain}", "TXT", lifetime=LIFETIME_SECONDS, raise_on_no_answer=False, search=False
            )
        except dns.resolver.NXDOMAIN:
            return ()
        except dns.exception.DNSException as error:
            detail = "the domain's name servers do not answer; try again later"
            raise ProblemError(503, "dns-unavailable", detail) from error
        return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in answer.rrset or ())

    def _resolver(self) -> dns.asyncresolver.Resolver:
        resolver = dns.asyncresolver.Resolver(configure=self._server is None)
        if self._server is not None:
            host, _, port = self._server.rpartition(":") if self._server.count(":") == 1 else (self._server, "", "")
            resolver.nameservers = [host]
            resolver.port = int(port or DNS_PORT)
        return resolver
