"""What the chart passes to the services is what they take: read by their own settings classes."""

import json
import os
import ssl
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from harness.chart import CASES, Object, containers, files, of_kind, pods, refused, rendered, variables

from chassis.configuration.loading import read, unknown
from chassis.lifecycle.topics import TopicSettings
from kontor_contracts.topics import SERVICES
from kontor_local.certificates import Authority
from kontor_local.environment import Surroundings, environment
from kontor_local.keys import write_keys

MOUNTED = "/run/kontor"
AUTHORITIES = ssl.get_default_verify_paths().cafile


def settings_of(service: str) -> Any:
    return import_module(f"{service}.settings").Settings


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the content of every key that a Secret may have."""
    folder = tmp_path_factory.mktemp("secrets")
    write_keys(folder)
    if AUTHORITIES is not None:
        (folder / "ca.crt").write_bytes(Path(AUTHORITIES).read_bytes())
    (folder / "issuers.json").write_text("[]")
    (folder / "portals.json").write_text("{}")
    for name in ("kafka-password", "password", "smtp-password"):
        (folder / name).write_text("secret")
    return folder


def mounted(pod: Object, secrets: Path, target: Path) -> Path:
    """What the pod finds below its mount, and nothing else."""
    target.mkdir()
    for path, (_, key) in files(pod).items():
        (target / path.removeprefix(f"{MOUNTED}/")).write_bytes((secrets / key).read_bytes())
    return target


def read_in(pod: Object, settings: Any, secrets: Path, tmp_path: Path) -> None:
    for number, container in enumerate(containers(pod)):
        here = mounted(pod, secrets, tmp_path / f"{pod['containers'][0]['name']}-{number}")
        found = {name: value.replace(MOUNTED, str(here)) for name, value in variables(container).items()}
        with mock.patch.dict(os.environ, found, clear=True):
            read(settings)
            assert unknown(settings) == []


@pytest.mark.skipif(AUTHORITIES is None, reason="this machine has no file with certificates of authorities")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_takes_what_the_chart_passes(service: str, case: str, secrets: Path, tmp_path: Path) -> None:
    deployments = {
        one["metadata"]["labels"]["app.kubernetes.io/component"]: one
        for one in of_kind(rendered(case), "Deployment").values()
    }
    read_in(deployments[service]["spec"]["template"]["spec"], settings_of(service), secrets, tmp_path)


def test_the_jobs_take_what_the_chart_passes(secrets: Path, tmp_path: Path) -> None:
    jobs = {name: pod for name, pod in pods(rendered("defaults")) if name.endswith(("topics", "-migrate"))}
    assert len(jobs) == 1 + len(SERVICES)
    for name, pod in jobs.items():
        command = pod["containers"][0]["command"]
        settings = TopicSettings if command[-1] == "topics" else settings_of(command[2])
        (tmp_path / name).mkdir()
        read_in(pod, settings, secrets, tmp_path / name)


def test_the_chart_passes_whatever_a_local_service_gets(tmp_path: Path) -> None:
    """A setting that `make up` has to pass is one that the chart has to pass."""
    around = Surroundings(
        kafka="kafka:9092",
        mongo="mongodb://database",
        smtp_port=25,
        urls=dict.fromkeys(SERVICES, "http://localhost:8000"),
        management=dict.fromkeys(SERVICES, 9000),
        keys=tmp_path,
    )
    by_defaults = {"KONTOR_MONGO_DATABASE", "KONTOR_HTTP_HOST", "KONTOR_HTTP_PORT", "KONTOR_MANAGEMENT_PORT"}
    when_named = {"KONTOR_CORS_ORIGINS"}
    deployments = of_kind(rendered("defaults"), "Deployment")
    for service in SERVICES:
        local = {name for name in environment(service, around) if name.startswith("KONTOR_")}
        passed = variables(deployments[f"kontor-{service}"]["spec"]["template"]["spec"]["containers"][0])
        assert local - by_defaults - when_named <= passed.keys(), service


def test_the_same_pages_send_people_to_sign_in() -> None:
    around = Surroundings(
        kafka="",
        mongo="",
        smtp_port=0,
        urls=dict.fromkeys(SERVICES, "http://h:1"),
        management=dict.fromkeys(SERVICES, 0),
        keys=Path(),
    )
    passed = variables(
        of_kind(rendered("defaults"), "Deployment")["kontor-identity"]["spec"]["template"]["spec"]["containers"][0]
    )
    local, here = (json.loads(found["KONTOR_SIGN_IN_CLIENTS"]) for found in (environment("identity", around), passed))
    moved = [
        one
        | {"redirect_uris": [uri.replace("http://h:1", "https://kontor.example.com") for uri in one["redirect_uris"]]}
        for one in local
    ]
    assert here == moved


@pytest.mark.parametrize("case", CASES)
def test_every_file_that_a_setting_names_is_mounted(case: str) -> None:
    for name, pod in pods(rendered(case)):
        named = {value for one in containers(pod) for key, value in variables(one).items() if key.endswith("_FILE")}
        assert named == files(pod).keys(), name


def test_a_principal_of_the_broker_has_a_password_of_its_own() -> None:
    seen = {}
    for name, pod in pods(rendered("defaults")):
        seen[variables(pod["containers"][0])["KONTOR_KAFKA_USERNAME"]] = files(pod)[f"{MOUNTED}/kafka-password"]
        assert not name.endswith("topics") or variables(pod["containers"][0])["KONTOR_KAFKA_USERNAME"] == "topics"
    assert seen == {who: (f"kontor-{who}", "kafka-password") for who in (*SERVICES, "topics")}


TOKENS = '{"url":"https://issuer.example.org/token","scope":"kafka","ca":{"secret":"issuer-ca"}}'
BROKERS = {
    "plain": 'kafka={"mechanism":"PLAIN"}',
    "certificates": 'kafka={"security":"SSL","clientCertificates":true}',
    "both": 'kafka={"security":"SASL_SSL","clientCertificates":true}',
    "tokens": f'kafka={{"mechanism":"OAUTHBEARER","token":{TOKENS}}}',
    "authorities": 'mongo.ca.secret="mongo-ca"',
}
"""Ways to be known to the broker, and private authorities of the other connections."""


@pytest.mark.skipif(AUTHORITIES is None, reason="this machine has no file with certificates of authorities")
@pytest.mark.parametrize("way", BROKERS)
def test_a_pod_takes_each_way_to_be_known_to_servers(way: str, secrets: Path, tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).issue("kafka")
    (secrets / "kafka.crt").write_bytes(certificate.read_bytes())
    (secrets / "kafka.key").write_bytes(key.read_bytes())
    objects = rendered("defaults", BROKERS[way], 'mail.ca.secret="smtp-ca"')
    for name, pod in pods(objects):
        command = pod["containers"][0].get("command", ["", "", name.removeprefix("kontor-"), "serve"])
        settings = TopicSettings if command[-1] == "topics" else settings_of(command[2])
        named = {value for key, value in variables(pod["containers"][0]).items() if key.endswith("_FILE")}
        assert named == files(pod).keys() - {f"{MOUNTED}/mongo-ca.crt"}
        (tmp_path / name).mkdir()
        read_in(pod, settings, secrets, tmp_path / name)


def test_a_certificate_alone_is_a_principal() -> None:
    objects = rendered("defaults", BROKERS["certificates"])
    for name, pod in pods(objects):
        who = "topics" if name.endswith("topics") else name.split("-")[1]
        assert files(pod)[f"{MOUNTED}/kafka.crt"] == (f"kontor-{who}", "kafka.crt")
        assert files(pod)[f"{MOUNTED}/kafka.key"] == (f"kontor-{who}", "kafka.key")
        assert "KONTOR_KAFKA_USERNAME" not in variables(pod["containers"][0])
        assert f"{MOUNTED}/kafka-password" not in files(pod)


@pytest.mark.parametrize(
    ("sets", "named"),
    [
        ('services.identity.settings={"sesion_idle":1}', "sesion_idle"),
        ('services.identity.settings={"mongo_url":"x"}', "mongo_url"),
        ("services.identity.replicas=0", "replicas"),
        ('autoscaling={"kind":"hpa","minReplicas":0}', "minReplicas"),
        ('autoscaling={"kind":"both"}', "kind"),
        ('kafka={"securty":"SASL_SSL"}', "securty"),
        ('kafka={"security":"SSL"}', "in production the broker must know its clients"),
        ('kafka={"security":"SSL","mechanism":"GSSAPI"}', "mechanism"),
        ('kafka={"security":"SASL_PLAINTEXT","mechanism":"PLAIN"}', "plain text"),
        ('kafka={"security":"SASL_PLAINTEXT","clientCertificates":true}', "kafka.clientCertificates"),
        ('kafka={"mechanism":"OAUTHBEARER"}', "kafka.token.url"),
        ('kafka={"minInsyncReplicas":4}', "nothing could be written"),
        ('public.host="https://a.example"', "host"),
        ("gateway.enabled=true", "gateway.parentRefs"),
        ("externalSecrets.enabled=true", "externalSecrets.store.name"),
        ('mail={"tls":"none","username":"me"}', "plain text"),
        ('services.billing={"replicas":1}', "billing"),
    ],
)
def test_a_wrong_value_is_named(sets: str, named: str) -> None:
    assert named in refused(sets)


def test_a_hook_does_not_wait_for_a_secret_of_its_own_release() -> None:
    sets = ('externalSecrets={"enabled":true,"store":{"name":"vault"}}', 'jobs.mode="hooks"')
    assert "jobs.mode=hooks" in refused(*sets)
    objects = rendered("production")
    assert not [one for one in objects if "helm.sh/hook" in one["metadata"].get("annotations", {})]
    assert {pod["initContainers"][0]["args"][0] for _, pod in pods(objects) if "initContainers" in pod} == {"migrate"}
