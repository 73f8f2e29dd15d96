"""What enrollment announces: companies on their way into the program, and the membership registry.

Key: the aggregate. ``applicant`` is the user who enrolled the company; the mails about the enrollment go to the primary
contact and to this user.

Messages are imported from here. A new one joins the ``EVENTS`` or ``COMMANDS`` of its module.
"""

from kontor_contracts.enrollment import (
    agreements,
    applications,
    checks,
    contact_changes,
    contacts,
    legal_changes,
    membership,
    reauthorizations,
    registry,
    reviews,
)
from kontor_contracts.enrollment.agreements import *  # noqa: F403
from kontor_contracts.enrollment.applications import *  # noqa: F403
from kontor_contracts.enrollment.checks import *  # noqa: F403
from kontor_contracts.enrollment.contact_changes import *  # noqa: F403
from kontor_contracts.enrollment.contacts import *  # noqa: F403
from kontor_contracts.enrollment.legal_changes import *  # noqa: F403
from kontor_contracts.enrollment.membership import *  # noqa: F403
from kontor_contracts.enrollment.reauthorizations import *  # noqa: F403
from kontor_contracts.enrollment.registry import *  # noqa: F403
from kontor_contracts.enrollment.reviews import *  # noqa: F403
from kontor_contracts.enrollment.values import *  # noqa: F403

EVENTS = (
    *applications.EVENTS,
    *contacts.EVENTS,
    *reviews.EVENTS,
    *checks.EVENTS,
    *membership.EVENTS,
    *legal_changes.EVENTS,
    *reauthorizations.EVENTS,
    *registry.EVENTS,
    *agreements.EVENTS,
    *contact_changes.EVENTS,
)
COMMANDS = registry.COMMANDS
