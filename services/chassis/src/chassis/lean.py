"""What makes a start quick and a process small. Every service's ``__main__`` imports it before anything else of ours.

Nothing else does: it changes the whole process, and a process that imports services as libraries is not ours to change.
"""

import gc
import sys

LEFT_OUT = ("rich",)
"""Libraries that others load where they find them. Our images do not have these; a development environment does, and
structlog would get ready to draw with them what we write as JSON."""

for name in LEFT_OUT:
    sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # importing it raises ImportError from here on

# What is made while importing stays nearly all, and looking it through again and again takes a quarter of the time.
# `chassis.app.run` turns the collector on when the service is put together.
gc.disable()
