"""A real Prometheus scrapes running services: their metrics are those of the registry, and every query has its answer."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
import yaml
from dashboards import queries
from metrics_page import registry
from support import eventually

from kontor_contracts.topics import TOPICS
from kontor_local.ports import HOST, Port

ALERTS = Path(__file__).parents[2] / "deploy" / "helm" / "kontor" / "files" / "alerts.yaml"
SCRAPED = ("identity", "notifications")
ALWAYS = (
    "kontor_consumer_lag",
    "kontor_consumer_assigned_partitions",
    "kontor_dead_letters_total",
    "kontor_blocked_lanes",
    "kontor_outbox_oldest_seconds",
    "kontor_dependency_available",
    "kontor_build_info",
    "kontor_timers_overdue_seconds",
    "kontor_consumer_concurrency",
    "kontor_mail_server_away",
    "kontor_mail_ambiguous_total",
    "kontor_http_request_seconds",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
)
"""Queries of these have an answer even where nothing has happened yet."""


def names(text: str) -> set[str]:
    """Of series. Those of when a counter began are left out, as in images (PROMETHEUS_DISABLE_CREATED_SERIES)."""
    found = set(re.findall(r"^([a-zA-Z_:]\w*)", text, re.MULTILINE))
    return {name for name in found if not name.endswith("_created")}


@asynccontextmanager
async def prometheus(targets: dict[str, str], folder: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Scrapes once a second, and evaluates the alerts as often."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("NOT RUN: prometheus is not here; Debian's package of that name brings it")
    scraped = [{"targets": [address], "labels": {"service": name}} for name, address in targets.items()]
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(ALERTS)],
        "scrape_configs": [{"job_name": "kontor", "static_configs": scraped}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    port = Port()
    address = f"{HOST}:{port.release()}"
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx2.AsyncClient(base_url=f"http://{address}", timeout=20) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def ask(client: httpx2.AsyncClient, query: str) -> list[Any]:
    answer = await client.get(f"/api/v1/query?{urlencode({'query': query})}")
    found: dict[str, Any] = answer.json()
    assert found["status"] == "success", (query, found)
    results: list[Any] = found["data"]["result"]
    return results


async def test_the_services_metrics_and_every_query_in_a_real_prometheus(service: Any, tmp_path: Path) -> None:
    async with (
        service("identity", topics=TOPICS, run_id="prometheus") as first,
        service("notifications", run_id="prometheus") as second,
    ):
        known = {series for one in registry().values() for series in one.series}
        for running in (first, second):
            text = (await running.management.get("/metrics")).text
            assert "kontor_build_info" in text
            assert names(text) - known == set(), "list these in deploy/observability/metrics.yaml"
            assert (await running.management.get("/version")).json()["version"]
            for path in ("/openapi.json", "/nothing"):
                await running.client.get(path)
        targets = {running.name: running.management.base_url.netloc.decode() for running in (first, second)}
        async with prometheus(targets, tmp_path) as client:
            await eventually(lambda: scraped(client), timeout=60, every=0.5)
            for query in map(filled, queries()):
                found = await ask(client, query)
                if query.startswith(("sum by", "max by", "min by", "count by", "max(")) and any(
                    name in query for name in ALWAYS
                ):
                    assert found, query
            rules = (await client.get("/api/v1/rules")).json()["data"]["groups"]
            health = {
                rule["name"]: (rule["health"], rule.get("lastError", "")) for group in rules for rule in group["rules"]
            }
            assert {how for how in health.values() if how[0] == "err"} == set()
            firing = {
                one["labels"]["alertname"]
                for one in (await client.get("/api/v1/alerts")).json()["data"]["alerts"]
                if one["state"] == "firing"
            }
            assert firing == set(), "nothing is wrong here"


async def scraped(client: httpx2.AsyncClient) -> bool:
    """Each service often enough for a rate, and with partitions."""
    try:
        if (await client.get("/-/ready")).status_code != 200:
            # It answers 503 in plain text while it loads its data.
            return False
        counts = await ask(client, "count_over_time(up[1m])")
        reading = await ask(client, "sum by (service) (kontor_consumer_assigned_partitions) > 0")
    except httpx2.TransportError:
        return False
    return len(counts) == len(SCRAPED) == len(reading) and all(float(one["value"][1]) > 5 for one in counts)


def filled(query: str) -> str:
    for variable, value in (("$__rate_interval", "1m"), ("$__range", "1h"), ("$service", ".*"), ("$topic", ".*")):
        query = query.replace(variable, value)
    return query
