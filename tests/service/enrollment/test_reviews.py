"""The review queue over HTTP: order, filters, claims, the file of a review; one indexed query per page."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import NUMBERS, Company, Mail, is_problem, judge, new_company, press

from enrollment.domain.enrollment import change_queue, queue
from enrollment.domain.enrollment.company_keys import name_key, number_key

Service = Callable[..., AbstractAsyncContextManager[Running]]
MANY = 10_000
LISTS = [
    queue.ALL,
    queue.OVERDUE,
    queue.UNCLAIMED,
    queue.HIGH_RISK,
    queue.NAME_WARNING,
    queue.FLAGGED,
    queue.country_key("FR"),
    queue.program_key("indirect-reseller"),
    queue.step_key("business"),
    queue.claimed_key("olga"),
    change_queue.ALL,
    change_queue.OVERDUE,
    change_queue.country_key("FR"),
    name_key("FR", "Müller & Söhne IT GmbH"),
    number_key("FR", "HRB 1"),
]
"""Every list that a page of reviews, or of changes of legal profiles, or a comparison of companies is read from."""


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("enrollment") as running:
        yield running


@pytest.fixture
def mail(running: Running, kafka: Topics, keys: Path) -> Mail:
    return Mail(running, kafka, keys)


class Desk:
    """A reviewer of the program."""

    def __init__(self, running: Running, tokens: Tokens, user_id: str) -> None:
        self._running = running
        self._headers = tokens.bearer(
            "program", organization_kind="operator", permissions=("enrollment:review",), user_id=user_id
        )

    async def get(self, path: str, **query: str) -> Any:
        answer = await self._running.client.get(path, params=query, headers=self._headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None) -> httpx2.Response:
        headers = self._headers | {"Idempotency-Key": f"desk-{next(NUMBERS)}"}
        return await self._running.client.post(path, json=body, headers=headers)

    async def queue(self, **query: str) -> list[str]:
        return [item["enrollment_id"] for item in (await self.get("/v1/reviews", limit="200", **query))["items"]]


@pytest.fixture
def olga(running: Running, tokens: Tokens) -> Desk:
    return Desk(running, tokens, "olga")


@pytest.fixture
def paul(running: Running, tokens: Tokens) -> Desk:
    return Desk(running, tokens, "paul")


async def in_review(running: Running, tokens: Tokens, mail: Mail, **facts: str) -> Company:
    company = new_company(running, tokens, **facts)
    await company.submit()
    await press(running, (await mail.links(company))[0], "confirm")
    return company


async def test_the_queue_is_ordered_filtered_and_counted(
    running: Running, tokens: Tokens, mail: Mail, olga: Desk, paul: Desk
) -> None:
    first, second = [await in_review(running, tokens, mail, country=country) for country in ("DE", "AT")]
    mine = {first.enrollment_id, second.enrollment_id}
    queue = [one for one in await olga.queue() if one in mine]
    assert queue == [first.enrollment_id, second.enrollment_id], "the oldest first"
    assert [one for one in await olga.queue(sort="-waiting") if one in mine] == list(reversed(queue))
    assert second.enrollment_id in await olga.queue(country="AT", step="employment", program="indirect-reseller")
    assert first.enrollment_id not in await olga.queue(country="AT")
    claimed = await olga.post(f"/v1/reviews/{first.enrollment_id}/claim", {})
    assert claimed.json()["claimed_by"] == "olga"
    assert await olga.queue(claimed="mine") == [first.enrollment_id] and await paul.queue(claimed="mine") == []
    assert first.enrollment_id not in await paul.queue(claimed="nobody")
    counts = await olga.get("/v1/reviews/counts")
    assert (counts["mine"], counts["waiting"] >= 2, counts["overdue"]) == (1, True, 0)
    assert await olga.queue(overdue="true") == []


async def test_a_claimed_review_is_left_to_its_reviewer(
    running: Running, tokens: Tokens, mail: Mail, olga: Desk, paul: Desk
) -> None:
    company = await in_review(running, tokens, mail)
    path = f"/v1/reviews/{company.enrollment_id}"
    await olga.post(f"{path}/claim", {})
    is_problem(await paul.post(f"{path}/claim", {}), 409, "claimed")
    approve = {"decision": "approve"}
    is_problem(await paul.post(f"{company.path}/review", approve), 409, "claimed")
    noted = await paul.post(f"{path}/notes", {"text": "Olga is away; I go on."})
    assert [note["text"] for note in noted.json()["notes"]] == ["Olga is away; I go on."]
    assert (await paul.post(f"{path}/claim", {"take_over": True})).json()["claimed_by"] == "paul"
    passed = await paul.post(f"{company.path}/review", approve | {"step": "employment"})
    assert passed.json()["status"] == "in-review"
    steps = {step["name"]: step["state"] for step in (await company.get(f"{company.path}/timeline"))["steps"]}
    assert steps == {
        "information": "done",
        "contact": "done",
        "employment": "done",
        "business": "current",
        "agreement": "open",
    }
    assert "notes" not in await company.get(company.path)


async def test_a_high_risk_is_approved_by_two_reviewers(
    running: Running, tokens: Tokens, mail: Mail, olga: Desk, paul: Desk
) -> None:
    company = await in_review(running, tokens, mail)
    path = f"/v1/reviews/{company.enrollment_id}"
    await olga.post(f"{path}/risk", {"high": True})
    assert company.enrollment_id in await olga.queue(high_risk="true")
    for _ in range(2):
        assert (await olga.post(f"{company.path}/review", {"decision": "approve"})).json()["status"] == "in-review"
    assert (await paul.post(f"{company.path}/review", {"decision": "approve"})).json()["status"] == "qualified"
    assert company.enrollment_id not in await olga.queue()


async def test_a_file_shows_the_companys_other_enrollments(
    running: Running, tokens: Tokens, mail: Mail, olga: Desk
) -> None:
    company = await in_review(running, tokens, mail)
    rejected = company.enrollment_id
    await judge(running, tokens, company, decision="reject", reason="not-eligible")
    await company.submit()
    file = await olga.get(f"/v1/reviews/{company.enrollment_id}")
    assert [(one["enrollment_id"], one["status"]) for one in file["others"]] == [(rejected, "rejected")]
    assert (file["applicant"], file["name_differs"]) == (f"user-{company.organization_id}", False)


async def test_a_rejected_company_appeals_and_is_reviewed_again(
    running: Running, tokens: Tokens, mail: Mail, olga: Desk
) -> None:
    company = await in_review(running, tokens, mail)
    await judge(running, tokens, company, decision="reject", reason="not-eligible")
    rejected = await company.get(company.path)
    assert (rejected["appeals_left"], rejected["appeal_until"] is not None) == (3, True)
    appealed = await company.post(f"{company.path}/appeal", {"statement": "We moved to Germany."})
    assert (appealed.json()["status"], appealed.json()["appeals_left"]) == ("in-review", 2)
    file = await olga.get(f"/v1/reviews/{company.enrollment_id}")
    assert [one["statement"] for one in file["appeals"]] == ["We moved to Germany."]
    is_problem(await company.post(f"{company.path}/appeal", {"statement": "Again."}), 409, "not-appealable")
    await judge(running, tokens, company, decision="reject", reason="not-eligible")
    path = company.path
    await company.start()
    is_problem(await company.post(f"{path}/appeal", {"statement": "Again."}), 409, "taken", "organization")


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("key", LISTS)
async def test_a_page_of_ten_thousand_reviews_is_one_indexed_query(
    running: Running, mongo: Documents, key: str, direction: int
) -> None:
    """As the driver sends it: the plan enters by the list's index. The embedded database says SORT whatever the index gives."""
    collection = mongo.collection(running)
    if await collection.count_documents({"kind": "enrollment-sample"}) == 0:
        entry = {"k": LISTS}
        rows = ({"_id": f"s:{n}", "kind": "enrollment-sample", "ls": entry | {"o": f"{n:06d}"}} for n in range(MANY))
        await collection.insert_many(list(rows))
    query = {"kind": "enrollment-sample", "ls.k": key, "ls.o": {"$gt": "005000"}}
    plan = await collection.find(query).sort("ls.o", direction).limit(51).explain()
    stages = list(_stages(plan["queryPlanner"]["winningPlan"]))
    assert [(stage["stage"], stage["indexName"]) for stage in stages if "indexName" in stage] == [("IXSCAN", "listed")]
    assert len(await collection.find(query).sort("ls.o", direction).limit(51).to_list(None)) == 51


def _stages(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(_stages(plan["inputStage"]) if "inputStage" in plan else [])]
