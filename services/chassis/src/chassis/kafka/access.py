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

from chassis.configuration.loading import SettingError
from chassis.configuration.settings import KafkaSettings
from chassis.errors import UnavailableError

REFUSED = (SaslAuthenticationFailed, AuthenticationFailedError)
NO_SASL = (UnsupportedSaslMechanismError, AuthenticationMethodNotSupported, IllegalSaslStateError)
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
        except (KafkaError, OSError, TimeoutError) as error:
            away = _judged(settings, address, error)
        else:
            with suppress(KafkaError, OSError):
                connection.close()
            return
    raise UnavailableError(f"broker: {away}")


def _judged(settings: KafkaSettings, address: str, error: Exception) -> str:
    """Why it may be tried again. Raises SettingError where that changes nothing."""
    if isinstance(error, REFUSED):
        raise SettingError(
            f"KONTOR_KAFKA_USERNAME, KONTOR_KAFKA_PASSWORD_FILE: {address} refuses the user {settings.kafka_username!r}"
            f" with the password in {settings.kafka_password_file}. Correct the file, or create the user at the broker."
        ) from error
    if isinstance(error, NO_SASL):
        raise SettingError(
            f"KONTOR_KAFKA_SECURITY={settings.kafka_security}: {address} does not offer SCRAM-SHA-512. Enable it on this"
            " listener, or set another address or KONTOR_KAFKA_SECURITY."
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
    return f"{address}: {type(error).__name__}"
