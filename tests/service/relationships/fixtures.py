"""A pytest plugin of the modules that test relationships: one process of the service for all of them."""

from collections.abc import AsyncIterator

import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.conftest import Service
from service.relationships.stage import Company, Stage


@pytest.fixture(scope="session")
async def relationships(service: Service) -> AsyncIterator[Running]:
    async with service("relationships") as running:
        yield running


@pytest.fixture
def stage(relationships: Running, kafka: Topics, tokens: Tokens) -> Stage:
    return Stage(relationships, kafka, tokens)


@pytest.fixture
async def provider(stage: Stage) -> Company:
    return await stage.partner("provider", name="Großhandel Nord AG")


@pytest.fixture
async def reseller(stage: Stage) -> Company:
    return await stage.partner("reseller", name="Müller & Söhne GmbH")


@pytest.fixture
def customer(stage: Stage) -> Company:
    return stage.company("customer", name="Bäckerei Süß KG", country="AT")
