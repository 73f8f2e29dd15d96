"""Looks up the TXT record that proves a domain, and normalizes domain names."""

import ipaddress
from typing import TYPE_CHECKING, Annotated

import idna
from publicsuffixlist import PublicSuffixList
from pydantic import AfterValidator, StringConstraints

from chassis import ProblemError
from identity.domain.domain_claim import RECORD

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver as Asking

LIFETIME_SECONDS = 5.0
DNS_PORT = 53
# Suffixes of registries only: a company may own a domain whose subdomains it gives to others.
_suffixes = PublicSuffixList(only_icann=True)


def ascii_name(text: str) -> str:
    """The ASCII form in lower case. ValueError if there is none."""
    try:
        return idna.encode(text.strip().rstrip("."), uts46=True, std3_rules=True).decode().lower()
    except idna.IDNAError as error:
        raise ValueError("this is not a domain name; give one such as company.example") from error


def domain_name(text: str) -> str:
    """The ASCII form of a domain. ValueError if it cannot be owned: one label, a public suffix, an IP address."""
    name = ascii_name(text)
    if _suffixes.privatesuffix(name) is None or _is_address(name):
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
    """Queries one name server, or those of the system. Without a cache, so that new records are found at once."""

    def __init__(self, server: str | None) -> None:
        self._server = server

    async def texts(self, domain: str) -> tuple[str, ...]:
        """The TXT records under the domain's challenge name; empty if there are none.

        ProblemError 503 if no name server answers.
        """
        # Imported on use: few processes look up a domain, and loading takes less time than the query.
        import dns.asyncresolver  # noqa: PLC0415

        try:
            answer = await self._resolver(dns.asyncresolver.Resolver).resolve(
                f"{RECORD}.{domain}", "TXT", lifetime=LIFETIME_SECONDS, raise_on_no_answer=False, search=False
            )
        except dns.resolver.NXDOMAIN:
            return ()
        except dns.exception.DNSException as error:
            detail = "the domain's name servers do not answer; try again later"
            raise ProblemError(503, "dns-unavailable", detail) from error
        return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in answer.rrset or ())

    def _resolver(self, make: "type[Asking]") -> "Asking":
        resolver = make(configure=self._server is None)
        if self._server is not None:
            host, _, port = self._server.rpartition(":") if self._server.count(":") == 1 else (self._server, "", "")
            resolver.nameservers = [host]
            resolver.port = int(port or DNS_PORT)
        return resolver
