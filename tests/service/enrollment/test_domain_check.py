"""An enrollment follows the mail domains that its organization proves in identity, or gives up."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import Company, Mail, new_company, operator, press
from support import eventually

from kontor_contracts import Payload, new_envelope
from kontor_contracts.identity import DomainProved, DomainReleased

pytest_plugins = ("service.enrollment.fixtures",)


@pytest.fixture
async def company(enrollment: Running, tokens: Tokens) -> Company:
    company = new_company(enrollment, tokens)
    await company.submit()
    return company


@pytest.fixture
def mail(enrollment: Running, kafka: Topics, keys: Path) -> Mail:
    return Mail(enrollment, kafka, keys)


def domain_of(company: Company) -> str:
    return company.email.partition("@")[2]


async def tell(company: Company, kafka: Topics, message: Payload, sequence: int) -> None:
    envelope = new_envelope(
        message,
        id=str(uuid4()),
        source="/kontor/identity",
        subject=f"domain-claim:{domain_of(company)}",
        time=datetime.now(UTC),
        sequence=sequence,
        correlationid="domain",
    )
    await kafka.produce(company.running.topic("identity.events"), envelope)


async def until(company: Company, reason: str) -> Any:
    """The employment step, once it says so."""

    async def found() -> Any:
        steps = (await company.get(f"{company.path}/timeline"))["steps"]
        step = next(one for one in steps if one["name"] == "employment")
        return step if step["reason"] == reason else None

    return await eventually(found)


async def test_the_employment_step_follows_the_proof(company: Company, mail: Mail, kafka: Topics) -> None:
    await press(company.running, (await mail.links(company))[0], "confirm")
    assert (await until(company, "domain-not-proved"))["state"] == "current"
    named = {"organization_id": company.organization_id, "domain": domain_of(company)}
    await tell(company, kafka, DomainProved(**named), 1)
    assert (await until(company, "domain-proved"))["state"] == "done"
    file = await company.running.client.get(f"/v1/reviews/{company.enrollment_id}", headers=operator(company.tokens))
    assert (file.json()["proved_domain"], file.json()["passed"]) == (domain_of(company), ["employment"])
    await tell(company, kafka, DomainReleased(**named), 2)
    assert (await until(company, "domain-not-proved"))["state"] == "current"


async def test_a_domain_proved_before_passes_the_step_with_the_contact(
    company: Company, mail: Mail, kafka: Topics, tokens: Tokens
) -> None:
    proved = DomainProved(organization_id=company.organization_id, domain=domain_of(company))
    await tell(company, kafka, proved, 1)
    # The proof is noted by the time that a later record of the same key has its effect: another company's step.
    other = new_company(company.running, tokens)
    await other.submit()
    await press(other.running, (await mail.links(other))[0], "confirm")
    await until(other, "domain-not-proved")
    elsewhere = DomainProved(organization_id=other.organization_id, domain=domain_of(other))
    envelope = new_envelope(
        elsewhere,
        id=str(uuid4()),
        source="/kontor/identity",
        subject=f"domain-claim:{domain_of(company)}",
        time=datetime.now(UTC),
        sequence=2,
        correlationid="domain",
    )
    await kafka.produce(company.running.topic("identity.events"), envelope)
    await until(other, "domain-proved")
    await press(company.running, (await mail.links(company))[0], "confirm")
    assert (await until(company, "domain-proved"))["state"] == "done"
