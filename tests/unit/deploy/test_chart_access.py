"""Who may reach what: the broker's topics by Strimzi, pods by policies, services by the public host."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from harness.applications import build_applications
from harness.chart import CASES, CHART, files, of_kind, pods, refused, rendered

from kontor_contracts import access
from kontor_contracts.topics import SERVICES, TOPICS

PREFIX = "blue."
"""Of topics and groups in the example `everything`; its users have `blue-`."""


def test_strimzi_makes_the_topics_of_the_registry() -> None:
    made = {one["spec"]["topicName"]: one["spec"] for one in of_kind(rendered("everything"), "KafkaTopic").values()}
    assert made.keys() == {PREFIX + topic.name for topic in TOPICS}
    for topic in TOPICS:
        spec = made[PREFIX + topic.name]
        assert spec["partitions"] == topic.partitions
        assert topic.config.items() <= spec["config"].items()


def rights(user: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """Resource, name and operation, each alone."""
    return {
        (acl["resource"]["type"], acl["resource"].get("name", ""), operation)
        for acl in user["spec"]["authorization"]["acls"]
        for operation in acl["operations"]
    }


def named(grant: access.Grant) -> str:
    """There is one cluster, and it has no name there."""
    return "" if grant.kind == "Cluster" else PREFIX + grant.name.replace("*", "")


def test_strimzi_gives_each_principal_what_the_registry_grants() -> None:
    users = of_kind(rendered("everything"), "KafkaUser")
    for principal in (*SERVICES, access.OPERATOR):
        granted = {
            (grant.kind.lower(), named(grant), operation)
            for grant in access.grants()
            if grant.principal == principal
            for operation in grant.operations.split(", ")
        }
        assert rights(users[f"blue-{principal}"]) == granted, principal


def test_strimzi_makes_certificates_where_they_are_asked_for() -> None:
    sets = ('kafka={"security":"SSL","clientCertificates":true}', "strimzi.users=true")
    objects = rendered("defaults", *sets)
    users = of_kind(objects, "KafkaUser")
    assert {user["spec"]["authentication"]["type"] for user in users.values()} == {"tls"}
    for name, pod in pods(objects):
        who = "topics" if "topics" in name else name.split("-")[1]
        assert who in users
        assert files(pod)["/run/kontor/kafka.crt"] == (who, "user.crt")
        assert files(pod)["/run/kontor/kafka.key"] == (who, "user.key")


@pytest.mark.parametrize(
    ("kafka", "named"),
    [
        ('{"mechanism":"PLAIN"}', "SCRAM-SHA-512 or with certificates"),
        ('{"clientCertificates":true}', "a password or a certificate"),
    ],
)
def test_strimzi_is_asked_for_no_principal_that_it_cannot_make(kafka: str, named: str) -> None:
    assert named in refused(f"kafka={kafka}", "strimzi.users=true")


def test_a_scaler_is_known_to_the_broker_as_the_service() -> None:
    def asked(kafka: str) -> tuple[set[str], Mapping[str, Any]]:
        objects = rendered("defaults", f"kafka={kafka}", 'autoscaling.kind="keda"')
        spec = of_kind(objects, "ScaledObject")["kontor-identity"]["spec"]
        kinds = {one["metadata"].get("sasl", "") for one in spec["triggers"] if one["type"] == "kafka"}
        return kinds, of_kind(objects, "TriggerAuthentication")["kontor-identity-kafka"]["spec"]

    assert asked('{"mechanism":"PLAIN"}')[0] == {"plaintext"}
    kinds, known = asked('{"security":"SSL","clientCertificates":true}')
    assert kinds == {""} and "env" not in known
    assert {one["parameter"] for one in known["secretTargetRef"]} == {"cert", "key"}
    kinds, known = asked('{"mechanism":"OAUTHBEARER","token":{"url":"https://i.example.org/t","scope":"kafka"}}')
    assert kinds == {"oauthbearer"}
    assert {one["parameter"] for one in known["env"]} == {"username", "oauthTokenEndpointUri", "scopes"}


def test_a_portal_may_write_commands_and_nothing_else() -> None:
    users = of_kind(rendered("everything"), "KafkaUser")
    name = f"{PREFIX}relationships.commands"
    assert rights(users["blue-contoso-portal"]) == {("topic", name, "Write"), ("topic", name, "Describe")}


def test_a_registry_writer_may_write_commands_and_nothing_else() -> None:
    users = of_kind(rendered("everything"), "KafkaUser")
    name = f"{PREFIX}enrollment.commands"
    assert rights(users["blue-membership-center"]) == {("topic", name, "Write"), ("topic", name, "Describe")}


def test_a_reader_may_read_its_topics_with_its_group() -> None:
    users = of_kind(rendered("everything"), "KafkaUser")
    topics = {
        ("topic", f"{PREFIX}{name}.events", may)
        for name in ("relationships", "identity")
        for may in ("Read", "Describe")
    }
    assert rights(users["blue-billing"]) == {("group", f"{PREFIX}billing", "Read"), *topics}


@pytest.mark.parametrize("case", CASES)
def test_a_policy_denies_whatever_is_not_named(case: str) -> None:
    objects = rendered(case)
    policies = of_kind(objects, "NetworkPolicy")
    (deny,) = [one for name, one in policies.items() if name.endswith("-deny")]
    assert deny["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in deny["spec"] and "egress" not in deny["spec"]
    selected = deny["spec"]["podSelector"]["matchLabels"].items()
    for one in objects:
        if one["kind"] in {"Deployment", "Job"}:
            assert selected <= one["spec"]["template"]["metadata"]["labels"].items(), one["metadata"]["name"]


def test_only_notifications_reaches_a_mail_server() -> None:
    allowed = {
        name: {port["port"] for rule in one["spec"].get("egress", ()) for port in rule["ports"]}
        for name, one in of_kind(rendered("defaults"), "NetworkPolicy").items()
    }
    assert {name for name, ports in allowed.items() if 587 in ports} == {"kontor-notifications"}
    assert {name for name, ports in allowed.items() if 443 in ports} == {"kontor-identity"}


def test_the_way_to_a_collector_is_open_where_traces_are_on() -> None:
    opened = {
        case: [
            port["port"]
            for one in of_kind(rendered(case), "NetworkPolicy").values()
            for rule in one["spec"].get("egress", ())
            for port in rule["ports"]
        ]
        for case in ("defaults", "everything")
    }
    assert 4318 not in opened["defaults"]
    assert 4318 in opened["everything"]


def test_metrics_are_open_to_named_peers_alone() -> None:
    def peers(case: str) -> list[Any]:
        policies = of_kind(rendered(case), "NetworkPolicy").values()
        rules = [rule for one in policies for rule in one["spec"].get("ingress", ())]
        return [rule["from"] for rule in rules if rule["ports"] == [{"port": "management"}]]

    assert peers("defaults") == []
    monitoring = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    assert peers("production") == [[monitoring]] * len(SERVICES)


def leads(objects: tuple[Mapping[str, Any], ...]) -> dict[str, str]:
    """Beginning of a path → service, by Ingress or route."""
    found = {}
    for ingress in of_kind(objects, "Ingress").values():
        for path in ingress["spec"]["rules"][0]["http"]["paths"]:
            assert path["pathType"] == "Prefix"
            found[path["path"]] = path["backend"]["service"]["name"]
    for route in of_kind(objects, "HTTPRoute").values():
        assert len(route["spec"]["rules"]) <= 16
        for rule in route["spec"]["rules"]:
            assert len(rule["matches"]) <= 8
            found |= {match["path"]["value"]: rule["backendRefs"][0]["name"] for match in rule["matches"]}
    return found


@pytest.mark.parametrize(("case", "release"), [("production", "kontor"), ("everything", "partners")])
def test_one_host_leads_every_endpoint_to_its_service(case: str, release: str, tmp_path_factory: Any) -> None:
    found = leads(rendered(case))
    for service, app in build_applications(tmp_path_factory.mktemp("keys")).items():
        for path in app.openapi()["paths"]:
            # Prefixes are matched by whole elements, and the longest decides.
            matching = [beginning for beginning in found if f"{path}/".startswith(f"{beginning}/")]
            assert found[max(matching, key=len)] == f"{release}-{service}", path


def test_nothing_leads_to_the_management_port() -> None:
    for case in ("production", "everything"):
        assert not [name for name in leads(rendered(case)).values() if name.endswith("management")]


@pytest.mark.parametrize(("case", "kind"), [("production", "HorizontalPodAutoscaler"), ("everything", "ScaledObject")])
def test_one_thing_scales_a_service(case: str, kind: str) -> None:
    objects = rendered(case)
    kinds = {one["kind"] for one in objects} & {"HorizontalPodAutoscaler", "ScaledObject"}
    assert kinds == {kind}
    for name, deployment in of_kind(objects, "Deployment").items():
        assert "replicas" not in deployment["spec"], "an upgrade would undo what was scaled"
        spec = of_kind(objects, kind)[name]["spec"]
        assert spec.get("minReplicas", spec.get("minReplicaCount")) >= 1


def test_lag_of_every_topic_of_a_group_scales_its_service() -> None:
    scaled = of_kind(rendered("everything"), "ScaledObject")
    for service in SERVICES:
        triggers = scaled[f"partners-{service}"]["spec"]["triggers"]
        asked = {one["metadata"]["topic"] for one in triggers if one["type"] == "kafka"}
        read = {PREFIX + topic.name for topic in TOPICS if service in topic.consumers and topic.kind != "replay"}
        assert asked == read
        assert {one["metadata"]["consumerGroup"] for one in triggers if one["type"] == "kafka"} == {PREFIX + service}


def test_every_value_has_its_meaning() -> None:
    """The README and the schema are written from values.yaml."""
    rows = [line.split(" | ") for line in (CHART / "README.md").read_text().splitlines() if line.startswith("| `")]
    assert rows
    assert not [row[0] for row in rows if not row[-1].strip(" |")]


def test_the_examples_use_no_secret_in_plain_text() -> None:
    for file in (CHART / "examples").glob("*.yaml"):
        assert yaml.safe_load(file.read_text())
        assert "mongodb://" not in file.read_text()
