"""enrollment: companies that are in the program already join it."""

from dataclasses import dataclass
from typing import Any

from reliability.client import Client
from reliability.history import Expected, ExpectedMail
from reliability.plays.enrolling import Application, support_of
from reliability.plays.people import sign_up
from reliability.scene import Scene, expects

HERE = "enrollment"
OPENED = "hat jetzt ein Konto im Partnerportal"


@dataclass(frozen=True, slots=True)
class Joined:
    """A company that joined as enrolled. ``mailboxes``: its administrator's, and its membership account's."""

    mine: Application
    mailboxes: tuple[str, str]
    organization: str
    token: str

    @property
    def signed(self) -> dict[str, str]:
        return {"token": self.token, "tenant": self.organization}

    def fact(self, event: str, **where: Any) -> Expected:
        return expects(f"enrollment.{event}", enrollment_id=self.mine.id, **where)

    def mails(self, words: str) -> list[ExpectedMail]:
        return [ExpectedMail(mailbox, words) for mailbox in self.mailboxes]


async def join_the_program(client: Client, scene: Scene) -> None:
    await joined(client, scene)


async def joined(client: Client, scene: Scene, country: str = "DE") -> Joined:
    """An operator enters the company as enrolled; with its support contact alone it is active at once."""
    partner_id, code = new_partner_id(client), f"ZUGANG-{client.word().upper()}"
    account = f"{client.word()}@mitglied.example"
    membership = {"membership_account": account, "access_code": code}
    entry = {"company_name": f"Unruh Mitglied {partner_id}", "country": country, "status": "active", "kind": "location"}
    kept = expects("enrollment.partner-profile-imported", partner_id=partner_id, program_state="enrolled")
    await client.command(
        "keep-profile",
        HERE,
        "PUT",
        f"/v1/partner-profiles/{partner_id}",
        membership | entry | {"program_state": "enrolled"},
        token=scene.stage.operator.token,
        then=lambda _: ([kept], [], [code]),
    )
    email, organization, token = await sign_up(client, scene, country=country)
    mine = Application(client, token, organization)
    await mine.start()
    company = Joined(mine, (email, account), organization, token)
    form = membership | {"partner_id": partner_id, "support_contact": support_of(email)}
    # Nobody but the company itself, also with its access code.
    await client.probe_command(HERE, "POST", f"{mine.path}/join", form, scene.stranger, organization)
    events = [
        company.fact("partner-id-associated", partner_id=partner_id),
        company.fact("enrollment-activated", already_in_program=True),
        expects("identity.organization-activated", organization_id=organization),
    ]
    await mine.do("join", "join", form, company.mails(OPENED), events)
    return company


def new_partner_id(client: Client) -> str:
    return f"78{client.random.randrange(10**9):09}"
