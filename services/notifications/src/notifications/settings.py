"""The settings of notifications, in addition to those of every service."""

from datetime import timedelta
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

import chassis
from chassis.configuration import CertificateFile, PrivateKeyFile, SecretFile, Url, readable
from notifications.signing import read_key
from notifications.templates import Letterhead


class Settings(chassis.Settings):
    """Durations are in seconds. ``sealing_key_file`` is the private key here; no other service may have it."""

    SERVICE: ClassVar[str] = "notifications"

    sealing_key_file: PrivateKeyFile = Field(description="the file with notifications' private key")
    mail_sender: str = Field(description="the sender of all mails, Name <address>")
    """``Name <address>`` or an address. Its domain is also in every Message-ID."""
    mail_reply_to: str | None = Field(default=None, description="who gets the answers to mails, Name <address>")
    """Without it answers go to the sender. Answers to invitations go to the inviter's contact."""
    mail_brand: str = Field(default="Kontor", min_length=1, max_length=60)
    """What the program is called in mails."""
    mail_imprint: str | None = Field(default=None, max_length=1000)
    """The legal sender at the end of every mail: company, address, register, representatives; one line each."""
    portal_url: Url | None = None
    """Where readers of mails find the partner portal; by default ``identity_url``."""
    mail_size_limit: int = Field(default=1_000_000, ge=10_000)
    """Most bytes of one mail. A larger one is abandoned."""
    mail_dkim_key_file: Annotated[Path, readable(read_key, "an RSA key of 2,048 bits or more, as PEM")] | None = None
    """The private key for DKIM; without it mails are not signed here."""
    mail_dkim_selector: str | None = Field(default=None, pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")
    """Its name in the DNS: the public key is at ``<selector>._domainkey.<the sender's domain>``."""
    smtp_host: str = Field(description="the host name of the SMTP server")
    smtp_port: int = 587
    """Port of the SMTP server."""
    smtp_fallbacks: tuple[str, ...] = Field(default=(), max_length=5)
    """Further servers as ``host:port``, in order, for while those before are unavailable. TLS and sign-in are the same."""
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    """Whether and how the connection is encrypted."""
    smtp_ca_file: CertificateFile | None = None
    """Authorities that the SMTP server's certificate is checked against; without it the system's, or ``SSL_CERT_FILE``."""
    smtp_username: str | None = None
    """User at the SMTP server; without it no sign-in."""
    smtp_password_file: SecretFile | None = None
    """Password of that user."""
    smtp_connections: int = Field(default=8, ge=1)
    """Most connections to the SMTP server at the same time."""
    smtp_domain_connections: int | None = Field(default=None, ge=1)
    """Most of them for mails to one domain at the same time. Default: all but a quarter."""
    smtp_domain_rate: float | None = Field(default=None, gt=0)
    """Most mails a second to one domain, per process; without it, any number."""
    smtp_timeout: float = Field(default=20.0, gt=0)
    """For connecting, and for one mail from its first command to the server's last reply."""
    mail_retries: tuple[float, ...] = (30.0, 300.0, 900.0, 3600.0, 14400.0, 43200.0)
    """Seconds until a deferred mail is tried again, after each try. After the last one it is abandoned."""
    mail_late_after: float = Field(default=900.0, gt=0)
    """Seconds after which a mail that still waits is announced as deferred."""
    mail_lease: float = 45.0
    """After this time without an outcome a mail is sent again. The clocks of two processes may differ by the lease minus
    ``smtp_timeout``. If they differ by more, a mail may be sent twice."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not (self.sender.username and self.sender.domain):
            raise ValueError("KONTOR_MAIL_SENDER needs an address: Name <name@domain>")
        if self.desk is not None and not (self.desk.username and self.desk.domain):
            raise ValueError("KONTOR_MAIL_REPLY_TO needs an address: Name <name@domain>")
        for one in self.smtp_fallbacks:
            host, _, port = one.rpartition(":")
            if not host or not port.isdecimal():
                raise ValueError(f"KONTOR_SMTP_FALLBACKS needs host:port, not {one}")
        if (self.smtp_username is None) != (self.smtp_password_file is None):
            raise ValueError("KONTOR_SMTP_USERNAME and KONTOR_SMTP_PASSWORD_FILE belong together; set both or none")
        if self.smtp_username is not None and self.smtp_tls == "none":
            raise ValueError("KONTOR_SMTP_TLS=none would send the password in plain text; use starttls or tls")
        if self.mail_lease < 2 * self.smtp_timeout:
            raise ValueError("KONTOR_MAIL_LEASE must be at least twice KONTOR_SMTP_TIMEOUT")
        return self

    @model_validator(mode="after")
    def _of_every_mail(self) -> Self:
        if (self.mail_dkim_key_file is None) != (self.mail_dkim_selector is None):
            raise ValueError(
                "KONTOR_MAIL_DKIM_KEY_FILE and KONTOR_MAIL_DKIM_SELECTOR belong together; set both or none"
            )
        for text in (self.mail_brand, *(self.mail_imprint or "").splitlines()):
            if not text.isprintable():
                raise ValueError("KONTOR_MAIL_BRAND and KONTOR_MAIL_IMPRINT are text; leave out control characters")
        return self

    @property
    def sender(self) -> Address:
        return _address(self.mail_sender)

    @property
    def desk(self) -> Address | None:
        return None if self.mail_reply_to is None else _address(self.mail_reply_to)

    @property
    def letterhead(self) -> Letterhead:
        imprint = tuple(line.strip() for line in (self.mail_imprint or "").splitlines() if line.strip())
        return Letterhead(self.mail_brand, (self.portal_url or self.identity_url).rstrip("/"), imprint)

    @property
    def sender_domain(self) -> str:
        return self.sender.domain

    @property
    def mail_servers(self) -> tuple[tuple[str, int], ...]:
        """The first one and the fallbacks."""
        others = (one.rpartition(":") for one in self.smtp_fallbacks)
        return ((self.smtp_host, self.smtp_port), *((host, int(port)) for host, _, port in others))

    @property
    def connections_per_domain(self) -> int:
        return self.smtp_domain_connections or max(1, self.smtp_connections - max(1, self.smtp_connections // 4))

    @property
    def retries(self) -> tuple[timedelta, ...]:
        return tuple(timedelta(seconds=seconds) for seconds in self.mail_retries)

    @property
    def lease_of_a_mail(self) -> timedelta:
        return timedelta(seconds=self.mail_lease)


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    local, _, domain = address.rpartition("@")
    return Address(display_name=name, username=local, domain=domain)
