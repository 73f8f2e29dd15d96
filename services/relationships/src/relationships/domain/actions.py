"""What permissions and roles of grants allow a partner to do for a customer."""

from collections.abc import Mapping

from kontor_contracts.admin_grants import GrantRole
from kontor_contracts.customers import Action
from kontor_contracts.values import Permission

PERMITTED_BY: Mapping[Action, tuple[Permission, ...]] = {
    "administer": ("administer",),
    "administer-users": ("administer",),
    "administer-licences": ("administer",),
    "administer-subscriptions": ("administer",),
    "order": ("order",),
    "add-subscription": ("order",),
    "view": ("administer", "order"),
}
"""Any of these permits the action. Who has a relationship that holds may always view the customer."""

ACTIONS: Mapping[GrantRole, tuple[Action, ...]] = {
    "global-administrator": (
        "administer",
        "administer-users",
        "administer-licences",
        "administer-subscriptions",
        "view",
    ),
    "user-administrator": ("administer-users", "view"),
    "licence-administrator": ("administer-licences", "view"),
    "subscription-administrator": ("administer-subscriptions", "view"),
    "global-reader": ("view",),
}
"""What each role permits."""
