"""The automatic checks of a company that the settings ask for."""

from chassis import MongoStore
from enrollment.checks.business_checks import BusinessChecks
from enrollment.checks.external import ExternalCheck
from enrollment.checks.other_enrollments import OtherEnrollmentsCheck
from enrollment.checks.port import BusinessCheck
from enrollment.checks.registration_id import RegistrationIdCheck
from enrollment.checks.registry_profile import RegistryProfileCheck
from enrollment.checks.watch_list import WatchListCheck
from enrollment.settings import Settings


def configured_checks(settings: Settings, store: MongoStore) -> BusinessChecks:
    own: tuple[BusinessCheck, ...] = (RegistrationIdCheck(), RegistryProfileCheck(store), OtherEnrollmentsCheck(store))
    checks = [check for check in own if check.name in settings.business_checks]
    if settings.watch_list_file:
        checks.append(WatchListCheck(settings.watch_list_file))
    if settings.business_check_url:
        token = settings.business_check_token_file
        text = token.read_text(encoding="utf-8").strip() if token else None
        checks.append(ExternalCheck(settings.business_check_url, text, settings.business_check_seconds))
    return BusinessChecks(checks, settings.business_check_seconds)
