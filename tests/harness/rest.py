"""When a service has nothing left to do."""

from collections.abc import Iterable

from harness.documents import Documents
from harness.running import Running
from harness.topics import Topics


async def at_rest(running: Running, kafka: Topics, mongo: Documents, topics: Iterable[str]) -> bool:
    """Whether the service has read these topics (names without prefix) to their ends and announced all that came of it.

    Its own topics may be among them: what it announces while it is asked counts as not yet read. The order of the looks
    matters. A document is free of events only after they are in the topic, so one whose last event is already read may
    still carry it; and an event that left its document just before the last look has made a topic longer.
    """
    names = [running.topic(topic) for topic in topics]
    ends = [await kafka.ends(name) for name in names]
    if any([await kafka.unread(running.group, name) for name in names]) or await mongo.owes(running):
        return False
    return [await kafka.ends(name) for name in names] == ends
