"""Apache Kafka as production has it: TLS, clients that it knows, and an authorizer that denies what nobody granted."""

import base64
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest

from chassis.configuration.kafka import KafkaSettings
from kontor_contracts.access import Grant
from kontor_local import kafka_program
from kontor_local.apache_kafka import READY_WITHIN
from kontor_local.certificates import Authority
from kontor_local.connected import connected
from kontor_local.journey.client import until
from kontor_local.ports import HOST, Port, is_open
from kontor_local.processes import Process, run

ADMIN = "admin"
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER")
RESOURCES = {"Topic": 2, "Group": 3, "Cluster": 4}
OPERATIONS = {
    "Read": 3,
    "Write": 4,
    "Create": 5,
    "Alter": 7,
    "Describe": 8,
    "DescribeConfigs": 10,
    "AlterConfigs": 11,
}
ANY, LITERAL, ALLOW = 1, 3, 3
"""Numbers of Kafka's protocol."""
MODULES = "org.apache.kafka.common.security"


class SecuredKafka:
    """One node. ``passwords`` by principal. ``url`` takes SASL over TLS, ``tls_url`` certificates; nothing takes plain text."""

    def __init__(self, folder: Path, passwords: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._passwords = dict(passwords) | {ADMIN: "of-the-admin"}
        self.authority = Authority(folder, "broker")
        self._ports = {name: Port() for name in ("SASL", "TLS", "CONTROLLER")}
        self.url = f"{HOST}:{self._ports['SASL'].number}"
        self.tls_url = f"{HOST}:{self._ports['TLS'].number}"
        self._process = Process("secured kafka", [], log=folder / "kafka.log")

    async def start(self) -> None:
        configuration = self.folder / "kafka.properties"
        configuration.write_text("".join(f"{name}={value}\n" for name, value in self._settings().items()))
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        users = [
            argument
            for name, password in self._passwords.items()
            for mechanism in MECHANISMS[:2]
            for argument in ("--add-scram", f"{mechanism}=[name={name},password={password}]")
        ]
        given = ("format", f"--cluster-id={cluster}", f"--config={configuration}", *users)
        log = self.folder / "format.log"
        await run("format", kafka_program.command("kafka.tools.StorageTool", *given), log=log, within=READY_WITHIN)
        self._process.args = kafka_program.command("kafka.Kafka", str(configuration))
        for port in self._ports.values():
            port.release()
        self._process.start()
        await self._process.until(self._answers, READY_WITHIN)

    async def stop(self) -> None:
        await self._process.terminate()

    def settings(self, principal: str, **others: Any) -> dict[str, str]:
        """Of a client by SCRAM-SHA-512, by their names without the prefix."""
        password = self.folder / f"{principal}.password"
        password.write_text(self._passwords[principal])
        found = {
            "KAFKA_BOOTSTRAP": self.url,
            "KAFKA_SECURITY": "SASL_SSL",
            "KAFKA_USERNAME": principal,
            "KAFKA_PASSWORD_FILE": str(password),
            "KAFKA_CA_FILE": str(self.authority.file),
        }
        return found | others

    def certificate_settings(self, principal: str) -> dict[str, str]:
        """Of a client by a certificate of that name."""
        certificate, key = self.authority.issue(f"client-{principal}", name=principal)
        return {
            "KAFKA_BOOTSTRAP": self.tls_url,
            "KAFKA_SECURITY": "SSL",
            "KAFKA_CERTIFICATE_FILE": str(certificate),
            "KAFKA_KEY_FILE": str(key),
            "KAFKA_CA_FILE": str(self.authority.file),
        }

    def options(self, settings: Mapping[str, str]) -> dict[str, Any]:
        """Connection options of aiokafka's clients, as services make them."""
        made: dict[str, Any] = {name.lower(): value for name, value in settings.items()}
        return KafkaSettings(**made).kafka_options()

    def as_admin(self) -> AIOKafkaAdminClient:
        return AIOKafkaAdminClient(**self.options(self.settings(ADMIN)))

    async def allow(self, grants: Iterable[Grant]) -> None:
        rules = {rule for grant in grants for rule in _rules(grant)}
        async with connected(self.as_admin()) as admin:
            for rule in rules:
                answer = await admin._send_to_controller(CreateAclsRequest(*rule))
                ((code, message, *_),) = answer.creation_responses
                assert code == 0, f"{rule}: {code} {message}"
            await until(lambda: _known(admin), rules.issubset, "these ACLs at the broker")

    async def revoke(self, grant: Grant) -> None:
        """So that the principal has this right no more, if the broker has had it."""
        rules = _rules(grant)
        async with connected(self.as_admin()) as admin:
            for rule in rules:
                answer = await admin._send_to_controller(DeleteAclsRequest(*rule))
                ((code, message, deleted),) = answer.filter_responses
                assert (code, len(deleted)) == (0, 1), f"{grant}: {code} {message}, {len(deleted)} rules"
            await until(lambda: _known(admin), rules.isdisjoint, "an end of these ACLs at the broker")

    @asynccontextmanager
    async def without(self, *grants: Grant) -> AsyncIterator[None]:
        """Inside, these rights are not there."""
        for grant in grants:
            await self.revoke(grant)
        try:
            yield
        finally:
            await self.allow(grants)

    async def _answers(self) -> bool:
        return all(is_open(port.number) for port in self._ports.values())

    def _settings(self) -> dict[str, object]:
        sasl, tls, controller = (f"{HOST}:{port.number}" for port in self._ports.values())
        certificate, key = self.authority.issue("broker", HOST, name=ADMIN)
        store = self.folder / "broker.pem"
        store.write_text(key.read_text() + certificate.read_text())
        users = " ".join(f'user_{name}="{password}"' for name, password in self._passwords.items())
        plain = f"{MODULES}.plain.PlainLoginModule required {users};"
        tokens = f'{MODULES}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="{ADMIN}";'
        scram = f"{MODULES}.scram.ScramLoginModule required;"
        return {
            "node.id": 1,
            "process.roles": "broker,controller",
            "log.dirs": self.folder / "data",
            "controller.quorum.voters": f"1@{controller}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "TLS",
            "listeners": f"SASL://{sasl},TLS://{tls},CONTROLLER://{controller}",
            "advertised.listeners": f"SASL://{sasl},TLS://{tls}",
            "listener.security.protocol.map": "SASL:SASL_SSL,TLS:SSL,CONTROLLER:SSL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": store,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.authority.file,
            "listener.name.tls.ssl.client.auth": "required",
            "listener.name.controller.ssl.client.auth": "required",
            "ssl.principal.mapping.rules": "RULE:^CN=([^,]+).*$/$1/",
            "sasl.enabled.mechanisms": ",".join(MECHANISMS),
            "listener.name.sasl.scram-sha-512.sasl.jaas.config": scram,
            "listener.name.sasl.scram-sha-256.sasl.jaas.config": scram,
            "listener.name.sasl.plain.sasl.jaas.config": plain,
            "listener.name.sasl.oauthbearer.sasl.jaas.config": tokens,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{ADMIN}",
            "allow.everyone.if.no.acl.found": "false",
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 3,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
        }


Rule = tuple[int, str, int, str, str, int, int]
"""As the protocol has it: kind and name of the resource, pattern, principal, host, operation, permission."""


def _rules(grant: Grant) -> set[Rule]:
    """One for each operation."""
    principal = f"User:{grant.principal}"
    operations = grant.operations.split(", ")
    return {(RESOURCES[grant.kind], grant.name, LITERAL, principal, "*", OPERATIONS[one], ALLOW) for one in operations}


async def _known(admin: AIOKafkaAdminClient) -> set[Rule]:
    """What the broker itself goes by. Its controller acknowledges a change before that."""
    answer = await admin._send_request(DescribeAclsRequest(ANY, None, ANY, None, None, ANY, ANY))
    assert answer.error_code == 0, answer.error_message
    return {(*resource[:3], *rule) for resource in answer.resources for rule in resource[3]}
