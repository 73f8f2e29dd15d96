"""What differs between the broker's ACLs and the table that the registry grants is named, in both directions."""

from dataclasses import replace
from typing import Literal

import pytest

from kontor_cli.acl_drift import OWN, Acl, Names, acl_differences
from kontor_contracts.access import grants

PLAIN = Names()
BLUE = Names(prefix="blue.", users="CN=")


def acl(
    principal: str,
    operation: str,
    name: str,
    *,
    kind: str = "Topic",
    pattern: Literal["literal", "prefixed"] = "literal",
    allows: bool = True,
) -> Acl:
    return Acl(f"User:{principal}", kind, name, pattern, operation, allows)


def granted(names: Names = PLAIN) -> list[Acl]:
    """What the table grants, as somebody gives it to the broker."""
    rules = []
    for grant in (one for one in grants() if one.principal in OWN):
        for operation in grant.operations.split(", "):
            rule = acl(f"{names.users}{grant.principal}", operation, names.resource(grant), kind=grant.kind)
            if grant.name == "*" and names.prefix:
                rule = replace(rule, name=names.prefix, pattern="prefixed")
            rules.append(rule)
    return rules


def said(rules: list[Acl], names: Names = PLAIN) -> list[tuple[str, str, str]]:
    found = acl_differences(rules, names)
    assert all((one.what, one.act) == ("ACL", "none") and one.remedy for one in found)
    return [(one.topic, one.wanted, one.found) for one in found]


@pytest.mark.parametrize("names", [PLAIN, BLUE])
def test_a_broker_that_grants_the_table_does_not_differ(names: Names) -> None:
    assert said(granted(names), names) == []


@pytest.mark.parametrize("names", [PLAIN, BLUE])
def test_each_acl_that_is_missing_is_named(names: Names) -> None:
    """Where another one brings the same right, nothing is missing."""
    rules = granted(names)
    for rule in rules:
        rest = [one for one in rules if one != rule]
        implied = rule.operation in ("Describe", "DescribeConfigs") and any(
            (one.principal, one.kind, one.permits(rule.operation)) == (rule.principal, rule.kind, True)
            and (one.name, one.pattern) in ((rule.name, rule.pattern), ("*", "literal"), (names.prefix, "prefixed"))
            for one in rest
        )
        assert said(rest, names) == ([] if implied else [(rule.name, f"{rule} allowed", "missing")])


def test_a_right_on_more_names_is_enough_where_the_table_has_one() -> None:
    rules = [one for one in granted() if (one.principal, one.name) != ("User:identity", "identity.replay")]
    assert len(said(rules)) == 2
    assert said([*rules, acl("identity", "Read", "identity.re", pattern="prefixed")]) == []


def test_a_right_on_fewer_names_is_not_enough() -> None:
    rules = [one for one in granted(BLUE) if (one.principal, one.name) != ("User:CN=topics", "blue.")]
    rules += [acl("CN=topics", operation, "blue.identity", pattern="prefixed") for operation in ("Create", "Describe")]
    missing = [wanted for _, wanted, found in said(rules, BLUE) if found == "missing"]
    assert len(missing) == 4


def test_a_denial_is_named_although_the_right_is_granted() -> None:
    denial = acl("identity", "Read", "enrollment.events", allows=False)
    (one,) = said([*granted(), denial])
    assert one == ("enrollment.events", "User:identity Read on Topic enrollment.events allowed", "denied")


def test_a_right_from_one_host_alone_is_no_right() -> None:
    rules = granted()
    rule = next(one for one in rules if one.operation == "Read" and one.kind == "Group")
    rest = [one for one in rules if one != rule]
    assert len(said([*rest, replace(rule, host="10.0.0.7")])) == 1


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        (acl("mallory", "Write", "identity.events"), "identity.events"),
        (acl("*", "All", "*"), "identity.events"),
        (acl("billing", "Read", "identity.dlq"), "identity.dlq"),
        (acl("billing", "Write", "enrollment", pattern="prefixed"), "enrollment.events"),
        (acl("billing", "Read", "notifications", kind="Group"), "notifications"),
        (acl("notifications", "Write", "identity.events"), "identity.events"),
        (acl("operator", "AlterConfigs", "*"), "identity.events"),
    ],
)
def test_a_right_that_the_table_does_not_grant_is_named(rule: Acl, where: str) -> None:
    assert said([*granted(), rule]) == [(where, "denied", f"{rule} allowed")]


@pytest.mark.parametrize(
    "rule",
    [
        acl("billing", "Read", "relationships.events"),
        acl("billing", "Read", "billing", kind="Group"),
        acl("contoso-portal", "Write", "relationships.commands"),
        acl("membership-center", "Describe", "enrollment.commands"),
        acl("billing", "All", "billing.events"),
        acl("mallory", "Write", "identity.events", allows=False),
    ],
)
def test_rights_of_other_teams_are_no_difference(rule: Acl) -> None:
    assert said([*granted(), rule]) == []


def test_a_named_administrator_may_do_everything() -> None:
    rule = acl("admin", "All", "*")
    assert said([*granted(), rule])
    assert said([*granted(), rule], Names(administrators=frozenset({"admin"}))) == []


def test_the_job_has_no_rights_where_another_program_makes_topics() -> None:
    assert said([one for one in granted() if one.principal != "User:topics"]) == []
