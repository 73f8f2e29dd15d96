"""One realistic instance of every message, for the golden examples and for readers who want to see a message."""

from datetime import timedelta
from typing import Any

from kontor_contracts import Envelope, Payload, new_envelope, organizations_of
from kontor_contracts.topics import Topic
from samples import enrollment, identity, notifications, relationships
from samples.cast import AUSTRIAN, BEGIN, ENGLISH, GERMAN, Cast, Sample

CASTS = {"notifications": GERMAN, "identity": ENGLISH, "relationships": AUSTRIAN}
"""Who plays in a consumer's examples: notifications writes the mails, so it gets the umlauts that hurt most."""
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class NoSampleError(LookupError):
    """A message has no sample, so its golden example cannot be written. The text names the file that wants one."""

    def __init__(self, topic: Topic, message: type[Payload]) -> None:
        file = f"contracts/tools/samples/{topic.owner}.py"
        super().__init__(f"{message.TYPE} has no sample: add one of {message.__name__} to {file}, then run it again")


def envelope_for(topic: Topic, message: type[Payload], consumer: str) -> Envelope[Payload]:
    """The example of ``message`` as ``consumer`` finds it on ``topic``. NoSampleError where there is no sample of it."""
    cast = CASTS.get(consumer, GERMAN)
    found = ((number, sample) for number, sample in enumerate(samples(cast)) if type(sample.data) is message)
    number, sample = next(found, (0, None))
    if sample is None:
        raise NoSampleError(topic, message)
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
    """A message belongs to the organization it names, else to its customer, else to the company, if it names no other."""
    for field in ("organization_id", "customer_id"):
        if found := getattr(sample.data, field, None):
            return str(found)
    owners = organizations_of(sample.data)
    return cast.id("organization") if not owners or cast.id("organization") in owners else owners[0]
