"""Settings that every service shares, read from the environment with the prefix ``KONTOR_``. Secrets are files."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from chassis.configuration import clock
from chassis.configuration.kafka import KafkaSettings
from chassis.configuration.values import (
    CertificateFile,
    ClockFile,
    KeyFile,
    SecretFile,
    Url,
    database,
    foreign_topic,
)


class Settings(KafkaSettings):
    """Read once, in ``__main__``. Durations are seconds unless the name says otherwise."""

    mongo_url: Annotated[SecretStr, AfterValidator(database)] = Field(
        description="the address of the database, mongodb://host:port"
    )
    mongo_url_file: SecretFile | None = None
    """A file with that address, instead of the address itself; read when the service starts.

    ``tls=true&tlsCAFile=/path`` in the address names the database's own authorities."""
    mongo_database: str = ""
    """Name of the database; ``kontor_<service>`` unless given."""
    kafka_session_timeout: float = 10.0
    """Seconds without a sign of life after which the broker gives the partitions to other instances."""
    http_host: str = "0.0.0.0"  # noqa: S104  a container listens on every interface; the network policy narrows it
    """Address to listen on."""
    http_port: int = Field(default=8000, ge=1, le=65535)
    """Port for requests."""
    management_port: int = Field(default=9000, ge=1, le=65535)
    """Health, metrics and the report of the service's state: for the platform, never for the public."""
    http_header_timeout: float = Field(default=10.0, gt=0.0)
    """How long a client may take from the first byte of a request to the end of its headers; 408 after it."""
    http_header_bytes: int = Field(default=64 * 1024, ge=1024)
    """How many bytes request line and headers may have; 431 above."""
    http_body_timeout: float = Field(default=30.0, gt=0.0)
    """How long a client may take to send a body; 408 after it."""
    http_keep_alive: int = Field(default=75, ge=1)
    """How long a connection without a request stays open: longer than any client or proxy keeps one that it uses again."""
    public_url: Url = "http://localhost:8000"
    """Where browsers reach this service; links in mails begin with it."""
    identity_url: Url = "http://localhost:8000"
    """Where browsers reach the sign-in page."""
    token_url: Url | None = None
    """Where this service exchanges the codes of its pages' visitors; by default ``/token`` under ``identity_url``."""
    cors_origins: tuple[str, ...] = ()
    """Origins (JSON list) whose pages may call this service from a browser, such as a portal's. Give all services the same.

    Our own pages need none.
    """
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks (JSON list) of the proxies in front, whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    jwks_url: Url = Field(description="the URL of the public keys that verify tokens, <issuer>/.well-known/jwks.json")
    jwks_cache: float = Field(default=300.0, ge=1.0)
    """How long these keys are taken for current. A new key must be published for longer before it signs."""
    issuer: str = Field(description="the public URL that tokens name as their issuer")
    audience: str = "kontor"
    """What tokens name as their audience. Give all services the same."""
    mails_per_organization: int = Field(default=5000, ge=1)
    """Mails that the people of one organization may cause in a day (UTC). See `chassis.limits.mail_budgets`."""
    mails_per_person: int = Field(default=2000, ge=1)
    """Mails that one person may cause in a day (UTC)."""
    mails_per_addressee: int = Field(default=5, ge=1)
    """Mails of one purpose (invitation, contact verification, sign-up, new password) to one address in a day."""
    mails_unproved: int = Field(default=20, ge=1)
    """Mails in a day that an organization may cause which has proved no domain and is not in the program."""
    reply_topics: Mapping[str, frozenset[Annotated[str, AfterValidator(foreign_topic)]]] = {}
    """By the ``source`` of a writer of commands: topics of its own to which it may ask its answers with ``replyto`` (JSON)."""
    sealing_key_file: KeyFile = Field(description="the file with the public key that links in mails are sealed with")

    database_timeout: float = Field(default=10.0, gt=0)
    """How long one call to the database may take. A third of the lease at most."""
    lease: float = Field(default=30.0, ge=1.0)
    """How long a relay may hold a document's pending events. To take it, to publish and to clear may each take a third."""
    sweep_interval: float = 0.5
    """Seconds between two looks for events that nobody publishes."""
    timer_interval: float = 1.0
    """Seconds between two looks for timers that are due."""
    look_interval: float = Field(default=0.5, gt=0.0)
    """Seconds between looks at the topics that a process reads without a group: revoked tokens, documents held in memory."""
    recent_documents: int = Field(default=1000, ge=0)
    """Documents remembered as last written, which a command then need not read (`chassis.aggregate.write_cache`)."""
    batch_records: int = Field(default=1000, ge=1, le=1000)
    """No more than watermarks that a document keeps: a batch that is read again then finds all of its own."""
    batch_concurrency: int = 64
    """Most keys of a batch whose records are applied at the same time."""
    retry_delays: tuple[float, ...] = (0.2, 1.0, 5.0, 15.0)
    """Waits between tries in place; their sum stays well below the poll budget of 300 s."""
    park_limit: int = Field(default=20, ge=1)
    """Records of one partition that may fail in our own handling within a minute. With more, the partition is paused."""
    park_pause: float = Field(default=5.0, gt=0.0)
    """Seconds until a paused partition is tried again; twice as long after each try that fails."""
    park_longest_pause: float = Field(default=300.0, gt=0.0)
    """Seconds: no pause between two tries is longer."""
    blocked_key_limit: int = Field(default=1000, ge=1)
    """Dead letters of one key. When more would have to wait behind the first, its partition waits instead."""
    drain_delay: float = Field(default=0.0, ge=0.0)
    """How long a service that was asked to end still serves while it says that it is not ready, so that callers go elsewhere."""
    shutdown_timeout: float = Field(default=25.0, gt=0.0)
    """How long the end may take after that. What is not done by then is done by the next process."""
    traces_url: Url | None = None
    """Where traces go, by OTLP over HTTP: ``http://collector:4318/v1/traces``. Off without it, at no cost."""
    traces_ratio: float = Field(default=1.0, ge=0.0, le=1.0)
    """Share of the traces that begin here which are kept. What comes with a trace follows the decision made there."""
    traces_ca_file: CertificateFile | None = None
    """Authorities that the collector's certificate is checked against; without it those of the package certifi."""
    unassigned_after: float = Field(default=60.0, gt=0.0)
    """A consumer without a partition for longer is reported."""
    clock_skew: float = 0.0
    """Added to the service's clock; for tests of skew. Refused in production."""
    clock_file: ClockFile | None = None
    """A file with the seconds to add to the clock, read at each look: it moves all timers of services that share it.

    For tests; refused in production.
    """

    @model_validator(mode="before")
    @classmethod
    def _default_database(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values.get("mongo_database"):
            return {**values, "mongo_database": f"kontor_{cls.SERVICE}"}
        return values

    @model_validator(mode="before")
    @classmethod
    def _database_from_file(cls, values: Any) -> Any:
        if not isinstance(values, dict) or not values.get("mongo_url_file"):
            return values
        if values.get("mongo_url"):
            raise ValueError("KONTOR_MONGO_URL and KONTOR_MONGO_URL_FILE: set one of them.")
        try:
            return {**values, "mongo_url": Path(values["mongo_url_file"]).read_text().strip()}
        except OSError:
            # The file's own setting says what is wrong with it.
            return {**values, "mongo_url": "mongodb://unknown"}

    @model_validator(mode="after")
    def _true_clock(self) -> Self:
        if (self.clock_skew or self.clock_file) and self.environment not in clock.MOVABLE_IN:
            raise ValueError(
                f"KONTOR_CLOCK_SKEW and KONTOR_CLOCK_FILE move the clock, which only tests may: KONTOR_ENVIRONMENT is"
                f" {self.environment}. Leave them out."
            )
        return self

    @model_validator(mode="after")
    def _lease_fits(self) -> Self:
        if self.lease < 3 * self.database_timeout:
            raise ValueError(
                "KONTOR_LEASE must be at least three times KONTOR_DATABASE_TIMEOUT, or it is over before its events are"
                " published."
            )
        return self

    def now(self) -> datetime:
        """The service's clock. Leases do not use it: they run on the database's."""
        return clock.now(self.clock_skew, self.clock_file)
