"""What every service runs on: the names that services import.

Matters of some services have faces of their own, packages whose `__init__` names what they give: `chassis.configuration`
(files with secrets), `chassis.crypto` (sealed secrets, keyed hashes), `chassis.files` (CSV, large imports), `chassis.limits`
(lockouts, budgets of mails), `chassis.http.pages` (pages for people), `chassis.http.addresses`, `chassis.http.plain_routes`,
`chassis.read_cache` (reads from memory) and `chassis.tracing` (spans). Services import nothing deeper.
"""

import chassis.lifecycle.signals  # noqa: F401  first: it makes `python -m chassis` obey SIGTERM while all of this loads
from chassis.aggregate.handler import Handler
from chassis.aggregate.model import (
    Aggregate,
    Cause,
    CommandKey,
    Dispatch,
    Index,
    Listing,
    Outcome,
    Snapshot,
    Step,
    derived_id,
)
from chassis.auth.callers import PASSWORD_CHANGE, Caller, SignedIn, permitted, require
from chassis.auth.http_client import ask
from chassis.auth.principal import ForbiddenError, Principal, StepUpError, UnauthenticatedError
from chassis.auth.tokens import Authenticator, key_set
from chassis.command_line import run
from chassis.configuration.loading import load
from chassis.configuration.settings import Settings
from chassis.consumer.bad_commands import BadCommand
from chassis.consumer.decoder import command_key
from chassis.consumer.judgement import InvalidError
from chassis.consumer.reactions import Reactions
from chassis.errors import RefusedError, TakenError, TransientError, UnavailableError
from chassis.http.idempotency import Change, Once, Unkeyed, UnsafeRequest
from chassis.http.input.forms import Form
from chassis.http.language import AnswerLanguage, Language, language_of
from chassis.http.pagination import Page, PageQuery, Paging
from chassis.http.problems import FaultyFormError, FormFault, ProblemError, not_found
from chassis.http.routes import new_router
from chassis.mongo.listing import list_filter
from chassis.mongo.store import MongoStore
from chassis.observability.census import Census
from chassis.observability.context import client_network
from chassis.observability.logging import configure
from chassis.service import Chassis
from chassis.timers import Fire

__all__ = [  # noqa: RUF022  by matter, not by letter
    # -- building a service
    "Chassis",
    "Settings",
    "load",
    "run",
    "configure",
    # -- documents
    "Aggregate",
    "AnswerLanguage",
    "Census",
    "Index",
    "Listing",
    "MongoStore",
    "Snapshot",
    "derived_id",
    "list_filter",
    # -- commands and their causes
    "Cause",
    "CommandKey",
    "Dispatch",
    "Fire",
    "Handler",
    "Outcome",
    "Reactions",
    "BadCommand",
    "Step",
    "command_key",
    # -- errors
    "FaultyFormError",
    "ForbiddenError",
    "FormFault",
    "InvalidError",
    "ProblemError",
    "RefusedError",
    "StepUpError",
    "TakenError",
    "TransientError",
    "UnauthenticatedError",
    "UnavailableError",
    "not_found",
    # -- endpoints
    "Change",
    "Form",
    "Language",
    "Once",
    "Page",
    "PageQuery",
    "Paging",
    "Unkeyed",
    "UnsafeRequest",
    "client_network",
    "language_of",
    "new_router",
    # -- callers
    "PASSWORD_CHANGE",
    "Authenticator",
    "Caller",
    "Principal",
    "SignedIn",
    "ask",
    "key_set",
    "permitted",
    "require",
]
