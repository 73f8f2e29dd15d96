"""The registry is complete and says nothing that cannot be."""

import re
from typing import Any

import pytest

from kontor_contracts import MAX_BYTES, Command, Event, Payload, topics
from kontor_contracts.topics import SERVICES, TOPICS, Topic
from kontor_contracts.values import Id

CARRYING = [topic for topic in TOPICS if topic.messages]
OUTSIDE = {"other portals", "registry writers", "operator"}
TYPE = re.compile(r"kontor\.(?P<owner>[a-z]+)\.[a-z]+(-[a-z]+)+\.v1")

every_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
every_message = pytest.mark.parametrize(
    ("topic", "message"),
    [pytest.param(topic, message, id=message.TYPE) for topic in TOPICS for message in topic.messages],
)


@every_topic
def test_names_keep_to_letters_dots_and_hyphens(topic: Topic) -> None:
    # Kafka's metrics turn dots into underscores, so a name with an underscore could collide with another.
    assert re.fullmatch(r"[a-z.-]+", topic.name)


@every_topic
def test_every_topic_is_named_for_its_owner_and_kind(topic: Topic) -> None:
    assert topic.owner in SERVICES
    assert topic.name == f"{topic.owner}.{topic.kind}"


def test_no_name_comes_twice() -> None:
    assert len({topic.name for topic in TOPICS}) == len(TOPICS) == len(topics.BY_NAME)


@every_topic
def test_consumers_and_producers_are_known(topic: Topic) -> None:
    assert set(topic.consumers) <= set(SERVICES)
    assert set(topic.producers) <= {*SERVICES, *OUTSIDE}
    assert topic.producers


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_announces_on_its_own_topic_alone(service: str) -> None:
    written = [topic.name for topic in TOPICS if topic.kind == "events" and service in topic.producers]
    assert written == [f"{service}.events"] == [topics.written_by(service).name]


@every_topic
def test_only_events_commands_and_snapshots_carry_messages(topic: Topic) -> None:
    assert bool(topic.messages) == (topic.kind in {"events", "commands", "snapshot"})
    expected: type[Payload] = Command if topic.kind == "commands" else Event
    assert all(issubclass(message, expected) for message in topic.messages)


@every_message
def test_every_type_is_named_for_its_owner_and_version(topic: Topic, message: type[Payload]) -> None:
    name = TYPE.fullmatch(message.TYPE)
    assert name is not None
    assert name["owner"] == topic.owner


@every_message
def test_the_type_is_the_class_name_in_kebab_case(topic: Topic, message: type[Payload]) -> None:
    kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", message.__name__).lower()
    assert f"kontor.{topic.owner}.{kebab}.v1" == message.TYPE


def test_every_type_belongs_to_exactly_one_topic() -> None:
    types = [message.TYPE for topic in TOPICS for message in topic.messages]
    assert len(types) == len(set(types))


def test_every_message_that_is_defined_travels_on_a_topic() -> None:
    carried = {message for topic in TOPICS for message in topic.messages}
    assert {message for message in _leaves(Payload) if message.TYPE.startswith("kontor.")} == carried


def _leaves(parent: type[Payload]) -> set[type[Payload]]:
    """The messages of the package; models that pydantic derives and that tests declare are not among them."""
    below = {leaf for child in parent.__subclasses__() for leaf in _leaves(child)}
    return below | ({parent} if parent.__module__.startswith("kontor_contracts.") else set())


@every_message
def test_every_message_says_what_it_means(topic: Topic, message: type[Payload]) -> None:
    assert message.__doc__
    assert message.__doc__.partition("\n")[0].endswith(".")


@every_message
def test_every_message_says_where_its_organization_stands(topic: Topic, message: type[Payload]) -> None:
    # Only these name none: a profile belongs to no organization yet, nor does an imported customer; mails are known by id.
    none = {"partner-profile-imported", "customer-imported", "customer-import-refused", "import-customer"}
    # A portal reports for customers that may be imported ones.
    none |= {"report-subscriptions", "subscriptions-refused"}
    none |= {"set-reseller-of-record", "remove-reseller-of-record", "reseller-of-record-refused"}
    # The sender of a command that breaks the contract may be anybody; an imported customer is of no organization again.
    none |= {"command-refused", "registry-command-refused", "imported-customer-restored", "portal-message-passed-on"}
    # What reviewers do is for the program's staff.
    none |= {"review-file-changed", "agreement-published", "agreement-withdrawn", "business-checked"}
    # A profile of the registry belongs to no organization yet.
    none |= {"partner-profile-refused", "upsert-partner-profile", "retire-partner-profile"}
    # Who signs up again with an address that is known belongs to no organization by that.
    none |= {"sign-up-repeated", "mail-queued", "mail-sent", "mail-abandoned", "mail-withdrawn"}
    none |= {"mail-deferred", "mail-suppressed", "mail-ordered", "address-suppressed", "suppression-lifted"}
    none |= {"mail-skipped", "mail-preferences-changed"}
    if not message.TENANT:
        assert message.TYPE.split(".")[2] in none
        return
    for number, path in enumerate(message.TENANT):
        model: Any = message
        *outer, last = path.split(".")
        for name in outer:
            model = model.model_fields[name].annotation
        field = model.model_fields[last]
        # Producers write the first, so it is always there.
        assert (field.annotation is str and field.is_required()) or (number and field.annotation == Id | None)


def test_every_group_has_its_dead_letters_and_its_replay() -> None:
    groups = {group for topic in CARRYING for group in topic.consumers}
    assert {topic.owner for topic in TOPICS if topic.kind == "dlq"} == groups
    for group in groups:
        assert topics.BY_NAME[f"{group}.dlq"].producers == (group,)
        assert topics.BY_NAME[f"{group}.replay"].consumers == (group,)


@pytest.mark.parametrize("group", SERVICES)
def test_a_group_reads_what_names_it(group: str) -> None:
    assert set(topics.read_by(group)) == {topic for topic in CARRYING if group in topic.consumers}


@every_topic
def test_every_topic_takes_the_largest_message_and_its_headers(topic: Topic) -> None:
    assert topic.max_message_bytes >= 2 * MAX_BYTES


def test_dead_letters_take_whatever_a_topic_takes_and_outlive_it() -> None:
    largest = max(topic.max_message_bytes for topic in CARRYING)
    longest = max(topic.retention_ms for topic in CARRYING)
    for topic in TOPICS:
        if topic.kind in {"dlq", "replay"}:
            assert topic.max_message_bytes > largest
            assert topic.retention_ms > longest


def test_mails_are_announced_without_addresses() -> None:
    fields = {name for message in topics.BY_NAME["notifications.events"].messages for name in message.model_fields}
    assert not fields & {"email", "recipient", "contact", "name"}
