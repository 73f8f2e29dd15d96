"""What every service runs on. Services import these names, and nothing deeper."""

import chassis.lifecycle.signals  # noqa: F401  first: it makes `python -m chassis` obey SIGTERM while all of this loads
from chassis.aggregate.handler import Handler
from chassis.aggregate.model import Aggregate, Cause, CommandKey, Dispatch, Index, Listing, Outcome, Step, derived_id
from chassis.auth.callers import PASSWORD_CHANGE, Caller, SignedIn, permitted, require
from chassis.auth.http_client import ask
from chassis.auth.principal import ForbiddenError, Principal, StepUpError, UnauthenticatedError
from chassis.auth.tokens import Authenticator, key_set
from chassis.configuration.loading import load, readable
from chassis.configuration.settings import HashSecretFile, PrivateKeyFile, SecretFile, Settings
from chassis.consumer.decoder import command_key
from chassis.consumer.judgement import InvalidError
from chassis.consumer.reactions import Reaction, Reactions, dispatches_of
from chassis.crypto.keyed_hash import KeyedHash
from chassis.crypto.sealing import Sealer, UnsealableError
from chassis.errors import (
    RefusedError,
    TakenError,
    TransientError,
    UnavailableError,
)
from chassis.files.bulk_imports import Apply as ApplyRows
from chassis.files.bulk_imports import BulkImports, bulk_import
from chassis.files.bulk_imports import Part as ImportPart
from chassis.files.bulk_imports import Progress as ImportProgress
from chassis.files.csv import (
    CSV_ANSWER,
    CsvSeparator,
    CsvTable,
    UnreadableFileError,
    csv_body,
    csv_download,
    csv_line,
    read_csv,
    uploaded_csv,
)
from chassis.http.addresses import Address, InvalidAddressError, mail_address
from chassis.http.cookies import Cookies
from chassis.http.forms import Form
from chassis.http.idempotency import Change, Once, Unkeyed, UnsafeRequest
from chassis.http.language import Language, language_of, page_language
from chassis.http.pages.forms import form_body, form_values
from chassis.http.pages.headers import page_headers
from chassis.http.pages.links import PersonalLink, PersonalLinks, new_token, personal_url, split_token, token_hash
from chassis.http.pages.parameters import PageLanguage
from chassis.http.pages.template import PageTemplate
from chassis.http.pages.texts import fill, page_texts
from chassis.http.pagination import Page, PageQuery, Paging
from chassis.http.plain_routes import PlainRoute, read_json, read_query
from chassis.http.problems import ProblemError, not_found
from chassis.http.routes import new_router
from chassis.http.sign_in_client import NotSignedInError, SignInAnswer, SignInClient, Visitor
from chassis.limits.lockouts import Lockouts, lockout_aggregate
from chassis.limits.mail_budgets import BUDGET, SPENT, MailBudgets
from chassis.mongo.store import MongoStore
from chassis.observability.context import client_network
from chassis.observability.logging import configure
from chassis.read_cache.cache import Part, ReadCache
from chassis.service import Chassis, run
from chassis.timers import Fire

__all__ = [
    "BUDGET",
    "CSV_ANSWER",
    "PASSWORD_CHANGE",
    "SPENT",
    "Address",
    "Aggregate",
    "ApplyRows",
    "Authenticator",
    "BulkImports",
    "Caller",
    "Cause",
    "Change",
    "Chassis",
    "CommandKey",
    "Cookies",
    "CsvSeparator",
    "CsvTable",
    "Dispatch",
    "Fire",
    "ForbiddenError",
    "Form",
    "Handler",
    "HashSecretFile",
    "ImportPart",
    "ImportProgress",
    "Index",
    "InvalidAddressError",
    "InvalidError",
    "KeyedHash",
    "Language",
    "Listing",
    "Lockouts",
    "MailBudgets",
    "MongoStore",
    "NotSignedInError",
    "Once",
    "Outcome",
    "Page",
    "PageLanguage",
    "PageQuery",
    "PageTemplate",
    "Paging",
    "Part",
    "PersonalLink",
    "PersonalLinks",
    "PlainRoute",
    "Principal",
    "PrivateKeyFile",
    "ProblemError",
    "Reaction",
    "Reactions",
    "ReadCache",
    "RefusedError",
    "Sealer",
    "SecretFile",
    "Settings",
    "SignInAnswer",
    "SignInClient",
    "SignedIn",
    "Step",
    "StepUpError",
    "TakenError",
    "TransientError",
    "UnauthenticatedError",
    "UnavailableError",
    "Unkeyed",
    "UnreadableFileError",
    "UnsafeRequest",
    "UnsealableError",
    "Visitor",
    "ask",
    "bulk_import",
    "client_network",
    "command_key",
    "configure",
    "csv_body",
    "csv_download",
    "csv_line",
    "derived_id",
    "dispatches_of",
    "fill",
    "form_body",
    "form_values",
    "key_set",
    "language_of",
    "load",
    "lockout_aggregate",
    "mail_address",
    "new_router",
    "new_token",
    "not_found",
    "page_headers",
    "page_language",
    "page_texts",
    "permitted",
    "personal_url",
    "read_csv",
    "read_json",
    "read_query",
    "readable",
    "require",
    "run",
    "split_token",
    "token_hash",
    "uploaded_csv",
]
