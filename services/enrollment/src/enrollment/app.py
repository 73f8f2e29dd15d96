"""Enrollment put together. Building it reads files and lists; it connects to nothing."""

from fastapi import FastAPI

from chassis import BUDGET, Chassis, KeyedHash, MailBudgets, Sealer
from enrollment.access_codes import AccessCodes
from enrollment.agreement import load_agreement
from enrollment.api import admission, enrollments, profiles
from enrollment.api.membership import Membership
from enrollment.credentials import LinkMaker
from enrollment.documents import ENROLLMENT, LOCKOUT, PROFILE
from enrollment.mailboxes import MailboxRules
from enrollment.pages import verify_contact
from enrollment.settings import Settings
from enrollment.subscribers import reactions
from kontor_contracts.markets import markets


def build(settings: Settings) -> tuple[Chassis, FastAPI]:
    chassis = Chassis(settings, aggregates=(ENROLLMENT, PROFILE, LOCKOUT, BUDGET))
    mailboxes = MailboxRules(allowed=settings.mail_domains_allowed, refused=settings.mail_domains_refused)
    links = LinkMaker(
        Sealer(settings.sealing_key_file), public_url=settings.public_url, days=settings.contact_link_days
    )
    codes = AccessCodes(chassis, KeyedHash(settings.hash_secret_file))
    chassis.migrations.append(codes.wrap_stored)
    membership = Membership(chassis, codes)
    routers = (
        profiles.router(membership),
        enrollments.router(chassis, membership=membership, markets=markets(), mailboxes=mailboxes),
        admission.router(
            chassis, links=links, agreement=load_agreement(), budgets=MailBudgets(chassis.handler, settings)
        ),
        verify_contact.router(chassis, settings),
    )
    return chassis, chassis.application(title="Kontor enrollment", routers=routers, reactions=reactions(chassis.store))
