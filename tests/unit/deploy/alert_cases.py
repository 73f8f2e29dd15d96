"""For each alert a course of series with which it fires, and one with which it must not. One value a minute from 0."""

from collections.abc import Mapping
from dataclasses import dataclass

Series = Mapping[str, str]
WHERE = 'job="kontor",service="identity",instance="a:9000"'
OTHER = 'job="kontor",service="identity",instance="b:9000"'


@dataclass(frozen=True, slots=True)
class Case:
    """``values`` in promtool's notation: `0+10x60` is 0, 10, 20 and so on, sixty times."""

    alert: str
    fires: Series
    quiet: Series
    minutes: int = 60


def requests(ok: str, failed: str) -> Series:
    return {
        f'kontor_http_request_seconds_count{{{WHERE},status="200"}}': ok,
        f'kontor_http_request_seconds_count{{{WHERE},status="500"}}': failed,
    }


def quantile(slow: str, fast: str) -> Series:
    """Requests below half a second, and all of them."""
    return {
        f'kontor_http_request_seconds_bucket{{{WHERE},le="0.5"}}': fast,
        f'kontor_http_request_seconds_bucket{{{WHERE},le="2.5"}}': slow,
        f'kontor_http_request_seconds_bucket{{{WHERE},le="+Inf"}}': slow,
        f"kontor_http_request_seconds_count{{{WHERE}}}": slow,
    }


def ages(within: str, count: str) -> Series:
    topic = f'{WHERE},topic="enrollment.events"'
    return {
        f'kontor_record_age_seconds_bucket{{{topic},le="60.0"}}': within,
        f"kontor_record_age_seconds_count{{{topic}}}": count,
    }


def one(name: str, values: str, more: str = "", where: str = WHERE) -> Series:
    return {f"{name}{{{where}{',' if more else ''}{more}}}": values}


def reading(lag: str, records: str) -> Series:
    topic = 'topic="enrollment.events"'
    done = one("kontor_records_total", records, f'{topic},type="t",outcome="applied"')
    return {**one("kontor_consumer_lag", lag, topic), **done}


def mails(sent: str, refused: str) -> Series:
    return {
        **one("kontor_mails_total", sent, 'template="invitation",outcome="sent"'),
        **one("kontor_mails_total", refused, 'template="invitation",outcome="rejected"'),
    }


LETTERS, TOPIC = "kontor_dead_letters_total", 'topic="identity.events"'
PAUSED = "kontor_partition_paused_since_seconds"
HALTED = "kontor_consumer_halted_since_seconds"
WAITS = "kontor_mails_waiting_oldest_seconds"
AGES = "kontor_enrollments_oldest_seconds"
BUILD = "kontor_build_info"
FAULTS = "kontor_writer_faults_total"
SOURCE = f'{TOPIC},source="/portal"'
FAILURES = "kontor_outbox_publish_failures_total"

CASES = (
    Case("KontorErrorBudgetBurnsFast", requests("0+1000x60", "0+30x60"), requests("0+1000x60", "0+5x60")),
    Case("KontorErrorBudgetBurns", requests("0+1000x400", "0+8x400"), requests("0+1000x400", "0+2x400"), minutes=390),
    Case("KontorEventsLate", ages("0+90x60", "0+100x60"), ages("0+100x60", "0+100x60")),
    Case(
        "KontorServiceDown",
        {**one("up", "1x10 0x50"), **one("up", "0x60", where=OTHER)},
        {**one("up", "1x60"), **one("up", "0x60", where=OTHER)},
    ),
    Case("KontorInstanceDown", one("up", "1x10 0x50"), one("up", "0x3 1x57")),
    Case(
        "KontorRestarts",
        one("process_start_time_seconds", "1x40 2x4 3x4 4x20"),
        one("process_start_time_seconds", "1x40 2x30"),
    ),
    Case(
        "KontorDependencyUnavailable",
        one("kontor_dependency_available", "1x10 0x50", 'dependency="broker"'),
        one("kontor_dependency_available", "1x58 0x2", 'dependency="broker"'),
    ),
    Case("KontorSlowRequests", quantile("0+60x60", "0+30x60"), quantile("0+60x60", "0+60x60")),
    Case(
        "KontorVersionsDiffer",
        {**one(BUILD, "1x120", 'version="1",revision="a"'), **one(BUILD, "1x120", 'version="2",revision="b"', OTHER)},
        {**one(BUILD, "1x120", 'version="2",revision="b"'), **one(BUILD, "1x120", 'version="2",revision="b"', OTHER)},
        minutes=90,
    ),
    Case(
        "KontorConsumerLag",
        {**one("kontor_consumer_lag", "3000x60", TOPIC), **one("kontor_consumer_lag", "3000x60", TOPIC, OTHER)},
        {**one("kontor_consumer_lag", "9000x50 10x10", TOPIC), **one("kontor_consumer_lag", "10x60", TOPIC, OTHER)},
    ),
    Case("KontorConsumerStalled", reading("5x60", "0+10x30 300x30"), reading("5x60", "0+10x60")),
    Case(
        "KontorNoPartitions",
        one("kontor_consumer_assigned_partitions", "12x10 0x50", TOPIC),
        {
            **one("kontor_consumer_assigned_partitions", "0x60", TOPIC),
            **one("kontor_consumer_assigned_partitions", "12x60", TOPIC, OTHER),
        },
    ),
    Case(
        "KontorPartitionPaused",
        one(PAUSED, "60x60", f'{TOPIC},partition="3"'),
        one(PAUSED, "3540x60", f'{TOPIC},partition="3"'),
    ),
    Case("KontorConsumerHalted", one(HALTED, "0x20 1200x40"), one(HALTED, "0x20 1200x10 0x30")),
    Case(
        "KontorDeadLetters",
        one(LETTERS, "0x50 1x10", f'{TOPIC},stage="handle"'),
        {**one(LETTERS, "7x60", f'{TOPIC},stage="handle"'), **one(LETTERS, "0+1x60", f'{TOPIC},stage="wait"')},
    ),
    Case("KontorKeysBlocked", one("kontor_blocked_lanes", "2x60"), one("kontor_blocked_lanes", "2x50 0x10")),
    Case("KontorWriterFaults", one(FAULTS, "0+5x60", SOURCE), one(FAULTS, "0+1x60", SOURCE)),
    Case(
        "KontorSequenceGap",
        one("kontor_sequence_gaps_total", "0x50 3x10", TOPIC),
        one("kontor_sequence_gaps_total", "3x60", TOPIC),
    ),
    Case(
        "KontorBatchesGivenBack",
        one("kontor_batches_given_back_total", "0+1x60"),
        one("kontor_batches_given_back_total", "0x50 1x10"),
    ),
    Case(
        "KontorOutboxStuck",
        one("kontor_outbox_oldest_seconds", "0x20 0+60x40"),
        one("kontor_outbox_oldest_seconds", "_x30 5x30"),
    ),
    Case(
        "KontorPublishFailures",
        one(FAILURES, "0+5x60", 'kind="transient"'),
        one(FAILURES, "0x50 3x10", 'kind="transient"'),
    ),
    Case(
        "KontorTimersOverdue",
        one("kontor_timers_overdue_seconds", "900x60"),
        one("kontor_timers_overdue_seconds", "_x30 2x30"),
    ),
    Case(
        "KontorTimersFail",
        one("kontor_timers_fired_total", "0x50 1x10", 'kind="invitation",outcome="failed"'),
        one("kontor_timers_fired_total", "0+1x60", 'kind="invitation",outcome="later"'),
    ),
    Case(
        "KontorMailServerAway", one("kontor_mail_server_away", "0x40 1x20"), one("kontor_mail_server_away", "0x57 1x3")
    ),
    Case(
        "KontorMailsWait",
        one(WAITS, "0+60x60", 'status="queued"'),
        {**one(WAITS, "0+60x60", 'status="deferred"'), **one(WAITS, "_x30 60x30", 'status="queued"')},
    ),
    Case(
        "KontorReviewsWait",
        one(AGES, "1209600+60x120", 'status="in-review"'),
        {**one(AGES, "1209600+60x120", 'status="draft"'), **one(AGES, "86400+60x120", 'status="in-review"')},
        minutes=90,
    ),
    Case("KontorMailsAbandoned", mails("0+10x60", "0+2x60"), mails("0+100x60", "0+1x60")),
    Case(
        "KontorMailsAmbiguous",
        one("kontor_mail_ambiguous_total", "0+1x60"),
        one("kontor_mail_ambiguous_total", "0x30 1x30"),
    ),
)
