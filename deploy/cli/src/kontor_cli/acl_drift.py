"""How the broker's ACLs differ from the table that the registry grants. Pure: ACLs come in, differences go out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from kontor_cli.topic_drift import Difference
from kontor_contracts.access import OPERATOR, TOPICS_JOB, Grant, grants
from kontor_contracts.topics import SERVICES, TOPICS, Topic

ANYBODY = "User:*"
EVERYTHING = "*"
CLUSTER_KIND = "Cluster"
IMPLIED = {"Describe": {"Read", "Write", "Delete", "Alter"}, "DescribeConfigs": {"AlterConfigs"}}
"""What the broker takes for granted with another operation."""
GRANT_IT = "grant it, as docs/acls.md says"
REMOVE_IT = "remove it with kafka-acls.sh --remove, or name an administrator with --administrator"


@dataclass(frozen=True, slots=True)
class Acl:
    """One rule of the broker, in the words of its own tools. ``principal`` as ``User:identity``."""

    principal: str
    kind: str
    name: str
    pattern: Literal["literal", "prefixed"]
    operation: str
    allows: bool
    host: str = EVERYTHING

    def covers(self, kind: str, name: str) -> bool:
        if self.kind != kind:
            return False
        if self.pattern == "prefixed":
            return name.startswith(self.name)
        return self.name in (EVERYTHING, name)

    def permits(self, operation: str) -> bool:
        return self.operation in {"All", operation} | IMPLIED.get(operation, set())

    def forbids(self, operation: str) -> bool:
        return self.operation in {"All", operation}

    def __str__(self) -> str:
        where = f"{self.kind} {self.name}{'*' if self.pattern == 'prefixed' else ''}"
        at = "" if self.host == EVERYTHING else f" from {self.host}"
        return f"{self.principal} {self.operation} on {where}{at}"


@dataclass(frozen=True, slots=True)
class Names:
    """How this installation names topics, groups and principals at the broker."""

    prefix: str = ""
    users: str = ""
    administrators: frozenset[str] = frozenset()

    def principal(self, name: str) -> str:
        return f"User:{self.users}{name}"

    def resource(self, grant: Grant) -> str:
        return grant.name if grant.kind == CLUSTER_KIND else f"{self.prefix}{grant.name}"


OWN = (*SERVICES, OPERATOR, TOPICS_JOB)
"""Principals of the table that have one name. Those of other portals and registry writers are not known here."""


def acl_differences(acls: Iterable[Acl], names: Names) -> list[Difference]:
    """What is missing, what is denied, and what somebody may that the table does not grant."""
    rules = list(acls)
    return [*_missing(rules, names), *_extra(rules, names)]


def _missing(rules: list[Acl], names: Names) -> Iterator[Difference]:
    for grant in grants():
        if grant.principal not in OWN or (grant.principal == TOPICS_JOB and not _has_job(rules, names)):
            continue
        for operation in grant.operations.split(", "):
            wanted = Acl(names.principal(grant.principal), grant.kind, *_pattern(grant, names), operation, allows=True)
            mine = [rule for rule in rules if rule.principal in (wanted.principal, ANYBODY) and _includes(rule, wanted)]
            denied = [rule for rule in mine if not rule.allows and rule.forbids(operation)]
            if denied:
                yield _difference(wanted.name, f"{wanted} allowed", "denied", f"remove the denial: {denied[0]}")
            elif not any(rule.allows and rule.host == EVERYTHING and rule.permits(operation) for rule in mine):
                yield _difference(wanted.name, f"{wanted} allowed", "missing", GRANT_IT)


def _has_job(rules: list[Acl], names: Names) -> bool:
    """Where an operator such as Strimzi's makes the topics, the job's principal does not exist."""
    return any(rule.allows and rule.principal == names.principal(TOPICS_JOB) for rule in rules)


def _pattern(grant: Grant, names: Names) -> tuple[str, Literal["literal", "prefixed"]]:
    """Of all topics: of this installation's, where it has a prefix."""
    if grant.name == EVERYTHING:
        return (names.prefix, "prefixed") if names.prefix else (EVERYTHING, "literal")
    return names.resource(grant), "literal"


def _includes(rule: Acl, wanted: Acl) -> bool:
    """Whether the rule is about all that is wanted; a denial counts where it is about any of it."""
    if wanted.pattern == "literal" and wanted.name != EVERYTHING:
        return rule.covers(wanted.kind, wanted.name)
    if rule.kind != wanted.kind:
        return False
    if not rule.allows:
        return rule.name == EVERYTHING or (rule.pattern == "prefixed" and rule.name == wanted.name)
    if rule.pattern == "literal":
        return rule.name == EVERYTHING
    return wanted.pattern == "prefixed" and wanted.name.startswith(rule.name)


def _extra(rules: list[Acl], names: Names) -> Iterator[Difference]:
    administrators = {f"User:{name}" for name in names.administrators}
    for rule in rules:
        if rule.allows and rule.principal not in administrators and (where := _too_much(rule, names)):
            yield _difference(where, "denied", f"{rule} allowed", REMOVE_IT)


def _too_much(rule: Acl, names: Names) -> str:
    """The first topic or group of ours on which the rule allows more than the table, or nothing."""
    own = {names.principal(name) for name in OWN}
    for topic in TOPICS:
        name = f"{names.prefix}{topic.name}"
        if not rule.covers("Topic", name):
            continue
        allowed = _granted(rule, name, names) if rule.principal in own else _open_to_others(topic)
        if not _within(rule.operation, allowed):
            return name
    for service in SERVICES:
        name = f"{names.prefix}{service}"
        allowed = _granted(rule, name, names) if rule.principal in own else set()
        if rule.covers("Group", name) and not _within(rule.operation, allowed):
            return name
    return ""


def _within(operation: str, allowed: set[str]) -> bool:
    return operation in allowed or any(operation in allowed_by(each) for each in allowed)


def allowed_by(operation: str) -> set[str]:
    """What an operation brings with it."""
    return {implied for implied, by in IMPLIED.items() if operation in by}


def _granted(rule: Acl, name: str, names: Names) -> set[str]:
    """What the table grants the rule's principal on this topic or group."""
    return {
        operation
        for grant in grants()
        if names.principal(grant.principal) == rule.principal and grant.kind == rule.kind
        if grant.name == EVERYTHING or names.resource(grant) == name
        for operation in grant.operations.split(", ")
    }


def _open_to_others(topic: Topic) -> set[str]:
    """Other teams read events; other portals and registry writers write commands."""
    if topic.kind == "events":
        return {"Read", "Describe"}
    strangers = [one for one in topic.producers if one not in OWN]
    return {"Write", "Describe"} if strangers else set()


def _difference(name: str, wanted: str, found: str, remedy: str) -> Difference:
    return Difference(name, "ACL", wanted, found, "none", remedy)
