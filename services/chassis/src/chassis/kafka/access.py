"""Whether the broker lets us in. aiokafka's clients say only that they cannot connect, whatever the reason is."""

import ssl
from contextlib import suppress

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from chassis.configuration.kafka import KafkaSettings
from chassis.configuration.loading import SettingError
from chassis.errors import UnavailableError

REFUSED = (SaslAuthenticationFailed, AuthenticationFailedError)
NO_SASL = (UnsupportedSaslMechanismError, AuthenticationMethodNotSupported, IllegalSaslStateError)
OUR_CERTIFICATE = (
    "TLSV13_ALERT_CERTIFICATE",
    "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE",
    "TLSV1_ALERT_UNKNOWN_CA",
)
"""How a broker's refusal of a client's certificate begins (names of OpenSSL)."""
CONNECT_MS = 5000


async def check_access(settings: KafkaSettings) -> None:
    """Return when one of the brokers named lets us in.

    Raises UnavailableError where none answers, and SettingError where one answers and refuses us.
    """
    options = settings.kafka_options()
    hosts: list[str] = options.pop("bootstrap_servers")
    away = ""
    for address in hosts:
        host, _, port = address.rpartition(":")
        try:
            connection = await create_conn(host.strip("[]"), int(port), request_timeout_ms=CONNECT_MS, **options)
        except (KafkaError, OSError, TimeoutError, UnavailableError) as error:
            away = _judged(settings, address, error)
        else:
            with suppress(KafkaError, OSError):
                connection.close()
            return
    raise UnavailableError(f"broker: {away}")


def _judged(settings: KafkaSettings, address: str, error: Exception) -> str:
    """Why it may be tried again. Raises SettingError where that changes nothing."""
    if isinstance(error, REFUSED):
        raise SettingError(_refused(settings, address, error)) from error
    if isinstance(error, NO_SASL):
        raise SettingError(
            f"KONTOR_KAFKA_SECURITY={settings.kafka_security}: {address} does not offer {settings.kafka_mechanism}. Enable"
            " it on this listener, or set another address, KONTOR_KAFKA_SECURITY or KONTOR_KAFKA_MECHANISM."
        ) from error
    if isinstance(error, ssl.SSLCertVerificationError):
        raise SettingError(
            f"KONTOR_KAFKA_CA_FILE: the certificate of {address} is not to be trusted ({error.verify_message})."
            f" Set it to the file with the broker's authority; now it is {settings.kafka_ca_file or 'not set'}."
        ) from error
    if isinstance(error, ssl.SSLError) and error.reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"}:
        raise SettingError(
            f"KONTOR_KAFKA_SECURITY={settings.kafka_security}: {address} does not speak TLS. Set another address or"
            " KONTOR_KAFKA_SECURITY."
        ) from error
    if isinstance(error, ssl.SSLError) and (error.reason or "").startswith(OUR_CERTIFICATE):
        raise SettingError(
            f"KONTOR_KAFKA_CERTIFICATE_FILE: {address} takes no client with the certificate that is"
            f" {settings.kafka_certificate_file or 'not set'} ({error.reason}). Set it to one that the broker's authority signed."
        ) from error
    return f"{address}: {type(error).__name__}"


def _refused(settings: KafkaSettings, address: str, error: Exception) -> str:
    if settings.kafka_mechanism != "OAUTHBEARER":
        return (
            f"KONTOR_KAFKA_USERNAME, KONTOR_KAFKA_PASSWORD_FILE: {address} refuses the user {settings.kafka_username!r}"
            f" with the password in {settings.kafka_password_file}. Correct the file, or create the user at the broker."
        )
    if settings.kafka_token_file:
        return (
            f"KONTOR_KAFKA_TOKEN_FILE: {address} refuses the token in {settings.kafka_token_file}. Look at its audience,"
            " issuer and lifetime."
        )
    return (
        f"KONTOR_KAFKA_TOKEN_URL, KONTOR_KAFKA_USERNAME, KONTOR_KAFKA_PASSWORD_FILE: no token that {address} takes for the"
        f" client {settings.kafka_username!r} ({error}). Correct the client's secret, or its rights at the issuer."
    )
