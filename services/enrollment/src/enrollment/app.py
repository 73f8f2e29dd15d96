"""The composition root. Building the service reads files and lists; it connects to nothing."""

from datetime import timedelta

from fastapi import FastAPI

from chassis import Chassis, MongoStore
from chassis.crypto import KeyedHash, Sealer
from chassis.files import BulkImports
from chassis.http.pages import PersonalLinks
from chassis.limits import BUDGET, MailBudgets
from enrollment.access_codes import AccessCodes
from enrollment.agreement import load_agreements
from enrollment.api import (
    admission,
    agreement_editions,
    agreements,
    contact_changes,
    drafts,
    enrollments,
    joining,
    legal_changes,
    mailbox_exceptions,
    paperwork,
    profiles,
    reauthorization,
    registry_profiles,
    reviews,
    standing,
)
from enrollment.api import markets as market_list
from enrollment.api.contact_links import ContactLinks
from enrollment.api.membership import Membership, importing_profiles
from enrollment.api.registry_profiles import list_stored
from enrollment.census import ENROLLMENTS
from enrollment.configured_checks import configured_checks
from enrollment.documents import (
    AGREEMENT_TEXT,
    EDITION,
    ENROLLMENT,
    LOCKOUT,
    PROFILE,
    PROFILE_IMPORT,
    PROVED_DOMAIN,
    REFUSALS,
    UPLOAD,
)
from enrollment.editions import Editions
from enrollment.mailboxes import MailboxRules
from enrollment.membership_accounts import ExternalRegistry, MembershipAccounts, OwnRegistry
from enrollment.pages import before_you_begin, contact_change, verify_contact
from enrollment.pages.portal import routes as portal_pages
from enrollment.pages.portal.documents import AROUND, UPLOAD_PATH
from enrollment.pages.portal.registry import IMPORT_PATH, LARGEST_IMPORT
from enrollment.scanning import scanner
from enrollment.settings import Settings
from enrollment.subscribers import reactions
from enrollment.timers import waiting
from enrollment.uploads import Uploads, deleting
from kontor_contracts.markets import markets


def build(settings: Settings) -> tuple[Chassis, FastAPI]:
    chassis = Chassis(
        settings,
        aggregates=(
            ENROLLMENT,
            PROFILE,
            PROFILE_IMPORT,
            REFUSALS,
            UPLOAD,
            AGREEMENT_TEXT,
            EDITION,
            LOCKOUT,
            PROVED_DOMAIN,
            BUDGET,
        ),
    )
    store, handler = chassis.store, chassis.handler
    mailboxes = MailboxRules(allowed=settings.mail_domains_allowed, refused=settings.mail_domains_refused)
    checks = configured_checks(settings, store)
    chassis.count(ENROLLMENT, ENROLLMENTS)
    links = PersonalLinks(Sealer(settings.sealing_key_file), settings.public_url)
    codes = AccessCodes(store, handler, KeyedHash(settings.hash_secret_file))
    chassis.migrations += [codes.wrap_stored, list_stored(store, handler)]
    contact_links = ContactLinks(
        links, timedelta(days=settings.contact_link_days), handler, MailBudgets(handler, settings)
    )
    membership = Membership(handler, codes, _accounts(settings, store, codes))
    imports = BulkImports(chassis, PROFILE_IMPORT, importing_profiles(membership))
    uploads = Uploads(
        store,
        handler,
        chassis.files,
        scanner(settings.document_scan_command, settings.document_scan_url, settings.document_scan_seconds),
        settings.document_bytes,
        timedelta(days=settings.document_retention_days),
    )
    editions = Editions(store, handler, load_agreements())
    routers = (
        profiles.router(membership, imports),
        registry_profiles.router(store, handler, codes),
        enrollments.router(
            store,
            handler,
            membership=membership,
            markets=markets(),
            mailboxes=mailboxes,
            links=contact_links,
            waits=settings.waits,
        ),
        drafts.router(store, handler, mailboxes=mailboxes),
        joining.router(store, handler, membership=membership, mailboxes=mailboxes),
        admission.router(store, handler, links=contact_links),
        agreements.router(store, handler, editions=editions, markets=markets()),
        agreement_editions.router(store, handler, editions=editions, markets=markets()),
        market_list.router(markets(), settings.waits),
        reviews.router(store, handler, checks),
        mailbox_exceptions.router(store, handler, mailboxes=mailboxes),
        standing.router(store, handler),
        legal_changes.router(store, handler),
        paperwork.router(store, handler, uploads),
        reauthorization.router(store, handler),
        contact_changes.router(store, handler, mailboxes=mailboxes, links=contact_links),
        verify_contact.router(store, handler, checks, settings.now),
        before_you_begin.router(markets(), settings.waits),
        contact_change.router(store, handler, settings.now),
        portal_pages.router(settings, chassis.authenticator),
    )
    app = chassis.application(
        title="Kontor enrollment",
        routers=routers,
        reactions=reactions(store, settings.writers(), settings.now),
        timers={
            PROFILE_IMPORT.kind: imports.fire,
            ENROLLMENT.kind: waiting(store, handler, checks),
            UPLOAD.kind: deleting(uploads),
            EDITION.kind: editions.fire,
        },
        large_bodies={
            paperwork.UPLOAD_PATH: settings.document_bytes,
            UPLOAD_PATH: settings.document_bytes + AROUND,
            IMPORT_PATH: LARGEST_IMPORT + AROUND,
        },
    )
    return chassis, app


def _accounts(settings: Settings, store: MongoStore, codes: AccessCodes) -> MembershipAccounts:
    if not settings.membership_registry_url:
        return OwnRegistry(store, codes)
    token = settings.membership_registry_token_file
    text = token.read_text(encoding="utf-8").strip() if token else None
    return ExternalRegistry(settings.membership_registry_url, text, settings.membership_registry_seconds)
