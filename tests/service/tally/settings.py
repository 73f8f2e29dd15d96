from typing import ClassVar

import chassis.settings


class Settings(chassis.settings.Settings):
    SERVICE: ClassVar[str] = "tally"
