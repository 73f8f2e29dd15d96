"""What notifications counts, beside what every service does."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class MailMetrics:
    """Registered on the application's registry when it is built."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.mails = Counter(
            "kontor_mails",
            "Attempts by what became of the mail: sent, deferred, or the reason it was abandoned for",
            ["template", "outcome"],
            registry=registry,
        )
        self.ambiguous = Counter(
            "kontor_mail_ambiguous", "Mails sent of which a copy may have gone out before", registry=registry
        )
        self.server_away = Gauge("kontor_mail_server_away", "1 while the mail server is waited for", registry=registry)
