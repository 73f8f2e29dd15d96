"""The clock that tests move: off by default, shared through a file, refused in production."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import enrollment.settings
import identity.settings
import notifications.settings
import relationships.settings
from chassis.configuration.loading import SettingError, read
from chassis.configuration.settings import Settings
from kontor_contracts.topics import SERVICES
from kontor_local.environment import Surroundings, environment
from kontor_local.keys import write_keys

SETTINGS = {
    module.Settings.SERVICE: module.Settings
    for module in (identity.settings, enrollment.settings, relationships.settings, notifications.settings)
}
YEAR = timedelta(days=365)
SOON = timedelta(seconds=30)


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Surroundings:
    keys = tmp_path_factory.mktemp("keys")
    write_keys(keys)
    urls = dict.fromkeys(SERVICES, "http://127.0.0.1:8000")
    ports = dict.fromkeys(SERVICES, 9000)
    return Surroundings(
        kafka="127.0.0.1:1", mongo="mongodb://127.0.0.1:1", smtp_port=1, urls=urls, keys=keys, management=ports
    )


@pytest.fixture
def settings_of(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """The settings of a service, with these variables beside its usual ones."""

    def settings(service: str, **given: str) -> Settings:
        for name in [name for name in os.environ if name.startswith("KONTOR_")]:
            monkeypatch.delenv(name)
        for name, value in (environment(service, around) | given).items():
            monkeypatch.setenv(name, value)
        found: Settings = read(SETTINGS[service])
        return found

    return settings


@pytest.mark.parametrize("service", SERVICES)
def test_the_clock_is_true_unless_a_test_moves_it(service: str, settings_of: Callable[..., Settings]) -> None:
    assert abs(settings_of(service).now() - datetime.now(UTC)) < SOON


@pytest.mark.parametrize("service", SERVICES)
def test_a_file_moves_the_clock_of_a_running_service(
    service: str, settings_of: Callable[..., Settings], tmp_path: Path
) -> None:
    file = tmp_path / "clock"
    file.write_text("0")
    settings = settings_of(service, KONTOR_CLOCK_FILE=str(file))
    assert abs(settings.now() - datetime.now(UTC)) < SOON
    file.write_text(str(YEAR.total_seconds()))
    assert abs(settings.now() - YEAR - datetime.now(UTC)) < SOON


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("where", ["production", "staging"])
@pytest.mark.parametrize("moves", ["KONTOR_CLOCK_SKEW", "KONTOR_CLOCK_FILE"])
def test_a_moved_clock_is_refused_in_production(
    service: str, where: str, moves: str, settings_of: Callable[..., Settings], tmp_path: Path
) -> None:
    password, clock = tmp_path / "password", tmp_path / "clock"
    password.write_text("a password of the broker")
    clock.write_text("60")
    production = {
        "KONTOR_ENVIRONMENT": where,
        "KONTOR_KAFKA_SECURITY": "SASL_PLAINTEXT",
        "KONTOR_KAFKA_USERNAME": service,
        "KONTOR_KAFKA_PASSWORD_FILE": str(password),
    }
    settings_of(service, **production)
    value = str(clock) if moves == "KONTOR_CLOCK_FILE" else "60"
    with pytest.raises(SettingError, match=f"which only tests may: KONTOR_ENVIRONMENT is {where}"):
        settings_of(service, **production, **{moves: value})


def test_a_clock_file_without_a_number_is_named(settings_of: Callable[..., Settings], tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("tomorrow")
    with pytest.raises(SettingError, match=r"^KONTOR_CLOCK_FILE: .* does not hold a number of seconds"):
        settings_of("enrollment", KONTOR_CLOCK_FILE=str(file))
