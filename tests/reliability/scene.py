"""What all clients of a run share, and the words in which plays say what they expect."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaProducer
from reliability.client import Client, GivenUpError
from reliability.history import Expected, Poison

from kontor_local.journey.client import UnexpectedError
from kontor_local.journey.play import Stage
from kontor_local.mails import Mail

MEMBERSHIP = {"membership_account": "chaos@membership.example", "access_code": "CHAOSCHAOSCHAOS12345"}
PROFILES = 150
PER_FILE = 100
"""Rows that are imported before the answer; of more the answer says where to look."""
MAIL_SECONDS = 60.0
REGIONS = (
    ("africa", "KE"),
    ("australia", "AU"),
    ("brazil", "BR"),
    ("canada", "CA"),
    ("india", "IN"),
    ("japan", "JP"),
    ("korea", "KR"),
    ("new-zealand", "NZ"),
    ("taiwan", "TW"),
)
"""Of the program, without those that the other companies are in."""


@dataclass(slots=True)
class Scene:
    """What all clients share: the companies that were enrolled before the first fault, and what is still to be had."""

    stage: Stage
    portal: AIOKafkaProducer
    """Another portal's. It bears with a broker that goes and comes back, as theirs would."""
    profiles: list[str]
    colleagues: list[str] = field(default_factory=list)
    """Users that nobody is changing just now."""
    last_end: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(minutes=1))
    """The end that administrator access was given last."""

    directory: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by who changes the provider's profile, or needs it to stay in the directory."""

    regions: list[tuple[str, str]] = field(default_factory=lambda: list(REGIONS))
    """In which no version of the agreement is being published just now, each with a country of it."""

    poison: list[Poison] = field(default_factory=list)
    """Commands that were broken by a client."""

    over: datetime | None = None
    """When the faults end. A timer that is due later would change documents while the checker looks at them."""

    def later_end(self) -> datetime:
        """Another end for the administrator access: two minutes from now, or tomorrow where the run is over by then.

        Mails name minutes, so each end has its own.
        """
        now = datetime.now(UTC)
        self.last_end = max(self.last_end + timedelta(minutes=1), now + timedelta(minutes=2))
        if self.over is None or self.last_end >= self.over:
            self.last_end = max(self.last_end, now + timedelta(days=1))
        self.last_end = self.last_end.replace(second=0, microsecond=1)
        return self.last_end

    @property
    def reseller(self) -> str:
        return self.stage.reseller.admin.token

    @property
    def tenant(self) -> str:
        return self.stage.reseller.organization_id

    @property
    def stranger(self) -> str:
        """Somebody who is signed in elsewhere."""
        return self.stage.provider.admin.token


Play = Callable[[Client, Scene], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """``weight``: how often it is chosen, beside the others."""

    play: Play
    weight: int


async def prepare(stage: Stage, portal: AIOKafkaProducer) -> Scene:
    """The registry gets enough partner ids for all enrollments that may come. The journey has been played so far."""
    profiles = [f"77{number:05}" for number in range(PROFILES)]
    account, code = MEMBERSHIP["membership_account"], MEMBERSHIP["access_code"]
    rows = [f"{number},{account},{code},Unruh Systeme {number},DE,active,location" for number in profiles]
    head = "partner_id,membership_account,access_code,company_name,country,status,kind"
    for first in range(0, PROFILES, PER_FILE):
        answer = await stage.api("enrollment", stage.operator).post_csv(
            "/v1/partner-profiles/import", "\n".join([head, *rows[first : first + PER_FILE], ""])
        )
        if answer["failed"]:
            raise UnexpectedError(f"the registry did not take every row: {answer['failed']}")
    return Scene(stage, portal, profiles)


def expects(type: str, **where: Any) -> Expected:
    return Expected(f"kontor.{type}.v1", {path.replace("__", "."): value for path, value in where.items()})


async def mailed_link(scene: Scene, to: str, words: str) -> str:
    """The link of the mail to this address. GivenUpError where it does not come in time: the checker will say why."""

    def wanted(mail: Mail) -> bool:
        return to in mail.to and any(words in link for link in mail.links)

    try:
        mail = await scene.stage.stack.mailbox.wait_for(wanted, MAIL_SECONDS)
    except TimeoutError as error:
        raise GivenUpError(f"no mail to {to}") from error
    return next(link for link in mail.links if words in link)
