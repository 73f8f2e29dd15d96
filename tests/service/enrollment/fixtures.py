"""A pytest plugin of modules that test enrollment: one process of the service for all of them.

For tests that look at companies of their own alone. A test of a setting, a clock, a list of everything or a restart has a
process of its own.
"""

from collections.abc import AsyncIterator

import pytest
from harness.running import Running
from service.conftest import Service


@pytest.fixture(scope="session")
async def enrollment(service: Service) -> AsyncIterator[Running]:
    async with service("enrollment") as running:
        yield running
