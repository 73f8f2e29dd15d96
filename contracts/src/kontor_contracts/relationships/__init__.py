"""What relationships announces and accepts: invitations, partnerships, customers and their resellers.

Key: the aggregate.

Messages are imported from here. A new one joins the ``EVENTS`` or ``COMMANDS`` of its module.
"""

from kontor_contracts import admin_grants, customer_matches, customers, directory, resellers_of_record
from kontor_contracts.refused_commands import CommandRefused
from kontor_contracts.relationships import (
    customer_partners,
    imports,
    invitation_access,
    invitations,
    partners,
    partnerships,
    snapshots,
)
from kontor_contracts.relationships.customer_partners import *  # noqa: F403
from kontor_contracts.relationships.imports import *  # noqa: F403
from kontor_contracts.relationships.invitation_access import *  # noqa: F403
from kontor_contracts.relationships.invitations import *  # noqa: F403
from kontor_contracts.relationships.partners import *  # noqa: F403
from kontor_contracts.relationships.partnerships import *  # noqa: F403
from kontor_contracts.relationships.snapshots import *  # noqa: F403

EVENTS = (
    CommandRefused,
    *invitations.EVENTS,
    *invitation_access.EVENTS,
    *partners.EVENTS,
    *partnerships.EVENTS,
    *customer_partners.EVENTS,
    *imports.EVENTS,
    *customers.EVENTS,
    *customer_matches.EVENTS,
    *directory.EVENTS,
    *admin_grants.EVENTS,
    *resellers_of_record.EVENTS,
)
SNAPSHOTS = snapshots.SNAPSHOTS
COMMANDS = (*imports.COMMANDS, *customers.COMMANDS, *resellers_of_record.COMMANDS)
