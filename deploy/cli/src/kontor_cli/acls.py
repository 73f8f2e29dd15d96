"""The broker's ACLs against the registry's table, for `kontor topics plan` and `diff`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

import typer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    IncompatibleBrokerVersion,
    SecurityDisabled,
    UnsupportedVersionError,
    for_code,
)
from aiokafka.protocol.admin import DescribeAclsRequest

from kontor_cli.acl_drift import Acl, Names, acl_differences
from kontor_cli.topic_drift import Difference

State = Literal["compared", "none", "unseen", "left out"]
ANY = 1
"""Of each part of a filter, as a number of Kafka's protocol; the following, too."""
KINDS = {2: "Topic", 3: "Group", 4: "Cluster", 5: "TransactionalId", 6: "DelegationToken", 7: "User"}
PREFIXED = 4
ALLOWED = 3
OPERATIONS = {
    2: "All",
    3: "Read",
    4: "Write",
    5: "Create",
    6: "Delete",
    7: "Alter",
    8: "Describe",
    9: "ClusterAction",
    10: "DescribeConfigs",
    11: "AlterConfigs",
    12: "IdempotentWrite",
    13: "CreateTokens",
    14: "DescribeTokens",
}
NOTES: dict[State, str] = {
    "none": "ACLs were not compared: the broker has no authorizer, so every client may do everything",
    "unseen": "ACLs were not compared: this user may not see them; it needs Describe on the cluster (or give --no-acls)",
}

Compare = Annotated[bool, typer.Option("--acls/--no-acls", help="Compare the broker's ACLs, too.")]
UserPrefix = Annotated[
    str,
    typer.Option(envvar="KONTOR_KAFKA_USER_PREFIX", help="What the names of all principals begin with, such as CN=."),
]
Administrators = Annotated[
    list[str] | None,
    typer.Option("--administrator", help="A principal that may do more than the table; several times."),
]


@dataclass(frozen=True, slots=True)
class Compared:
    """``state``: whether ACLs could be compared. ``differences`` are empty where they could not."""

    state: State
    differences: Sequence[Difference] = ()

    @property
    def note(self) -> str:
        return NOTES.get(self.state, "")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command's options say of ACLs."""

    compare: bool
    names: Names

    @classmethod
    def of(cls, prefix: str, users: str, administrators: Sequence[str] | None, *, compare: bool) -> Self:
        return cls(compare, Names(prefix, users, frozenset(administrators or ())))


async def compare_acls(admin: AIOKafkaAdminClient, wish: Wish) -> Compared:
    """Raises KafkaError."""
    if not wish.compare:
        return Compared("left out")
    try:
        return Compared("compared", acl_differences(await _read(admin), wish.names))
    except ClusterAuthorizationFailedError:
        return Compared("unseen")
    except (SecurityDisabled, UnsupportedVersionError, IncompatibleBrokerVersion):
        return Compared("none")


async def _read(admin: AIOKafkaAdminClient) -> list[Acl]:
    request = DescribeAclsRequest(ANY, None, ANY, None, None, ANY, ANY)
    answer = await admin._send_request(request)  # noqa: SLF001  the client has no method for it
    if answer.error_code:
        raise for_code(answer.error_code)(answer.error_message)
    return [_acl(resource, rule) for resource in answer.resources for rule in resource[-1]]


def _acl(resource: Sequence[Any], rule: Sequence[Any]) -> Acl:
    kind, name, pattern, _ = resource
    principal, host, operation, permission = rule
    return Acl(
        principal=principal,
        kind=KINDS.get(kind, str(kind)),
        name=name,
        pattern="prefixed" if pattern == PREFIXED else "literal",
        operation=OPERATIONS.get(operation, str(operation)),
        allows=permission == ALLOWED,
        host=host,
    )
