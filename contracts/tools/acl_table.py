"""The table of who may do what with which topic."""

import topic_table

from kontor_contracts.access import grants


def acl_table() -> str:
    rows = [(grant.principal, grant.kind, f"`{grant.name}`", grant.operations, grant.why) for grant in grants()]
    return topic_table.table(("principal", "resource", "name", "may", "because"), rows)
