"""What identity's routers and timers are made of, each built once."""

from chassis import Chassis
from chassis.crypto import KeyedHash, Sealer
from chassis.files import BulkImports
from chassis.limits import MailBudgets
from identity.configuration.oidc_issuers import read_issuers
from identity.credentials.password_hashing import Passwords
from identity.credentials.signing_keys import KeyRing
from identity.credentials.tokens import Signer
from identity.documents import USER_IMPORT
from identity.pages.sign_in.journey import SignInJourney
from identity.pages.sign_in.steps import SignInSteps
from identity.people.address_changes import AddressChanges
from identity.people.imports.importing import inviting_rows
from identity.people.invitations import Links
from identity.settings import Settings
from identity.sign_in.lockouts import AccountLockouts
from identity.sign_in.oidc_client import PATH, ExternalIssuer
from identity.sign_in.own_password import OwnPassword
from identity.sign_in.password_resets import Resets
from identity.sign_in.second_factors import SecondFactors
from identity.sign_in.service import SignIn
from identity.sign_in.sign_up.sign_ups import ProofLinks, SignUps


class Parts:
    def __init__(self, chassis: Chassis, settings: Settings) -> None:
        self.settings, self.now = settings, settings.now
        self.store, self.handler = store, handler = chassis.store, chassis.handler
        hashes = KeyedHash(settings.hash_secret_file)
        self.passwords = passwords = _passwords(settings)
        self.signer = _signer(settings)
        self.factors = SecondFactors(store, handler, settings, hashes)
        lockouts = AccountLockouts(store, handler, hashes)
        self.own_password = OwnPassword(passwords, lockouts)
        self.sign_in = SignIn(
            store, handler, settings, passwords=passwords, signer=self.signer, factors=self.factors, lockouts=lockouts
        )
        # mails, and what their links lead to
        self.budgets = budgets = MailBudgets(handler, settings)
        self.links, self.proofs = _invitation_links(settings), ProofLinks(settings)
        self.address_changes = AddressChanges(store, handler, settings, budgets)
        self.resets = Resets(store, handler, settings, passwords=passwords, lockouts=lockouts, budgets=budgets)
        self.sign_ups = SignUps(store, handler, settings, passwords=passwords, lockouts=lockouts, budgets=budgets)
        self.imports = BulkImports(chassis, USER_IMPORT, inviting_rows(store, handler, self.links, budgets))
        # the sign-in page
        self.issuers = _issuers(settings)
        directories = [(issuer.config.name, issuer.config.title) for issuer in self.issuers]
        self.journey = SignInJourney(
            store, handler, settings, sign_in=self.sign_in, factors=self.factors, directories=directories
        )
        self.steps = SignInSteps(
            store,
            handler,
            self.journey,
            sign_in=self.sign_in,
            passwords=passwords,
            factors=self.factors,
            resets=self.resets,
        )


def _passwords(settings: Settings) -> Passwords:
    return Passwords(threads=settings.password_threads, queue=settings.password_queue, memory=settings.password_memory)


def _signer(settings: Settings) -> Signer:
    return Signer(
        KeyRing(settings.signing_key_file),
        issuer=settings.issuer,
        audience=settings.audience,
        lifetime=settings.access_token_lifetime,
    )


def _invitation_links(settings: Settings) -> Links:
    sealer = Sealer(settings.sealing_key_file)
    return Links(sealer, public_url=settings.public_url, lifetime=settings.invitation_lifetime)


def _issuers(settings: Settings) -> list[ExternalIssuer]:
    base = f"{settings.public_url.rstrip('/')}{PATH}"
    return [
        ExternalIssuer(config, f"{base}/{config.name}/callback", settings.now)
        for config in read_issuers(settings.external_issuers_file)
    ]
