"""How the broker learns who we are: passwords, tokens, certificates."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka.errors import SaslAuthenticationFailed
from pydantic import ValidationError

from chassis.configuration.kafka import KafkaSettings
from chassis.configuration.kafka_tokens import BEFORE_ITS_END, Client, ClientCredentials, TokenFile
from chassis.errors import UnavailableError
from chassis.kafka.faststream_adapter import _security
from kontor_local.certificates import Authority

Made = Callable[..., KafkaSettings]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    (tmp_path / "secret").write_text("hush-hush\n")

    def make(**settings: Any) -> KafkaSettings:
        return KafkaSettings(kafka_bootstrap="a:1, b:2", **settings)

    return make


@pytest.fixture
def password(tmp_path: Path) -> dict[str, Any]:
    return {"kafka_username": "ulla", "kafka_password_file": tmp_path / "secret"}


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"])
def test_a_password_goes_to_every_client_alike(made: Made, password: dict[str, Any], mechanism: str) -> None:
    options = made(kafka_security="SASL_SSL", kafka_mechanism=mechanism, **password).kafka_options()
    assert options["bootstrap_servers"] == ["a:1", "b:2"]
    assert (options["sasl_mechanism"], options["sasl_plain_username"]) == (mechanism, "ulla")
    assert options["sasl_plain_password"] == "hush-hush"
    from faststream.kafka.security import parse_security  # noqa: PLC0415  what FastStream makes of it

    parsed = parse_security(_security(options))
    assert {name: parsed[name] for name in parsed if name != "ssl_context"} == {
        name: options[name] for name in parsed if name != "ssl_context"
    }


async def test_a_token_of_a_file_is_read_for_each_connection(made: Made, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    provider = made(kafka_security="SASL_SSL", kafka_mechanism="OAUTHBEARER", kafka_token_file=file).kafka_options()[
        "sasl_oauth_token_provider"
    ]
    assert isinstance(provider, TokenFile) and await provider.token() == "hush-hush"
    file.write_text("newer")
    assert await provider.token() == "newer"


class Issuer:
    """A token endpoint."""

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []
        self.answer = httpx2.Response(200, json={"access_token": "t1", "expires_in": 100})

    def provider(self, tmp_path: Path, now: Callable[[], float]) -> ClientCredentials:
        client = Client(url="https://i.example/token", client_id="ulla", secret_file=tmp_path / "secret", scope="kafka")
        return ClientCredentials(client, transport=httpx2.MockTransport(self._answer), clock=now)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        return self.answer


async def test_a_token_is_kept_until_shortly_before_its_end(made: Made, tmp_path: Path) -> None:
    issuer, now = Issuer(), [0.0]
    provider = issuer.provider(tmp_path, lambda: now[0])
    assert {await provider.token() for _ in range(3)} == {"t1"}
    assert len(issuer.asked) == 1
    form = issuer.asked[0].content.decode()
    assert "grant_type=client_credentials" in form and "scope=kafka" in form and "hush" not in form
    assert issuer.asked[0].headers["authorization"] == httpx2.BasicAuth("ulla", "hush-hush")._auth_header
    now[0] = 100 - BEFORE_ITS_END
    await provider.token()
    assert len(issuer.asked) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx2.Response(401, json={"error": "invalid_client"}), SaslAuthenticationFailed),
        (httpx2.Response(200, text="hello"), SaslAuthenticationFailed),
        (httpx2.Response(503), UnavailableError),
        (httpx2.Response(429), UnavailableError),
    ],
)
async def test_a_refusal_is_no_outage(
    made: Made, tmp_path: Path, answer: httpx2.Response, error: type[Exception]
) -> None:
    issuer = Issuer()
    issuer.answer = answer
    with pytest.raises(error):
        await issuer.provider(tmp_path, lambda: 0.0).token()


def test_a_certificate_says_who_we_are(made: Made, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("relationships")
    settings = made(
        environment="production",
        kafka_security="SSL",
        kafka_ca_file=authority.file,
        kafka_certificate_file=certificate,
        kafka_key_file=key,
    )
    assert isinstance(settings.kafka_options()["ssl_context"], ssl.SSLContext)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kafka_security": "SASL_SSL", "kafka_mechanism": "OAUTHBEARER"}, "KONTOR_KAFKA_TOKEN_FILE"),
        (
            {
                "kafka_security": "SASL_SSL",
                "kafka_mechanism": "OAUTHBEARER",
                "kafka_token_url": "https://i.example/token",
            },
            "KONTOR_KAFKA_TOKEN_URL with KONTOR_KAFKA_USERNAME",
        ),
        ({"kafka_security": "PLAINTEXT", "kafka_certificate_file": __file__, "kafka_key_file": __file__}, "of no use"),
        ({"kafka_security": "SSL", "kafka_certificate_file": __file__, "kafka_key_file": __file__}, "do not hold"),
        ({"environment": "production", "kafka_security": "SSL"}, "must know its clients"),
    ],
)
def test_access_that_cannot_work_is_refused(made: Made, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        made(**wrong)


def test_production_sends_no_password_in_plain_text(made: Made, password: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="in plain"):
        made(environment="production", kafka_security="SASL_PLAINTEXT", kafka_mechanism="PLAIN", **password)
