"""The metrics of notifications, in addition to those of every service."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class MailMetrics:
    """Registered on the application's registry when it is built."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.mails = Counter(
            "kontor_mails",
            "Attempts by outcome: sent, deferred, or the reason for which the mail was abandoned",
            ["template", "outcome"],
            registry=registry,
        )
        self.ambiguous = Counter(
            "kontor_mail_ambiguous", "Mails sent that may have been sent before", registry=registry
        )
        self.server_away = Gauge("kontor_mail_server_away", "1 while no mail server is available", registry=registry)
        self.relay_away = Gauge(
            "kontor_mail_relay_away", "1 while this mail server is unavailable", ["relay"], registry=registry
        )
        self.attempts = Counter(
            "kontor_mail_attempts",
            "Attempts by how they ended: sent, or why they failed",
            ["outcome"],
            registry=registry,
        )
