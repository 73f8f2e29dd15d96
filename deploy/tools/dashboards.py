"""Grafana's dashboards, as JSON that its sidecar or its provisioning reads: topics, a service, the business."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kontor_contracts import enrollment, identity, relationships
from kontor_contracts.envelope import Payload

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
SCHEMA = 41
WIDTH, HEIGHT = 12, 8
EVERYTHING = 'service=~"$service"'
TOPIC = 'service=~"$service",topic=~"$topic"'
FUNNEL: tuple[tuple[str, tuple[type[Payload], ...]], ...] = (
    ("signed up", (identity.OrganizationRegistered,)),
    ("submitted", (enrollment.EnrollmentSubmitted, enrollment.EnrollmentSubmittedUnlinked)),
    ("verified", (enrollment.EnrollmentApproved,)),
    ("active", (enrollment.EnrollmentActivated,)),
)
INVITATIONS: tuple[tuple[str, tuple[type[Payload], ...]], ...] = (
    ("sent", (relationships.InvitationSent,)),
    ("accepted", (relationships.InvitationAccepted,)),
)


@dataclass(frozen=True, slots=True)
class Panel:
    """``queries``: text of the legend → PromQL."""

    title: str
    queries: Mapping[str, str]
    unit: str = "short"
    kind: str = "timeseries"
    says: str = ""


def p99(metric: str, by: str, where: str = EVERYTHING, quantile: float = 0.99) -> str:
    return f"histogram_quantile({quantile}, sum by (le, {by}) (rate({metric}_bucket{{{where}}}[$__rate_interval])))"


def rate(metric: str, by: str, where: str = EVERYTHING) -> str:
    return f"sum by ({by}) (rate({metric}{{{where}}}[$__rate_interval]))"


def hourly(metric: str, by: str) -> str:
    return f"sum by ({by}) (increase({metric}{{{TOPIC}}}[1h]))"


def seen(types: Iterable[type[Payload]]) -> str:
    """Events in the chosen time: notifications reads every topic, and copies are left out."""
    names = "|".join(type_.TYPE.replace(".", "\\\\.") for type_ in types)
    return f'sum(increase(kontor_records_total{{service="notifications",type=~"{names}",outcome=~"applied|ignored"}}[$__range]))'


TOPICS = (
    Panel("Records applied", {"{{service}} {{topic}}": rate("kontor_records_total", "service, topic", TOPIC)}, "cps"),
    Panel("Lag", {"{{service}} {{topic}}": f"sum by (service, topic) (kontor_consumer_lag{{{TOPIC}}})"}),
    Panel(
        "Age at the outcome, p99",
        {"{{service}} {{topic}}": p99("kontor_record_age_seconds", "service, topic", TOPIC)},
        "s",
        says="From the commit of an event to its outcome in the reader.",
    ),
    Panel(
        "Commit to topic, p99",
        {"{{service}}": p99("kontor_outbox_publish_seconds", "service")},
        "s",
        says="From the commit of an event to the broker's acknowledgement.",
    ),
    Panel(
        "Topic to outcome, p99",
        {"{{service}} {{topic}}": p99("kontor_record_delivery_seconds", "service, topic", TOPIC)},
        "s",
        says="From the time at which a record was published to its outcome in the reader.",
    ),
    Panel("Outcomes", {"{{outcome}}": rate("kontor_records_total", "outcome", TOPIC)}, "cps"),
    Panel(
        "Dead letters in the last hour",
        {"{{service}} {{topic}} {{stage}}": hourly("kontor_dead_letters_total", "service, topic, stage")},
        says="parse and validate are their writers' faults, handle is ours, wait is behind one of the same key.",
    ),
    Panel(
        "Keys that wait behind dead letters",
        {"{{service}}": f"max by (service) (kontor_blocked_lanes{{{EVERYTHING}}})"},
    ),
    Panel(
        "Oldest unpublished event",
        {"{{service}}": f"max by (service) (kontor_outbox_oldest_seconds{{{EVERYTHING}}})"},
        "s",
    ),
    Panel("Events published", {"{{service}} {{path}}": rate("kontor_outbox_published_total", "service, path")}, "cps"),
    Panel(
        "Partitions",
        {"{{service}} {{topic}}": f"sum by (service, topic) (kontor_consumer_assigned_partitions{{{TOPIC}}})"},
    ),
    Panel(
        "Paused partitions",
        {"{{service}} {{topic}}/{{partition}}": f"time() - kontor_partition_paused_since_seconds{{{TOPIC}}}"},
        "s",
    ),
    Panel(
        "Records given back since",
        {"{{service}}": f"time() - min by (service) (kontor_consumer_halted_since_seconds{{{EVERYTHING}}} > 0)"},
        "s",
        says="No series while every partition moves.",
    ),
    Panel(
        "Faults of writers",
        {"{{topic}} {{source}}": 'sum by (topic, source) (increase(kontor_writer_faults_total{topic=~"$topic"}[1h]))'},
    ),
    Panel(
        "Missing events", {"{{topic}}": 'sum by (topic) (increase(kontor_sequence_gaps_total{topic=~"$topic"}[1h]))'}
    ),
)
SERVICE = (
    Panel(
        "Requests", {"{{service}} {{status}}": rate("kontor_http_request_seconds_count", "service, status")}, "reqps"
    ),
    Panel("Requests, p99", {"{{service}}": p99("kontor_http_request_seconds", "service")}, "s"),
    Panel(
        "Slowest routes, p99",
        {
            "{{service}} {{method}} {{route}}": f"topk(10, {p99('kontor_http_request_seconds', 'service, method, route')})"
        },
        "s",
    ),
    Panel(
        "Refused by status",
        {
            "{{service}} {{route}} {{status}}": rate(
                "kontor_http_request_seconds_count", "service, route, status", f'{EVERYTHING},status=~"4..|5.."'
            )
        },
        "reqps",
    ),
    Panel(
        "Servers",
        {"{{service}} {{dependency}}": f"min by (service, dependency) (kontor_dependency_available{{{EVERYTHING}}})"},
    ),
    Panel(
        "Instances",
        {
            "{{service}} {{version}} {{revision}}": f"count by (service, version, revision) (kontor_build_info{{{EVERYTHING}}})"
        },
    ),
    Panel(
        "Processor", {"{{service}} {{instance}}": rate("process_cpu_seconds_total", "service, instance")}, "percentunit"
    ),
    Panel("Memory", {"{{service}} {{instance}}": f"process_resident_memory_bytes{{{EVERYTHING}}}"}, "bytes"),
    Panel(
        "Timers",
        {"{{service}} {{kind}} {{outcome}}": rate("kontor_timers_fired_total", "service, kind, outcome")},
        "cps",
    ),
    Panel(
        "Oldest timer that is due",
        {"{{service}}": f"max by (service) (kontor_timers_overdue_seconds{{{EVERYTHING}}})"},
        "s",
    ),
    Panel(
        "Work at a time",
        {
            "{{service}} keys": f"min by (service) (kontor_consumer_concurrency{{{EVERYTHING}}})",
            "{{service}} outbox": f"min by (service) (kontor_outbox_claims{{{EVERYTHING}}})",
        },
        says="It falls while database or broker are slow.",
    ),
    Panel("Tries again", {"{{service}} {{topic}}": rate("kontor_retries_total", "service, topic")}, "cps"),
)
BUSINESS = (
    Panel("Companies", {name: seen(types) for name, types in FUNNEL}, kind="bargauge", says="In the chosen time."),
    Panel(
        "Invitations", {name: seen(types) for name, types in INVITATIONS}, kind="bargauge", says="In the chosen time."
    ),
    Panel("Enrollments by status", {"{{status}}": "max by (status) (kontor_enrollments)"}),
    Panel(
        "Oldest enrollment in a status",
        {"{{status}}": "max by (status) (kontor_enrollments_oldest_seconds)"},
        "s",
        says="For how long it has been there.",
    ),
    Panel("Mails that wait", {"{{status}}": "max by (status) (kontor_mails_waiting)"}),
    Panel("Oldest mail that waits", {"{{status}}": "max by (status) (kontor_mails_waiting_oldest_seconds)"}, "s"),
    Panel("Mails", {"{{outcome}}": "sum by (outcome) (increase(kontor_mails_total[1h]))"}, says="In an hour."),
    Panel(
        "Mails by template", {"{{template}}": 'sum by (template) (increase(kontor_mails_total{outcome="sent"}[1h]))'}
    ),
    Panel("The mail server", {"away": "max(kontor_mail_server_away)"}),
    Panel("Mails that may have been sent twice", {"in an hour": "sum(increase(kontor_mail_ambiguous_total[1h]))"}),
    Panel(
        "Events by type",
        {"{{type}}": 'topk(15, sum by (type) (increase(kontor_records_total{service="notifications"}[1h])))'},
        says="In an hour.",
    ),
)


def dashboards() -> Mapping[str, str]:
    """File name → JSON."""
    boards = (
        ("kontor-topics", "Kontor topics", TOPICS, ("service", "topic")),
        ("kontor-service", "Kontor service", SERVICE, ("service",)),
        ("kontor-business", "Kontor business", BUSINESS, ()),
    )
    return {f"{uid}.json": _json(_board(uid, title, panels, variables)) for uid, title, panels, variables in boards}


def queries() -> list[str]:
    return [query for panel in (*TOPICS, *SERVICE, *BUSINESS) for query in panel.queries.values()]


def _board(uid: str, title: str, panels: Iterable[Panel], variables: Iterable[str]) -> dict[str, Any]:
    return {
        "uid": uid,
        "title": title,
        "tags": ["kontor"],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": False,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "links": [
            {
                "type": "dashboards",
                "title": "Kontor",
                "tags": ["kontor"],
                "asDropdown": True,
                "includeVars": True,
                "keepTime": True,
            }
        ],
        "templating": {"list": [_source(), *map(_variable, variables)]},
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def _source() -> dict[str, Any]:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "refresh": 1}


def _variable(name: str) -> dict[str, Any]:
    of = {"service": "kontor_build_info", "topic": "kontor_consumer_lag"}[name]
    return {
        "name": name,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": f"label_values({of}, {name})", "refId": name},
        "refresh": 2,
        "sort": 1,
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    return {
        "id": number + 1,
        "title": panel.title,
        "description": panel.says,
        "type": panel.kind,
        "datasource": SOURCE,
        "gridPos": {"x": number % 2 * WIDTH, "y": number // 2 * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {} if panel.kind == "timeseries" else {"orientation": "horizontal", "displayMode": "basic"},
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "datasource": SOURCE,
                "expr": query,
                "legendFormat": legend,
                "instant": panel.kind != "timeseries",
                "range": panel.kind == "timeseries",
            }
            for place, (legend, query) in enumerate(panel.queries.items())
        ],
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
