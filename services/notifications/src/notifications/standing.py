"""Whether refusals are about recipients or about us: several domains that refuse in a row are no coincidence."""

from notifications.domain.mail.replies import Failure

DOMAINS_IN_A_ROW = 3
TELLING: tuple[Failure, ...] = ("unclear", "policy", "rate", "no-answer")


class Standing:
    """Of one mail server. Refusals that say why, such as an unknown mailbox, show that the server works for us."""

    def __init__(self) -> None:
        self._refusing: set[str] = set()

    def good(self) -> None:
        self._refusing.clear()

    def refused(self, failure: Failure, domain: str) -> bool:
        """Whether so many domains have refused in a row that the trouble is ours or the server's."""
        if failure not in TELLING:
            if failure != "busy":
                self._refusing.clear()
            return False
        self._refusing.add(domain)
        return len(self._refusing) >= DOMAINS_IN_A_ROW
