"""The steps of the sign-in page: each takes a form's fields and returns the next page or the redirect."""

from fastapi import Response

from chassis import Handler, MongoStore, ProblemError, RefusedError
from identity.credentials.password_hashing import Passwords
from identity.credentials.password_policy import Owner
from identity.documents import USER
from identity.domain.user.commands import ChangePassword
from identity.domain.user.state import User
from identity.pages.passwords import LONGEST_PASSWORD
from identity.pages.sign_in.journey import At, SignInJourney
from identity.people.lookup import profile_of
from identity.sign_in.password_resets import Resets
from identity.sign_in.second_factors import SecondFactors
from identity.sign_in.service import Attempt, SignIn

Fields = dict[str, str]
LONGEST_EMAIL = 320


class SignInSteps:
    def __init__(
        self,
        store: MongoStore,
        handler: Handler,
        journey: SignInJourney,
        *,
        sign_in: SignIn,
        passwords: Passwords,
        factors: SecondFactors,
        resets: Resets,
    ) -> None:
        self._store = store
        self._handler = handler
        self._journey = journey
        self._sign_in = sign_in
        self._passwords = passwords
        self._factors = factors
        self._resets = resets

    async def password(self, at: At, fields: Fields) -> Response:
        """Check address and password. Every fault gets the same answer."""
        email, given = fields.get("email", ""), fields.get("password", "")[:LONGEST_PASSWORD]
        shown = Attempt(email=email, password=given, device_token=at.device or None, client=at.client)
        try:
            user = await self._sign_in.user_by_password(shown, at.cause)
        except ProblemError as error:
            return self._journey.page("sign-in", at, email=email, wrong=error.code)
        return await self._journey.after_password(user, at)

    async def code(self, at: At, fields: Fields) -> Response:
        user = await self._proved(at, fields)
        if user is None or user.must_change_password:
            return self._journey.page("sign-in", at)
        factor = await self._factors.of(user.user_id)
        try:
            counts = await self._factors.use(user.user_id, factor, fields.get("code", "").strip(), at.cause)
        except RefusedError as error:
            return self._journey.page("code", at, user=user, wrong=error.refusal.reason)
        if not counts:
            return self._journey.page("code", at, user=user, wrong="code-wrong")
        return await self._journey.after_code(user, at)

    async def new_password(self, at: At, fields: Fields) -> Response:
        """Replace a temporary password."""
        user = await self._proved(at, fields)
        if user is None or not user.must_change_password:
            return self._journey.page("sign-in", at)
        wanted = fields.get("new_password", "")[: LONGEST_PASSWORD + 1]
        try:
            changed = await self._changed(user, wanted, at)
        except ProblemError as error:
            return self._journey.page("new-password", at, user=user, wrong=error.code)
        except RefusedError:
            # A concurrent request changed the password.
            return self._journey.page("sign-in", at)
        return await self._journey.after_password(changed, at)

    async def mail_link(self, at: At, fields: Fields) -> Response:
        """Have a reset link mailed. Every address gets the same answer. The browser keeps the sign-in request."""
        email = fields.get("email", "")[:LONGEST_EMAIL]
        try:
            await self._resets.request(email, at.cause)
        except ProblemError as error:
            return self._journey.page("forgotten", at, email=email, wrong=error.code)
        answer = self._journey.page("mailed", at, email=email)
        self._journey.sessions.keep_going_on(answer, self._journey.sealed(at))
        return answer

    async def _proved(self, at: At, fields: Fields) -> User | None:
        """The user whose password was right in an earlier step."""
        proof = self._journey.proof(at, fields.get("proof", ""))
        if proof is None:
            return None
        user = await self._store.get(USER, USER.id(proof.user_id))
        return user if user is not None and user.active and proof.holds(user) else None

    async def _changed(self, user: User, wanted: str, at: At) -> User:
        if await self._passwords.verify(user.password_hash, wanted):
            detail = "choose another password than the temporary one"
            raise ProblemError(422, "password-reused", detail, field="new_password")
        owner = Owner(user.email, user.full_name, profile_of(user).name)
        chosen = await self._passwords.choose(wanted, owner, field="new_password")
        command = ChangePassword(verified_hash=user.password_hash, password_hash=chosen)
        outcome = await self._handler.handle(USER, USER.id(user.user_id), command, at.cause)
        return outcome.state
