"""The registry of metrics and what the services expose are the same."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from applications import build_services
from metrics_page import Metric, registry

from kontor_contracts.topics import SERVICES


@pytest.fixture(scope="module")
def exposed() -> Mapping[str, Mapping[str, tuple[str, set[str]]]]:
    """Service → name → type and labels."""
    return {name: dict(metrics_of(chassis.metrics.registry)) for name, (chassis, _) in build_services().items()}


def metrics_of(found: Any) -> Iterator[tuple[str, tuple[str, set[str]]]]:
    for collector in found._collector_to_names:
        if hasattr(collector, "_labelnames"):
            yield stored(collector._name, collector._type), (collector._type, set(collector._labelnames))
        else:
            for family in collector.collect():
                labels = {label for sample in family.samples for label in sample.labels}
                yield stored(family.name, family.type), (family.type, labels)


def stored(name: str, type_: str) -> str:
    return f"{name}_total" if type_ == "counter" else name


@pytest.mark.parametrize("service", SERVICES)
def test_every_metric_of_a_service_is_in_the_registry(service: str, exposed: Any) -> None:
    listed = {name: (one.type, set(one.labels)) for name, one in registry().items()}
    unlisted = {name: how for name, how in exposed[service].items() if listed.get(name) != how}
    assert unlisted == {}, "list these in deploy/observability/metrics.yaml, with type and labels as here"


def test_every_metric_of_the_registry_is_exposed(exposed: Any) -> None:
    assert registry().keys() - {name for found in exposed.values() for name in found} == set()


def test_every_metric_says_what_it_means() -> None:
    for one in registry().values():
        assert isinstance(one, Metric)
        assert one.meaning.endswith(".")
        assert one.unit
        assert all(one.labels.values())
        assert one.name.endswith("_total") == (one.type == "counter")


def test_counters_of_a_topic_start_at_zero(exposed: Any) -> None:
    assert exposed
    chassis, _ = build_services()["identity"]
    found = {
        (sample.labels["topic"], sample.labels["stage"]): sample.value
        for family in chassis.metrics.registry.collect()
        for sample in family.samples
        if sample.name == "kontor_dead_letters_total"
    }
    assert found[("enrollment.events", "handle")] == 0
    assert len(found) == 4 * len({topic for topic, _ in found})


def test_what_waits_is_unknown_before_the_database_says() -> None:
    chassis, _ = build_services()["identity"]
    for name in ("kontor_outbox_oldest_seconds", "kontor_outbox_pending_documents", "kontor_timers_overdue_seconds"):
        value = chassis.metrics.registry.get_sample_value(name)
        assert value is not None
        assert value != value  # noqa: PLR0124  NaN is the only number like that
