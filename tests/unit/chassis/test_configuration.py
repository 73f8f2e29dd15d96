"""Wrong settings: a line per fault that names the variable, the file and the remedy, and exit code 2."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import enrollment.settings
import identity.settings
import notifications.settings
import relationships.settings
from chassis.configuration.loading import SettingError, read, unknown
from chassis.lifecycle.topics import TopicSettings
from chassis.mongo.store import MongoStore
from kontor_contracts.topics import SERVICES
from kontor_local.environment import Surroundings, environment, topics_environment
from kontor_local.keys import write_keys

ROOT = Path(__file__).parents[3]
Faults = Callable[[Any, Mapping[str, str]], list[str]]
SETTINGS = {
    module.Settings.SERVICE: module.Settings
    for module in (identity.settings, enrollment.settings, relationships.settings, notifications.settings)
}


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Surroundings:
    keys = tmp_path_factory.mktemp("keys")
    write_keys(keys)
    urls = dict.fromkeys(SERVICES, "http://127.0.0.1:8000")
    return Surroundings(
        kafka="127.0.0.1:1",
        mongo="mongodb://127.0.0.1:1",
        smtp_port=1,
        urls=urls,
        keys=keys,
        management=dict.fromkeys(SERVICES, 9000),
    )


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    """What is said when the settings of this class are refused, line by line."""

    def look(settings: Any, env: Mapping[str, str]) -> list[str]:
        for name in [name for name in os.environ if name.startswith("KONTOR_")]:
            monkeypatch.delenv(name)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SettingError) as refused:
            read(settings)
        return str(refused.value).splitlines()

    return look


def test_a_process_with_wrong_settings_ends_with_2(around: Surroundings) -> None:
    env = topics_environment(around) | {"KONTOR_KAFKA_BOOTSTRAP": "kafka"}
    done = subprocess.run(
        [sys.executable, "-m", "chassis", "topics"], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "KONTOR_KAFKA_BOOTSTRAP: 'kafka' is no address; write host:port, several by comma.\n"


@pytest.mark.parametrize("security", ["PLAINTEXT", "SSL"])
@pytest.mark.parametrize("service", [*SERVICES, "topics"])
def test_production_is_refused_without_kafka_authentication(
    faults: Faults, service: str, security: str, around: Surroundings
) -> None:
    env = topics_environment(around) if service == "topics" else environment(service, around)
    settings = TopicSettings if service == "topics" else SETTINGS[service]
    said = faults(settings, env | {"KONTOR_ENVIRONMENT": "production", "KONTOR_KAFKA_SECURITY": security})
    assert len(said) == 1 and f"KONTOR_KAFKA_SECURITY is {security}" in said[0] and "SASL_SSL" in said[0]


def test_production_with_kafka_authentication_is_accepted(
    monkeypatch: pytest.MonkeyPatch, around: Surroundings, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("a password of the broker")
    for name in [name for name in os.environ if name.startswith("KONTOR_")]:
        monkeypatch.delenv(name)
    asked = {
        "KONTOR_ENVIRONMENT": "production",
        "KONTOR_KAFKA_SECURITY": "SASL_PLAINTEXT",
        "KONTOR_KAFKA_USERNAME": "relationships",
        "KONTOR_KAFKA_PASSWORD_FILE": str(password),
    }
    for name, value in {**environment("relationships", around), **asked}.items():
        monkeypatch.setenv(name, value)
    assert read(relationships.settings.Settings).environment == "production"


def test_images_run_in_production() -> None:
    assert "KONTOR_ENVIRONMENT=production" in (ROOT / "deploy" / "Dockerfile").read_text()


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_that_is_missing_is_named_at_once(faults: Faults, service: str, around: Surroundings) -> None:
    env = {name: value for name, value in environment(service, around).items() if not name.startswith("KONTOR_")}
    lines = faults(SETTINGS[service], env)
    for name in ("KAFKA_BOOTSTRAP", "MONGO_URL", "JWKS_URL", "ISSUER", "SEALING_KEY_FILE"):
        assert [line for line in lines if line.startswith(f"KONTOR_{name} is not set. Set it to ")], name
    assert not [line for line in lines if line.endswith("a value.")], "each required setting says what it is"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HTTP_PORT", "eighty", "or leave it out; the default is 8000"),
        ("HTTP_PORT", "70000", "less than or equal to 65535"),
        ("LOG_LEVEL", "LOUD", "'DEBUG', 'INFO'"),
        ("CORS_ORIGINS", "https://a.example", "is no JSON. Write a list"),
        ("KAFKA_BOOTSTRAP", "kafka", "write host:port"),
        ("MONGO_URL", "postgres://u:hush-hush@h/x", "write mongodb://host:port"),
        ("JWKS_URL", "identity/jwks.json", "write https://host"),
        ("SEALING_KEY_FILE", "/nowhere/key.jwk", "/nowhere/key.jwk: No such file or directory; mount the file there"),
        ("SEALING_KEY_FILE", __file__, "does not hold an X25519 key"),
        ("KAFKA_CA_FILE", __file__, "does not hold PEM certificates"),
        ("KAFKA_SECURITY", "SASL_PLAINTEXT", "needs KONTOR_KAFKA_USERNAME and KONTOR_KAFKA_PASSWORD_FILE"),
        ("KAFKA_KEY_FILE", __file__, "KONTOR_KAFKA_CERTIFICATE_FILE and KONTOR_KAFKA_KEY_FILE belong together"),
        ("MONGO_URL_FILE", __file__, "KONTOR_MONGO_URL and KONTOR_MONGO_URL_FILE: set one of them"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(
    faults: Faults, around: Surroundings, name: str, value: str, said: str
) -> None:
    (line,) = faults(SETTINGS["enrollment"], environment("enrollment", around) | {f"KONTOR_{name}": value})
    assert f"KONTOR_{name}" in line and said in line
    assert "hush-hush" not in line


@pytest.mark.parametrize(
    "case",
    [
        ("identity", "SIGNING_KEY_FILE", "private Ed25519 keys"),
        ("identity", "FACTOR_KEY_FILE", "a private X25519 key"),
        ("identity", "EXTERNAL_ISSUERS_FILE", "a JSON list of issuers"),
        ("relationships", "LINK_SECRET_FILE", "32 characters or more"),
        ("notifications", "SEALING_KEY_FILE", "a private X25519 key"),
    ],
)
def test_a_file_that_holds_something_else_is_named(
    faults: Faults, around: Surroundings, tmp_path: Path, case: tuple[str, str, str]
) -> None:
    service, name, said = case
    (tmp_path / "wrong").write_text("hush-hush")
    wrong = {f"KONTOR_{name}": str(tmp_path / "wrong")}
    (line,) = faults(SETTINGS[service], environment(service, around) | wrong)
    assert line.startswith(f"KONTOR_{name}: {tmp_path / 'wrong'} does not hold ") and said in line
    assert "hush-hush" not in line


def test_an_address_that_the_driver_refuses_is_named_without_its_password() -> None:
    with pytest.raises(SettingError, match=r"^KONTOR_MONGO_URL .*percent-encoded") as refused:
        MongoStore("mongodb://u:hush-hush@h:port:port/x", "kontor", "tally", lease=1)
    assert "hush-hush" not in str(refused.value)


def test_all_faults_are_told_together(faults: Faults, around: Surroundings) -> None:
    wrong = {"KONTOR_HTTP_PORT": "x", "KONTOR_RETRY_DELAYS": "1,2", "KONTOR_ISSUER_": "y", "KONTOR_LEASE": "0"}
    lines = faults(SETTINGS["enrollment"], environment("enrollment", around) | wrong)
    assert [line.split("=")[0].split(" ")[0] for line in lines] == [
        "KONTOR_RETRY_DELAYS",
        "KONTOR_HTTP_PORT",
        "KONTOR_LEASE",
        "KONTOR_ISSUER_",
    ]
    assert lines[-1] == "KONTOR_ISSUER_ is not a setting. Did you mean KONTOR_ISSUER?"


def test_a_variable_that_means_nothing_is_told_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("KONTOR_")]:
        monkeypatch.delenv(name)
    strange = {"KONTOR_KAFKA_BOOTSTRAPS": "KONTOR_KAFKA_BOOTSTRAP", "KONTOR_FROBNICATE": ""}
    others = [
        "KONTOR_SERVICE",
        "KONTOR_TEST_BACKEND",
        "KONTOR_IDENTITY_SERVICE_HOST",
        "KONTOR_IDENTITY_PORT_8000_TCP_ADDR",
    ]
    for name in (*strange, *others, "KONTOR_KAFKA_BOOTSTRAP"):
        monkeypatch.setenv(name, "x")
    assert dict(unknown(SETTINGS["enrollment"])) == strange


@pytest.mark.parametrize("service", SETTINGS)
def test_what_an_image_sets_is_not_taken_for_a_misspelt_setting(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("KONTOR_")]:
        monkeypatch.delenv(name)
    for name in ("KONTOR_SERVICE", "KONTOR_VERSION", "KONTOR_REVISION", "KONTOR_ENVIRONMENT"):
        monkeypatch.setenv(name, "x")
    assert unknown(SETTINGS[service]) == []
