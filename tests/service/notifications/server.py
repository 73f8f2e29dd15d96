"""Mail servers that do what the mail catcher does not: fall silent, demand TLS and a password."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kontor_local.mailbox import Mailbox
from kontor_local.ports import HOST, Port


class SilentMailbox(Mailbox):
    """A mail catcher that can be told to keep some mails without ever saying so."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._silent: set[str] = set()
        self._kept = asyncio.Event()

    def silence(self, *recipients: str) -> asyncio.Event:
        """Keep silent about mails to these; the event tells that there is one."""
        self._silent, self._kept = set(recipients), asyncio.Event()
        return self._kept

    def speak(self) -> None:
        """Answer to all mails again. Those that wait for an answer go on waiting."""
        self._silent = set()

    async def forgive(self) -> None:
        """Serves again, without the refusals it was given."""
        self._refusals.clear()
        self.speak()
        await self.stop()
        await self.start()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        answer = await super().handle_DATA(server, session, envelope)
        if self._silent & set(envelope.rcpt_tos):
            self._kept.set()
            await asyncio.Event().wait()
        return answer


class StrictServer:
    """Speaks STARTTLS with a certificate of its own and takes mails only from ``mailer`` with its password."""

    def __init__(self, directory: Path, password: str) -> None:
        self.port = Port()
        self.certificate = directory / "mail-server.pem"
        self.mails: list[bytes] = []
        self._password = password.encode()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(_self_signed(self.certificate))

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(envelope.original_content or b"")
        return "250 Kept"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object
    ) -> AuthResult:
        known = isinstance(given, LoginPassword) and (given.login, given.password) == (b"mailer", self._password)
        return AuthResult(success=known, handled=False)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["StrictServer"]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._session, HOST, self.port.release())
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()

    def _session(self) -> SMTP:
        return SMTP(
            self,
            hostname="mail.localhost",
            tls_context=self._context,
            require_starttls=True,
            auth_required=True,
            authenticator=self.authenticate,
        )


def _self_signed(file: Path) -> Path:
    """A certificate for 127.0.0.1 that is its own authority, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    file.write_bytes(pem)
    return file
