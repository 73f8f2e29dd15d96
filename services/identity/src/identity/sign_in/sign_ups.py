"""Sign-up and the proof of addresses: what is mailed, and what the mailed link brings about."""

from dataclasses import replace
from datetime import datetime, timedelta

from chassis import Cause, Chassis, MailBudgets, ProblemError, RefusedError, Sealer, TakenError, derived_id
from identity.credentials.password_hashing import Passwords
from identity.credentials.password_policy import Owner
from identity.credentials.tokens import digest, opaque
from identity.documents import SIGN_UP, USER
from identity.domain.sign_up import OVER, Applicant, CompleteSignUp, CountWrongPassword, PendingSignUp, RequestSignUp
from identity.domain.sign_up import usable as sign_up_usable
from identity.domain.user.proof import LINK_OVER, provable
from identity.domain.user.state import ProofLink, ProveAddress, SignUp, User
from identity.people.global_admins import change_user
from identity.people.lookup import need_free_domain, profile_of, user_by_email
from identity.settings import Settings
from identity.sign_in.lockouts import Doors
from kontor_contracts.addresses import address_key
from kontor_contracts.values import Recipient

PAGE = "/verify-address"


class ProofLinks:
    """Makes the links that prove addresses. The secret is in nothing but the link."""

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
        self, chassis: Chassis, settings: Settings, passwords: Passwords, doors: Doors, budgets: MailBudgets
    ) -> None:
        self._chassis = chassis
        self._passwords = passwords
        self._budgets = budgets
        self._doors = doors
        self._links = ProofLinks(settings)

    async def apply(self, applicant: Applicant, password: str, cause: Cause) -> dict[str, str]:
        """Judge domain and password, and have the link mailed. The ids that there are once the address is proved.

        ProblemError 409 on ``email`` where an organization has proved its domain, 422 on ``password`` for a poor one.
        """
        await need_free_domain(self._chassis, applicant.email, applicant.user_id)
        owner = Owner(applicant.email, applicant.full_name, applicant.organization.name)
        password_hash = await self._passwords.choose(password, owner, field="password")
        return await self.request(replace(applicant, password_hash=password_hash), cause)

    async def request(self, applicant: Applicant, cause: Cause) -> dict[str, str]:
        """Have the link mailed; to an address that is known, a mail that says so. The answer and the work are the same.

        ProblemError 429 where the address had enough such mails today, whether it is known or not.
        """
        known = await user_by_email(self._chassis.store, applicant.email)
        id = sign_up_id(applicant.email)
        link = self._links.of_sign_up(id, applicant.culture, cause.time)
        request = RequestSignUp(
            applicant=applicant,
            token_hash=link.token_hash,
            sealed_link=link.sealed_link,
            expires_at=link.expires_at,
            known=Recipient(name=known.full_name, email=known.email, culture=known.culture) if known else None,
            known_user_id=known.user_id if known else "",
        )
        if await self._chassis.handler.would_change(SIGN_UP, id, request, cause):
            await self._budgets.by_addressee(cause, email=applicant.email, purpose="sign-up")
        outcome = await self._chassis.handler.handle(SIGN_UP, id, request, cause, answer=_ids)
        answer: dict[str, str] = outcome.answer
        return answer

    async def look(self, token: str, at: datetime) -> Applicant | User | None:
        """Who is to be proved by this link, None where it is over. Changes nothing: mail scanners open links, too."""
        kind, key, secret = _parts(token)
        if kind == SIGN_UP.kind:
            pending = await self._pending(key)
            return pending.applicant if sign_up_usable(pending, digest(secret), at) else None
        user = await self._user(key)
        return user if provable(user, digest(secret), at) else None

    async def prove(self, token: str, password: str, cause: Cause) -> User:
        """The user, who exists and has a proved address from now on. The password is that of the sign-up, or the temporary one.

        RefusedError (410) where the link is over; ProblemError 422 on ``password`` for a wrong one, 409 where somebody else
        has proved the address, or the domain, meanwhile.
        """
        cause = replace(cause, key=None)
        kind, key, secret = _parts(token)
        try:
            if kind == SIGN_UP.kind:
                return await self._complete(key, digest(secret), password, cause)
            return await self._prove(key, digest(secret), password, cause)
        except TakenError as error:
            detail = "this address has a user already; sign in, or ask for a new password with it"
            raise ProblemError(409, "taken", detail, field="email") from error

    async def _complete(self, key: str, token_hash: str, password: str, cause: Cause) -> User:
        id, pending = SIGN_UP.id(key), await self._pending(key)
        if pending.status == "proved" and pending.token_hash == token_hash:
            return await self._repeated(pending, password, cause)
        applicant = pending.applicant
        # First, so that no password is hashed for who holds no link.
        if applicant is None or not sign_up_usable(pending, token_hash, cause.time):
            raise RefusedError(OVER)
        if not await self._passwords.verify(applicant.password_hash, password):
            await self._chassis.handler.handle(SIGN_UP, id, CountWrongPassword(token_hash), cause)
            raise _wrong_password()
        await need_free_domain(self._chassis, applicant.email, applicant.user_id)
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
        # In this order: should the process end in between, the link brings it to its end.
        outcome = await self._chassis.handler.handle(USER, USER.id(applicant.user_id), sign_up, cause)
        await self._chassis.handler.handle(SIGN_UP, id, CompleteSignUp(token_hash), cause)
        return outcome.state

    async def _repeated(self, pending: PendingSignUp, password: str, cause: Cause) -> User:
        """The answer to the first request got lost."""
        user = await self._user(pending.user_id)
        if user.status != "active":
            raise RefusedError(OVER)
        # The password is the user's own by now, so a wrong one counts as at the sign-in.
        await self._need_password(user, password, cause)
        return user

    async def _prove(self, user_id: str, token_hash: str, password: str, cause: Cause) -> User:
        user = await self._user(user_id)
        proved_by_it = not user.unproved and user.proof_hash == token_hash and user.status == "active"
        if not token_hash or not (proved_by_it or provable(user, token_hash, cause.time)):
            raise RefusedError(LINK_OVER)
        await self._need_password(user, password, cause)
        cause = replace(cause, actor=f"user:{user_id}", tenant=profile_of(user).organization_id)
        command = ProveAddress(token_hash=token_hash, at=cause.time)
        return (await change_user(self._chassis, user, command, cause)).state

    async def _need_password(self, user: User, password: str, cause: Cause) -> None:
        knocked = await self._doors.knock(user, user.email, password, None, cause)
        if not await self._passwords.verify(user.password_hash, password) or not knocked.open:
            raise _wrong_password()
        await self._doors.take_back(user, password, None, cause)

    async def _pending(self, key: str) -> PendingSignUp:
        return await self._chassis.store.get(SIGN_UP, SIGN_UP.id(key)) or PendingSignUp()

    async def _user(self, user_id: str) -> User:
        return await self._chassis.store.get(USER, USER.id(user_id)) or User()


def _parts(token: str) -> tuple[str, str, str]:
    kind, _, rest = token.partition(".")
    key, _, secret = rest.partition(".")
    return kind, key or "none", secret


def _ids(pending: PendingSignUp) -> dict[str, str]:
    return {"user_id": pending.user_id, "organization_id": pending.organization_id}


def _wrong_password() -> ProblemError:
    detail = "this is not the password of the sign-up, or the temporary one; after many tries ask for a new link"
    return ProblemError(422, "wrong-password", detail, field="password")
