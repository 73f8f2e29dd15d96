"""A wrong password or certificate is named at once, with the setting to correct; it is not waited for."""

import asyncio
import ipaddress
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from harness.running import Running
from pymongo import AsyncMongoClient

from kontor_local.ports import HOST, Port
from kontor_local.servers import Database

API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE, METADATA = 18, 17, 36, 3
SASL_AUTHENTICATION_FAILED, UNSUPPORTED_SASL_MECHANISM = 58, 33
OURS = b"SCRAM-SHA-512"


Answers = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Broker:
    """As much of a Kafka broker as a client meets before it is let in. It lets nobody in."""

    def __init__(self, mechanism: bytes = OURS) -> None:
        self._mechanism = mechanism

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                key, _, correlation = struct.unpack(">hhi", (await reader.readexactly(size))[:8])
                answer = struct.pack(">i", correlation) + self._answer(key)
                writer.write(struct.pack(">i", len(answer)) + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, key: int) -> bytes:
        if key == API_VERSIONS:
            known = [(API_VERSIONS, 0, 0), (SASL_HANDSHAKE, 0, 1), (SASL_AUTHENTICATE, 0, 0), (METADATA, 0, 1)]
            return struct.pack(">hi", 0, len(known)) + b"".join(struct.pack(">hhh", *api) for api in known)
        if key == SASL_HANDSHAKE:
            error = 0 if self._mechanism == OURS else UNSUPPORTED_SASL_MECHANISM
            return struct.pack(">hih", error, 1, len(self._mechanism)) + self._mechanism
        return struct.pack(">hhi", SASL_AUTHENTICATION_FAILED, -1, -1)


@asynccontextmanager
async def serving(broker: Answers, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    port = Port()
    server = await asyncio.start_server(broker, HOST, port.release(), ssl=context)
    try:
        yield f"{HOST}:{port.number}"
    finally:
        server.close()


async def refused(tally: Any, **settings: object) -> str:
    """What the service says, which must end with 2, and before it has waited for anything."""
    async with tally(start=False) as running:
        running.process.env |= {f"KONTOR_{name}": str(value) for name, value in settings.items()}
        await running.start(ready=False)
        assert await running.process.wait(40) == 2
        assert "Traceback" not in running.process.tail()
        assert "waiting_for_server" not in running.process.tail()
        return _said(running)


def _said(running: Running) -> str:
    return "\n".join(line["raw"] for line in running.logs() if "raw" in line)


@pytest.fixture
def password(tmp_path: Path) -> dict[str, object]:
    (tmp_path / "password").write_text("hush-hush")
    file = tmp_path / "password"
    return {"KAFKA_SECURITY": "SASL_PLAINTEXT", "KAFKA_USERNAME": "ulla", "KAFKA_PASSWORD_FILE": file}


async def test_a_password_that_the_broker_refuses_is_named(tally: Any, password: dict[str, object]) -> None:
    async with serving(Broker()) as address:
        said = await refused(tally, KAFKA_BOOTSTRAP=address, **password)
    assert "KONTOR_KAFKA_PASSWORD_FILE" in said and "'ulla'" in said and str(password["KAFKA_PASSWORD_FILE"]) in said
    assert "hush-hush" not in said


async def test_a_mechanism_that_the_broker_does_not_offer_is_named(tally: Any, password: dict[str, object]) -> None:
    async with serving(Broker(b"PLAIN")) as address:
        said = await refused(tally, KAFKA_BOOTSTRAP=address, **password)
    assert "KONTOR_KAFKA_SECURITY=SASL_PLAINTEXT" in said and "SCRAM-SHA-512" in said


async def test_a_certificate_that_is_not_trusted_is_named(tally: Any, tmp_path: Path) -> None:
    async with serving(Broker(), _self_signed(tmp_path)) as address:
        said = await refused(tally, KAFKA_BOOTSTRAP=address, KAFKA_SECURITY="SSL")
    assert "KONTOR_KAFKA_CA_FILE" in said and address in said and "self-signed certificate" in said


async def _hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(4)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    writer.close()


async def test_a_server_that_does_not_speak_tls_is_named(tally: Any) -> None:
    async with serving(_hangs_up) as address:
        said = await refused(tally, KAFKA_BOOTSTRAP=address, KAFKA_SECURITY="SSL")
    assert "KONTOR_KAFKA_SECURITY=SSL" in said and "does not speak TLS" in said


async def test_a_password_that_the_database_refuses_is_named(tally: Any, tmp_path: Path) -> None:
    database = Database(tmp_path / "database")
    await database.start()
    async with AsyncMongoClient[dict[str, object]](database.url) as client:
        await client.admin.command("createUser", "ulla", pwd="right", roles=["root"])
    await database.stop()
    database.process.args.append("--auth")
    try:
        await database.start()
        url = f"mongodb://ulla:hush-hush@{HOST}:{database.port.number}/?directConnection=true&authSource=admin"
        said = await refused(tally, MONGO_URL=url)
    finally:
        await database.stop()
    assert "KONTOR_MONGO_URL" in said and "refuses" in said
    assert "hush-hush" not in said


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "broker")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "broker.pem").write_bytes(certificate.public_bytes(pem) + key.private_bytes(pem, *plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "broker.pem")
    return context
