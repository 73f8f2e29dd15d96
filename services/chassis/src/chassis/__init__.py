"""What every service runs on. Services import these names, and nothing deeper."""

from chassis.aggregate.handler import Handler
from chassis.aggregate.model import Aggregate, Cause, Dispatch, Index, Outcome, derived_id
from chassis.auth.revocation import Voided
from chassis.auth.sealing import Sealer, UnsealableError
from chassis.auth.tokens import (
    PASSWORD_CHANGE,
    Authenticator,
    Caller,
    ForbiddenError,
    Principal,
    SignedIn,
    StepUpError,
    UnauthenticatedError,
    key_set,
    require,
)
from chassis.consumer.decoder import InvalidError
from chassis.consumer.reactions import Reaction, orders_of
from chassis.errors import (
    PermanentError,
    RefusedError,
    ReusedKeyError,
    TakenError,
    TooLargeError,
    TransientError,
    UnavailableError,
)
from chassis.http.idempotency import Change, Once, UnsafeRequest
from chassis.http.pagination import Page, PageQuery, Paging
from chassis.http.problems import Problem, ProblemError, not_found
from chassis.http_client import ask
from chassis.mail_budget.spending import BUDGET, SPENT, MailBudgets, changes
from chassis.mongo.store import MongoStore
from chassis.observability.logging import configure
from chassis.observability.metrics import Metrics
from chassis.read_cache.cache import Part, ReadCache
from chassis.service import Chassis, run
from chassis.settings import Settings
from chassis.timers import Fire

__all__ = [
    "BUDGET",
    "PASSWORD_CHANGE",
    "SPENT",
    "Aggregate",
    "Authenticator",
    "Caller",
    "Cause",
    "Change",
    "Chassis",
    "Dispatch",
    "Fire",
    "ForbiddenError",
    "Handler",
    "Index",
    "InvalidError",
    "MailBudgets",
    "Metrics",
    "MongoStore",
    "Once",
    "Outcome",
    "Page",
    "PageQuery",
    "Paging",
    "Part",
    "PermanentError",
    "Principal",
    "Problem",
    "ProblemError",
    "Reaction",
    "ReadCache",
    "RefusedError",
    "ReusedKeyError",
    "Sealer",
    "Settings",
    "SignedIn",
    "StepUpError",
    "TakenError",
    "TooLargeError",
    "TransientError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnsafeRequest",
    "UnsealableError",
    "Voided",
    "ask",
    "changes",
    "configure",
    "derived_id",
    "key_set",
    "not_found",
    "orders_of",
    "require",
    "run",
]
