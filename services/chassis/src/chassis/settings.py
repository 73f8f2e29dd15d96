"""Settings that every service shares, read from the environment with the prefix ``KONTOR_``. Secrets are files."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class KafkaSettings(BaseSettings):
    """Where the broker is and how it is spoken to: the same for services and for the job that creates topics."""

    model_config = SettingsConfigDict(env_prefix="KONTOR_", extra="ignore", frozen=True)

    kafka_bootstrap: str
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_username: str | None = None
    kafka_password_file: Path | None = None
    kafka_ca_file: Path | None = None
    topic_prefix: str = ""

    def topic(self, name: str) -> str:
        """The broker's name of a topic of the registry."""
        return f"{self.topic_prefix}{name}"

    def kafka_options(self) -> dict[str, Any]:
        """Connection options that aiokafka's clients share."""
        # A list: FastStream would take several addresses in one string for one host.
        hosts = [host.strip() for host in self.kafka_bootstrap.split(",")]
        options: dict[str, Any] = {"bootstrap_servers": hosts, "security_protocol": self.kafka_security}
        if self.kafka_security.endswith("SSL"):
            options["ssl_context"] = ssl.create_default_context(cafile=self.kafka_ca_file)
        if self.kafka_security.startswith("SASL"):
            if self.kafka_username is None or self.kafka_password_file is None:
                raise ValueError("KONTOR_KAFKA_USERNAME and KONTOR_KAFKA_PASSWORD_FILE are needed with SASL")
            options |= {
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": self.kafka_username,
                "sasl_plain_password": self.kafka_password_file.read_text().strip(),
            }
        return options


class Settings(KafkaSettings):
    """Read once, in ``__main__``. Durations are seconds unless the name says otherwise."""

    SERVICE: ClassVar[str] = ""

    mongo_url: SecretStr
    mongo_database: str = ""
    kafka_session_timeout: float = 10.0
    http_host: str = "0.0.0.0"  # noqa: S104  a container listens on every interface; the network policy narrows it
    http_port: int = 8000
    public_url: str = "http://localhost:8000"
    identity_url: str = "http://localhost:8000"
    cors_origins: tuple[str, ...] = ()
    """Origins (JSON list) whose pages may call this service from a browser: the pages behind the links of mails sign in."""
    jwks_url: str
    jwks_cache: float = Field(default=300.0, ge=1.0)
    """How long identity's keys are taken for current. A new key must be published for longer before it signs."""
    issuer: str
    audience: str = "kontor"
    sealing_key_file: Path
    mails_per_organization: int = Field(default=1000, ge=1)
    """Mails that the people of one organization may cause in a day (UTC). See `chassis.mail_budget`."""
    mails_per_person: int = Field(default=500, ge=1)
    mails_per_addressee: int = Field(default=5, ge=1)
    """Mails of one purpose (invitation, contact verification, sign-up, new password) to one address in a day."""
    mails_unproved: int = Field(default=20, ge=1)
    """Mails in a day that an organization may cause which has proved no domain and is not in the program."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    environment: str = "production"
    version: str = "0.1.0"

    lease: float = Field(default=30.0, ge=1.0)
    """How long a relay may hold a document's pending events. A publish may take a third of it."""
    sweep_interval: float = 0.5
    timer_interval: float = 1.0
    recent_documents: int = Field(default=1000, ge=0)
    """Documents remembered as last written, which a command then need not read (`chassis.aggregate.write_cache`)."""
    batch_records: int = 1000
    batch_concurrency: int = 64
    retry_delays: tuple[float, ...] = (0.2, 1.0, 5.0, 15.0)
    """Waits between tries in place; their sum stays well below the poll budget of 300 s."""
    park_limit: int = 20
    """More records than this parked within a minute stop the consumer: a flood is our fault, not the records'."""
    lane_limit: int = Field(default=1000, ge=1)
    """Dead letters of one key. When more would have to wait behind the first, its partition waits instead."""
    start_timeout: float = Field(default=60.0, ge=0.0)
    """How long a service that starts waits for its broker and its database before it gives up."""
    shutdown_timeout: float = 25.0
    clock_skew: float = 0.0
    """Added to the service's clock; for tests of skew."""

    @model_validator(mode="before")
    @classmethod
    def _default_database(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values.get("mongo_database"):
            return {**values, "mongo_database": f"kontor_{cls.SERVICE}"}
        return values

    def now(self) -> datetime:
        """The service's clock. Leases do not use it: they run on the database's."""
        now = datetime.now(UTC)
        return now + timedelta(seconds=self.clock_skew) if self.clock_skew else now
