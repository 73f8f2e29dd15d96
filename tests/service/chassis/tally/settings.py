from typing import ClassVar

import chassis.configuration.settings


class Settings(chassis.configuration.settings.Settings):
    SERVICE: ClassVar[str] = "tally"

    mirror: bool = True
    """Whether the counters' events are followed; not where a test is about publishing alone."""
