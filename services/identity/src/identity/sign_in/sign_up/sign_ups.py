"""Sign-ups and the proof of addresses: sends the links, and completes sign-ups by them."""

from dataclasses import replace
from datetime import datetime, timedelta

from chassis import Cause, Handler, MongoStore, ProblemError, RefusedError, TakenError, derived_id
from chassis.crypto import Sealer
from chassis.limits import MailBudgets
from identity.credentials.password_hashing import Passwords
from identity.credentials.password_policy import Owner
from identity.credentials.tokens import digest, opaque
from identity.documents import SIGN_UP, USER
from identity.domain.sign_up import OVER, Applicant, CompleteSignUp, CountWrongPassword, PendingSignUp, RequestSignUp
from identity.domain.sign_up import usable as sign_up_usable
from identity.domain.user.address.proof import LINK_OVER, provable
from identity.domain.user.commands import ProofLink, ProveAddress, SignUp
from identity.domain.user.state import User
from identity.people.global_admins import change_user
from identity.people.lookup import need_free_domain, profile_of, user_by_email
from identity.settings import Settings
from identity.sign_in.lockouts import AccountLockouts
from kontor_contracts.addresses import address_key
from kontor_contracts.values import Recipient

PAGE = "/verify-address"


class ProofLinks:
    """Makes the links that prove addresses. The plain secret is only in the link."""

    def __init__(self, settings: Settings) -> None:
        self._sealer = Sealer(settings.sealing_key_file)
        self._page = f"{settings.public_url.rstrip('/')}{PAGE}"
        self._sign_up_lifetime = timedelta(seconds=settings.sign_up_lifetime)
        self._lifetime = timedelta(seconds=settings.invitation_lifetime)

    def of_user(self, user_id: str, culture: str, at: datetime) -> ProofLink:
        return self._link(USER.id(user_id), culture, at + self._lifetime)

    def of_sign_up(self, id: str, culture: str, at: datetime) -> ProofLink:
        return self._link(id, culture, at + self._sign_up_lifetime)

    def _link(self, id: str, culture: str, expires_at: datetime) -> ProofLink:
        secret = opaque()
        # A colon would be escaped in the link.
        link = f"{self._page}?token={id.replace(':', '.')}.{secret}&lang={culture[:2]}"
        return ProofLink(token_hash=digest(secret), sealed_link=self._sealer.seal(link), expires_at=expires_at)


def sign_up_id(email: str) -> str:
    return SIGN_UP.id(derived_id("sign-up", address_key(email)))


class SignUps:
    def __init__(
        self,
        store: MongoStore,
        handler: Handler,
        settings: Settings,
        *,
        passwords: Passwords,
        lockouts: AccountLockouts,
        budgets: MailBudgets,
    ) -> None:
        self._store = store
        self._handler = handler
        self._passwords = passwords
        self._budgets = budgets
        self._lockouts = lockouts
        self._links = ProofLinks(settings)

    async def apply(self, applicant: Applicant, password: str, cause: Cause) -> dict[str, str]:
        """Check domain and password, and have the link mailed. Returns the ids of the future user and organization.

        ProblemError 409 on ``email`` if an organization has proved its domain, 422 on ``password`` if it is too weak.
        """
        await need_free_domain(self._store, applicant.email, applicant.user_id)
        owner = Owner(applicant.email, applicant.full_name, applicant.organization.name)
        password_hash = await self._passwords.choose(password, owner, field="password")
        return await self.request(replace(applicant, password_hash=password_hash), cause)

    async def request(self, applicant: Applicant, cause: Cause) -> dict[str, str]:
        """Have the link mailed; for a known address, a mail that says so. The answer and the work are the same.

        ProblemError 429 if the client's network has had enough such mails sent to the address today, known or not. What
        other networks ask for never keeps the owner out: see `RequestSignUp.sparing`.
        """
        known = await user_by_email(self._store, applicant.email)
        id = sign_up_id(applicant.email)
        link = self._links.of_sign_up(id, applicant.culture, cause.time)
        request = RequestSignUp(
            applicant=applicant,
            token_hash=link.token_hash,
            sealed_link=link.sealed_link,
            at=cause.time,
            expires_at=link.expires_at,
            known=Recipient(name=known.full_name, email=known.email, culture=known.culture) if known else None,
            known_user_id=known.user_id if known else "",
        )
        if await self._handler.would_change(SIGN_UP, id, request, cause):
            await self._budgets.by_network(cause, email=applicant.email, purpose="sign-up")
            sparing = await self._budgets.addressee_spent(cause, email=applicant.email, purpose="sign-up")
            request = replace(request, sparing=sparing)
        outcome = await self._handler.handle(SIGN_UP, id, request, cause, answer=_ids)
        answer: dict[str, str] = outcome.answer
        return answer

    async def look(self, token: str, at: datetime) -> Applicant | User | None:
        """The applicant or user of this link, None if it is not valid. Changes nothing, because mail scanners open links."""
        kind, key, secret = _parts(token)
        if kind == SIGN_UP.kind:
            pending = await self._pending(key)
            return pending.applicant if sign_up_usable(pending, digest(secret), at) else None
        user = await self._user(key)
        return user if provable(user, digest(secret), at) else None

    async def prove(self, token: str, password: str, cause: Cause) -> User:
        """Prove the address; completes a sign-up. The password is that of the sign-up, or the temporary one.

        RefusedError if the link is not valid. ProblemError 422 on ``password`` if it is wrong, 409 if another user proved
        the address, or another organization its domain, in the meantime.
        """
        cause = replace(cause, key=None)
        kind, key, secret = _parts(token)
        try:
            if kind == SIGN_UP.kind:
                return await self._complete(key, digest(secret), password, cause)
            return await self._prove(key, digest(secret), password, cause)
        except TakenError as error:
            detail = "a user with this address exists already; sign in, or have a link for a new password mailed"
            raise ProblemError(409, "taken", detail, field="email") from error

    async def _complete(self, key: str, token_hash: str, password: str, cause: Cause) -> User:
        id, pending = SIGN_UP.id(key), await self._pending(key)
        if pending.status == "proved" and pending.token_hash == token_hash:
            return await self._repeated(pending, password, cause)
        applicant = pending.applicant
        # Before the hashing, so that invalid links cost no hash.
        if applicant is None or not sign_up_usable(pending, token_hash, cause.time):
            raise RefusedError(OVER)
        if not await self._passwords.verify(applicant.password_hash, password):
            await self._handler.handle(SIGN_UP, id, CountWrongPassword(token_hash), cause)
            raise _wrong_password()
        await need_free_domain(self._store, applicant.email, applicant.user_id)
        cause = replace(cause, actor=f"user:{applicant.user_id}", tenant=pending.organization_id)
        sign_up = SignUp(
            user_id=applicant.user_id,
            organization=applicant.organization,
            full_name=applicant.full_name,
            email=applicant.email,
            culture=applicant.culture,
            password_hash=applicant.password_hash,
            at=cause.time,
        )
        # In this order: if the process ends between the two, the link can be used again.
        outcome = await self._handler.handle(USER, USER.id(applicant.user_id), sign_up, cause)
        await self._handler.handle(SIGN_UP, id, CompleteSignUp(token_hash), cause)
        return outcome.state

    async def _repeated(self, pending: PendingSignUp, password: str, cause: Cause) -> User:
        """A repetition, because the first answer was lost."""
        user = await self._user(pending.user_id)
        if not user.active:
            raise RefusedError(OVER)
        # The user exists, so a wrong password counts for the lockout, as at sign-in.
        await self._need_password(user, password, cause)
        return user

    async def _prove(self, user_id: str, token_hash: str, password: str, cause: Cause) -> User:
        user = await self._user(user_id)
        proved_by_it = not user.unproved and user.proof_hash == token_hash and user.active
        if not token_hash or not (proved_by_it or provable(user, token_hash, cause.time)):
            raise RefusedError(LINK_OVER)
        await self._need_password(user, password, cause)
        cause = replace(cause, actor=f"user:{user_id}", tenant=profile_of(user).organization_id)
        command = ProveAddress(token_hash=token_hash, at=cause.time)
        return (await change_user(self._handler, user, command, cause)).state

    async def _need_password(self, user: User, password: str, cause: Cause) -> None:
        attempted = await self._lockouts.count(user, user.email, password, None, cause)
        if not await self._passwords.verify(user.password_hash, password) or not attempted.open:
            raise _wrong_password()
        await self._lockouts.take_back(user, password, None, cause)

    async def _pending(self, key: str) -> PendingSignUp:
        return await self._store.get_or_initial(SIGN_UP, SIGN_UP.id(key))

    async def _user(self, user_id: str) -> User:
        return await self._store.get_or_initial(USER, USER.id(user_id))


def _parts(token: str) -> tuple[str, str, str]:
    kind, _, rest = token.partition(".")
    key, _, secret = rest.partition(".")
    return kind, key or "none", secret


def _ids(pending: PendingSignUp) -> dict[str, str]:
    return {"user_id": pending.user_id, "organization_id": pending.organization_id}


def _wrong_password() -> ProblemError:
    detail = "this is neither the password of the sign-up nor the temporary one; after many attempts ask for a new link"
    return ProblemError(422, "wrong-password", detail, field="password")
