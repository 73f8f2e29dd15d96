"""Enrollment put together. Building it reads files and lists; it connects to nothing."""

from fastapi import FastAPI

from chassis.app import Chassis
from chassis.sealing import Sealer
from enrollment import api_admission, api_enrollments, api_pages, api_profiles
from enrollment.aggregates import ENROLLMENT, PROFILE
from enrollment.agreement import load_agreement
from enrollment.credentials import LinkMaker
from enrollment.mailboxes import MailboxRules
from enrollment.markets import load_markets
from enrollment.settings import Settings


def build(settings: Settings) -> tuple[Chassis, FastAPI]:
    chassis = Chassis(settings, aggregates=(ENROLLMENT, PROFILE))
    mailboxes = MailboxRules(allowed=settings.mail_domains_allowed, refused=settings.mail_domains_refused)
    links = LinkMaker(
        Sealer(settings.sealing_key_file), public_url=settings.public_url, days=settings.contact_link_days
    )
    routers = (
        api_profiles.router(chassis),
        api_enrollments.router(chassis, markets=load_markets(), mailboxes=mailboxes),
        api_admission.router(chassis, links=links, agreement=load_agreement()),
        api_pages.router(chassis, settings),
    )
    return chassis, chassis.application(title="Kontor enrollment", routers=routers)
