"""The histogram of ages shows what prometheus_client's own would show."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from chassis.observability.ages import Ages

BUCKETS = (0.001, 0.5, 10)


@given(st.lists(st.lists(st.floats(0, 1e6) | st.sampled_from(BUCKETS), max_size=8), max_size=4))
def test_as_prometheus_would(rounds: list[list[float]]) -> None:
    theirs, ours = CollectorRegistry(), CollectorRegistry()
    histogram = Histogram("seconds", "said", ["topic"], buckets=BUCKETS, registry=theirs)
    ages = Ages("seconds", "said", "topic", BUCKETS, ours)
    for values in rounds:
        ages.observe("a", values)
        child = histogram.labels("a")
        for value in values:
            child.observe(value)
    lines = {line for line in generate_latest(theirs).decode().splitlines() if "_created" not in line}
    lines = {line for line in lines if "_sum" not in line}
    shown = {line for line in generate_latest(ours).decode().splitlines() if "_sum" not in line}
    assert shown == lines


def test_a_clock_that_is_behind_makes_no_negative_age() -> None:
    registry = CollectorRegistry()
    Ages("seconds", "said", "topic", BUCKETS, registry).observe("a", [-3.0])
    assert registry.get_sample_value("seconds_sum", {"topic": "a"}) == 0
    assert registry.get_sample_value("seconds_bucket", {"topic": "a", "le": "0.001"}) == 1
