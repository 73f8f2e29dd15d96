"""How the broker is spoken to: the settings of services and of the job that creates topics."""

import ssl
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.configuration.values import CertificateFile, SecretFile, Url, address

PLAIN_TEXT = {"PLAINTEXT", "SASL_PLAINTEXT"}


class KafkaSettings(BaseSettings):
    """Where the broker is and how it is spoken to: the same for services and for the job that creates topics."""

    model_config = SettingsConfigDict(env_prefix="KONTOR_", extra="ignore", frozen=True)

    SERVICE: ClassVar[str] = ""

    kafka_bootstrap: Annotated[str, AfterValidator(address)] = Field(
        description="the address of the broker, host:port, several by comma"
    )
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How the broker is spoken to. SSL with a client certificate, and both with SASL, tell it who we are."""
    kafka_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER"] = "SCRAM-SHA-512"
    """How we say who we are; with SASL."""
    kafka_username: str | None = None
    """Principal of this service at the broker; with OAUTHBEARER and a token endpoint the client id there."""
    kafka_password_file: SecretFile | None = None
    """Its password; with OAUTHBEARER and a token endpoint the client secret, read whenever a token is asked for."""
    kafka_token_file: SecretFile | None = None
    """An access token for OAUTHBEARER, read again for each connection."""
    kafka_token_url: Url | None = None
    """The token endpoint for OAUTHBEARER (client credentials)."""
    kafka_token_scope: str | None = None
    """Scope that is asked for there."""
    kafka_token_ca_file: CertificateFile | None = None
    """Authorities that the token endpoint's certificate is checked against; without it the system's."""
    kafka_ca_file: CertificateFile | None = None
    """Authorities that the broker's certificate is checked against; without it the system's."""
    kafka_certificate_file: Path | None = None
    """Our own certificate (PEM, with its chain), for a broker that knows its clients by them."""
    kafka_key_file: SecretFile | None = None
    """The private key of that certificate (PEM, without a password)."""
    topic_prefix: str = ""
    """Begins the names of all topics and groups, so that several installations can share one broker."""
    start_timeout: float = Field(default=60.0, ge=0.0)
    """How long a service or a job that starts waits for its broker and its database before it gives up."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least level of the lines in the log."""
    environment: str = "development"
    """``production`` demands what is optional elsewhere: a broker that knows who writes (images set it). Log lines name it."""
    version: str = "0.1.0"
    """What runs here, for log lines, ``/version`` and ``kontor_build_info``. Images set it and the next from git."""
    revision: str = ""
    """The git commit that it was built from."""

    @model_validator(mode="after")
    def _authentication(self) -> Self:
        # Sources on topics are claims; only a broker that tells one client from another makes them more (docs/acls.md).
        if self.environment != "production":
            return self
        if not self.kafka_security.startswith("SASL") and not self.kafka_certificate_file:
            raise ValueError(
                f"KONTOR_KAFKA_SECURITY is {self.kafka_security}: in production the broker must know its clients. Set it to"
                " SASL_SSL with KONTOR_KAFKA_USERNAME and KONTOR_KAFKA_PASSWORD_FILE, or to SSL with"
                " KONTOR_KAFKA_CERTIFICATE_FILE and KONTOR_KAFKA_KEY_FILE, or set KONTOR_ENVIRONMENT to another word."
            )
        if self.kafka_security == "SASL_PLAINTEXT" and not self.kafka_mechanism.startswith("SCRAM"):
            raise ValueError(
                f"KONTOR_KAFKA_MECHANISM is {self.kafka_mechanism}: without TLS it sends the password or token in plain"
                " text. Set KONTOR_KAFKA_SECURITY to SASL_SSL, or the mechanism to SCRAM-SHA-512."
            )
        return self

    @model_validator(mode="after")
    def _credentials(self) -> Self:
        if self.kafka_security.startswith("SASL") and not self._said_who():
            raise ValueError(f"KONTOR_KAFKA_SECURITY with SASL needs {self._wanted()}.")
        if bool(self.kafka_certificate_file) != bool(self.kafka_key_file):
            raise ValueError(
                "KONTOR_KAFKA_CERTIFICATE_FILE and KONTOR_KAFKA_KEY_FILE belong together; set both or none."
            )
        if self.kafka_certificate_file and self.kafka_security in PLAIN_TEXT:
            raise ValueError(
                f"KONTOR_KAFKA_CERTIFICATE_FILE is of no use with KONTOR_KAFKA_SECURITY={self.kafka_security}; set SSL or"
                " SASL_SSL."
            )
        if self.kafka_certificate_file:
            self._context()
        return self

    def _said_who(self) -> bool:
        password = bool(self.kafka_username and self.kafka_password_file)
        if self.kafka_mechanism == "OAUTHBEARER":
            return bool(self.kafka_token_file) != bool(self.kafka_token_url and password)
        return password

    def _wanted(self) -> str:
        named = "KONTOR_KAFKA_USERNAME and KONTOR_KAFKA_PASSWORD_FILE"
        if self.kafka_mechanism == "OAUTHBEARER":
            return f"KONTOR_KAFKA_TOKEN_FILE for OAUTHBEARER, or instead KONTOR_KAFKA_TOKEN_URL with {named}"
        return named

    def topic(self, name: str) -> str:
        """The broker's name of a topic of the registry."""
        return f"{self.topic_prefix}{name}"

    def kafka_options(self) -> dict[str, Any]:
        """Connection options that aiokafka's clients share."""
        # A list: FastStream would take several addresses in one string for one host.
        hosts = [host.strip() for host in self.kafka_bootstrap.split(",")]
        options: dict[str, Any] = {"bootstrap_servers": hosts, "security_protocol": self.kafka_security}
        if self.kafka_security.endswith("SSL"):
            options["ssl_context"] = self._context()
        if self.kafka_security.startswith("SASL"):
            options["sasl_mechanism"] = self.kafka_mechanism
            options |= self._oauth() if self.kafka_mechanism == "OAUTHBEARER" else self._password()
        return options

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.kafka_ca_file)
        if self.kafka_certificate_file:
            try:
                context.load_cert_chain(self.kafka_certificate_file, self.kafka_key_file)
            except OSError as error:  # ssl.SSLError is one
                raise ValueError(
                    f"KONTOR_KAFKA_CERTIFICATE_FILE, KONTOR_KAFKA_KEY_FILE: {self.kafka_certificate_file} and"
                    f" {self.kafka_key_file} do not hold a certificate and its private key as PEM ({error.strerror or error})."
                ) from None
        return context

    def _password(self) -> dict[str, Any]:
        assert self.kafka_password_file is not None, "see _credentials"
        return {
            "sasl_plain_username": self.kafka_username,
            "sasl_plain_password": self.kafka_password_file.read_text().strip(),
        }

    def _oauth(self) -> dict[str, Any]:
        from chassis.configuration.kafka_tokens import Client, ClientCredentials, TokenFile  # noqa: PLC0415  others need no HTTP client

        if self.kafka_token_file:
            return {"sasl_oauth_token_provider": TokenFile(self.kafka_token_file)}
        assert self.kafka_token_url is not None, "see _credentials"
        assert self.kafka_username is not None, "see _credentials"
        assert self.kafka_password_file is not None, "see _credentials"
        client = Client(
            url=self.kafka_token_url,
            client_id=self.kafka_username,
            secret_file=self.kafka_password_file,
            scope=self.kafka_token_scope,
            ca_file=self.kafka_token_ca_file,
        )
        return {"sasl_oauth_token_provider": ClientCredentials(client)}
