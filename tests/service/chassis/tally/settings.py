from typing import ClassVar

import chassis


class Settings(chassis.Settings):
    SERVICE: ClassVar[str] = "tally"

    mirror: bool = True
    """Whether the counters' events are followed; not where a test is about publishing alone."""
