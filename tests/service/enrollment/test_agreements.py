"""A partner agreement is signed, and the signed words can be read by those concerned alone."""

import hashlib
from pathlib import Path

import pytest
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import Mail, is_problem, judge, new_company, operator
from service.enrollment.papers import in_review

pytest_plugins = ("service.enrollment.fixtures",)


@pytest.fixture(scope="module")
def running(enrollment: Running) -> Running:
    return enrollment


async def test_the_signed_words_are_kept_as_evidence(
    running: Running, tokens: Tokens, kafka: Topics, keys: Path
) -> None:
    company = await in_review(running, tokens, Mail(running, kafka, keys))
    evidence = f"{company.path}/agreement.txt"
    is_problem(await running.client.get(evidence, headers=company.headers()), 409, "not-signed")
    await judge(running, tokens, company, decision="approve")
    read = await company.get("/v1/agreements/current?lang=en")
    words = f"{read['title']}\n\n{read['text']}"
    assert read["sha256"] == hashlib.sha256(words.encode()).hexdigest()
    signed = {"version": read["version"], "accepted": True, "language": "en"}
    assert (await company.post(f"{company.path}/agreement", signed)).json()["status"] == "active"
    (signature,) = (await company.get(f"{company.path}/agreement"))["signatures"]
    named = {"version": read["version"], "region": "europe", "language": "en", "sha256": read["sha256"]}
    assert named.items() <= signature.items()
    for headers in (company.headers(), operator(tokens)):
        answer = await running.client.get(f"{evidence}?version={read['version']}", headers=headers)
        assert answer.text.startswith(words)
        assert f"by user {signature['signer']}" in answer.text and read["sha256"] in answer.text
    assert answer.headers["content-disposition"].startswith("attachment;")
    is_problem(await running.client.get(f"{evidence}?version=none", headers=company.headers()), 404, "not-found")
    for path in (evidence, f"{company.path}/agreement"):
        is_problem(await running.client.get(path, headers=new_company(running, tokens).headers()), 404, "not-found")
