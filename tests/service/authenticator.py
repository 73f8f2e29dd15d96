"""An authenticator app, as a user's phone has it."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime

from service.identity.company import PASSWORD, Person

from identity.credentials import totp


@dataclass(slots=True)
class App:
    """It waits for no clock: it shows the codes of now and of the steps beside it, once each."""

    secret: bytes
    last: int = 0

    def code(self) -> str:
        now = totp.step_at(datetime.now(UTC))
        self.last = max(now - 1, self.last + 1)
        assert self.last <= now + 1, "no code is left that would be taken"
        return totp.code(self.secret, self.last)


async def set_up(person: Person) -> tuple[App, list[str]]:
    """Turn the second factor on: the app, and the recovery codes."""
    begun = await person.post("/v1/me/second-factor", {"current_password": PASSWORD})
    assert begun.status_code == 200, begun.text
    text = begun.json()["secret"]
    app = App(base64.b32decode(text + "=" * (-len(text) % 8)))
    confirmed = await person.post("/v1/me/second-factor/confirm", {"code": app.code()})
    assert confirmed.status_code == 200, confirmed.text
    return app, confirmed.json()["recovery_codes"]
