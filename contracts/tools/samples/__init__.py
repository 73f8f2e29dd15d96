"""One realistic instance of every message, for the golden examples and for whoever wants to see a message."""

from datetime import timedelta
from typing import Any

from kontor_contracts import Envelope, Payload, new_envelope
from kontor_contracts.topics import Topic
from samples import enrollment, identity, notifications, relationships
from samples.cast import AUSTRIAN, BEGIN, ENGLISH, GERMAN, Cast, Sample

CASTS = {"notifications": GERMAN, "identity": ENGLISH, "relationships": AUSTRIAN}
"""Who plays in a consumer's examples: notifications writes the mails, so it gets the umlauts that hurt most."""
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def envelope_for(topic: Topic, message: type[Payload], consumer: str) -> Envelope[Payload]:
    """The example of ``message`` as ``consumer`` finds it on ``topic``."""
    cast = CASTS.get(consumer, GERMAN)
    number, sample = next((n, s) for n, s in enumerate(samples(cast)) if type(s.data) is message)
    attributes: dict[str, Any] = {
        "id": cast.id(f"message/{message.TYPE}"),
        "source": "/portals/nordlicht" if topic.kind == "commands" else f"/kontor/{topic.owner}",
        "subject": sample.subject,
        "time": BEGIN + timedelta(minutes=7 * number, milliseconds=137 * number),
        "sequence": sample.sequence,
        "correlationid": cast.id("conversation"),
        "causationid": cast.id(f"cause/{message.TYPE}"),
        "tenantid": _tenant(sample, cast),
        "actor": "service:nordlicht" if sample.actor == "portal" else f"user:{cast.id(sample.actor)}",
        "traceparent": TRACE,
    }
    return new_envelope(sample.data, **attributes)


def samples(cast: Cast) -> list[Sample]:
    """Every message once."""
    return [
        *identity.samples(cast),
        *enrollment.samples(cast),
        *relationships.samples(cast),
        *notifications.samples(cast),
    ]


def _tenant(sample: Sample, cast: Cast) -> str:
    """A message belongs to the organization it names, else to its customer, else to the company."""
    for field in ("organization_id", "customer_id"):
        if found := getattr(sample.data, field, None):
            return str(found)
    return cast.id("organization")
