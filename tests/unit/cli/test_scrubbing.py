"""What a support bundle lets through: forms that are known, and nothing that names a person or opens a door."""

import json
from typing import Any

import pytest

from kontor_cli.bundle import scrubbing

ID = "0196a3d2-7c4e-7d0a-9d0c-0a2c7f5be6a1"
CANARIES = ("canary@secret.example", "Kim Canary", "eyJhbGciOi.canary", "canary-pw", "Canarystraße 7")


def _shown(**line: Any) -> dict[str, Any]:
    (kept,), _ = scrubbing.log_lines([json.dumps({"event": "request", **line})])
    return kept


def test_a_line_of_ours_keeps_what_helps() -> None:
    line = {
        "timestamp": "2026-11-28T09:00:00.123456Z",
        "level": "info",
        "service": "identity",
        "route": "/v1/users/{user_id}",
        "status": 409,
        "ms": 3.5,
        "correlation_id": ID,
        "subject": f"user:{ID}",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "topic": "identity.events",
    }
    assert _shown(**line) == {"event": "request", **line}


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize(
    "name", ["error", "detail", "correlation_id", "subject", "route", "event", "anything", "exception"]
)
def test_no_field_of_a_line_lets_a_canary_through(name: str, canary: str) -> None:
    assert canary not in json.dumps(_shown(**{name: canary}), ensure_ascii=False)
    deep = {"event": "request", name: {"deep": [canary]}}
    assert canary not in json.dumps(scrubbing.log_lines([json.dumps(deep)]), ensure_ascii=False)


def test_a_traceback_keeps_where_and_which_kind() -> None:
    text = 'Traceback (most recent call last):\n  File "/app/x/identity/api/users.py", line 12, in show\n    a = 1\n'
    shown = _shown(exception=f"{text}chassis.errors.UnavailableError: canary@secret.example\n")
    assert shown["exception"] == ["api/users.py:12 show", "chassis.errors.UnavailableError"]


def test_lines_of_others_are_counted_and_left_out() -> None:
    kept, left_out = scrubbing.log_lines(["Traceback: canary@secret.example", "[1]", "{}", '{"event": "started"}'])
    assert (kept, left_out) == ([{"event": "started"}], 3)


def test_settings_show_what_is_no_secret() -> None:
    shown = scrubbing.settings(
        {
            "KONTOR_KAFKA_BOOTSTRAP": "kafka:9093",
            "KONTOR_LEASE": "30.0",
            "KONTOR_PUBLIC_URL": "https://ada:canary-pw@kontor.example:8443/x?token=canary-pw",
            "KONTOR_MONGO_URL": "mongodb://kontor:canary-pw@db/",
            "KONTOR_KAFKA_USERNAME": "canary",
            "KONTOR_MAIL_SENDER": "Kim Canary <canary@secret.example>",
            "KONTOR_KAFKA_PASSWORD_FILE": "/home/canary/password",
            "HOME": "/home/canary",
        }
    )
    assert shown["KONTOR_KAFKA_BOOTSTRAP"] == "kafka:9093"
    assert shown["KONTOR_LEASE"] == "30.0"
    assert shown["KONTOR_PUBLIC_URL"] == "https://kontor.example:8443"
    assert "canary" not in json.dumps(shown).lower()


def test_a_report_keeps_its_structure_and_known_texts() -> None:
    found = scrubbing.report(
        {
            "service": "identity",
            "dependencies": {"database": {"available": False, "error": "KafkaError: at canary@x.example"}},
        }
    )
    assert found["service"] == "identity"
    assert found["dependencies"]["database"] == {"available": False, "error": "KafkaError"}


def test_labels_of_metrics_that_anybody_chose_are_left_out() -> None:
    text = 'kontor_writer_faults_total{topic="enrollment.commands",source="/portals/kim canary@secret.example"} 3.0\n'
    shown = scrubbing.metrics(f"# HELP x\n{text}")
    assert shown == 'kontor_writer_faults_total{topic="enrollment.commands",source="(left out)"} 3.0\n'
