"""What identity announces: organizations (work accounts), their people and roles. Key: the organization or the user.

Messages are imported from here. A new one joins the ``EVENTS`` of its module.
"""

from kontor_contracts.identity import credentials, organizations, sign_ups, users
from kontor_contracts.identity.credentials import *  # noqa: F403
from kontor_contracts.identity.organizations import *  # noqa: F403
from kontor_contracts.identity.sign_ups import *  # noqa: F403
from kontor_contracts.identity.tokens import voids_tokens as voids_tokens
from kontor_contracts.identity.users import *  # noqa: F403
from kontor_contracts.identity.values import *  # noqa: F403

EVENTS = (*sign_ups.EVENTS, *organizations.EVENTS, *users.EVENTS, *credentials.EVENTS)
