"""Enrollment put together. Building it reads files and lists; it connects to nothing."""

from fastapi import FastAPI

from chassis import BUDGET, BulkImports, Chassis, KeyedHash, MailBudgets, Sealer
from enrollment.access_codes import AccessCodes
from enrollment.agreement import load_agreement
from enrollment.api import admission, enrollments, profiles
from enrollment.api.membership import Membership, importing_profiles
from enrollment.credentials import LinkMaker
from enrollment.documents import ENROLLMENT, LOCKOUT, PROFILE, PROFILE_IMPORT
from enrollment.mailboxes import MailboxRules
from enrollment.pages import verify_contact
from enrollment.settings import Settings
from enrollment.subscribers import reactions
from kontor_contracts.markets import markets


def build(settings: Settings) -> tuple[Chassis, FastAPI]:
    chassis = Chassis(settings, aggregates=(ENROLLMENT, PROFILE, PROFILE_IMPORT, LOCKOUT, BUDGET))
    mailboxes = MailboxRules(allowed=settings.mail_domains_allowed, refused=settings.mail_domains_refused)
    links = LinkMaker(
        Sealer(settings.sealing_key_file), public_url=settings.public_url, days=settings.contact_link_days
    )
    codes = AccessCodes(chassis, KeyedHash(settings.hash_secret_file))
    chassis.migrations.append(codes.wrap_stored)
    membership = Membership(chassis, codes)
    imports = BulkImports(chassis, PROFILE_IMPORT, importing_profiles(membership))
    routers = (
        profiles.router(membership, imports),
        enrollments.router(chassis, membership=membership, markets=markets(), mailboxes=mailboxes),
        admission.router(
            chassis, links=links, agreement=load_agreement(), budgets=MailBudgets(chassis.handler, settings)
        ),
        verify_contact.router(chassis, settings),
    )
    app = chassis.application(
        title="Kontor enrollment",
        routers=routers,
        reactions=reactions(chassis.store),
        timers={PROFILE_IMPORT.kind: imports.fire},
    )
    return chassis, app
