"""Authorization checks in the caller's process: may a partner act for a customer?

`rules` are those of the service itself. `view` holds what ``relationships.snapshot`` says. `reader` follows that topic; it
needs aiokafka (``pip install kontor-contracts[authz]``), the other two do not.
"""

from kontor_contracts.authz.rules import ACTIONS, PERMITTED_BY, Held, Reason, Verdict
from kontor_contracts.authz.view import Answer, SavedView, StaleError, View

__all__ = ["ACTIONS", "PERMITTED_BY", "Answer", "Held", "Reason", "SavedView", "StaleError", "Verdict", "View"]
