"""Rights after their end, and joint acceptances by halves: the checker finds each, and nothing in a correct run."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from reliability.tests.run import Run, broken

Step = tuple[str, str, Mapping[str, Any]]

PROVIDER = {"organization_id": "p", "partner_id": "52"}
RESELLER = {"organization_id": "r", "partner_id": "47"}
PAIR = {"partnership_id": "p.r", "provider": PROVIDER, "reseller": RESELLER}
CUSTOMER = {"customer_id": "c"}
EDGE, GRANT = {**CUSTOMER, "partner_id": "47"}, {"grant_id": "g"}
NAMED = {**CUSTOMER, "provider": PROVIDER, "reseller": RESELLER}
JOINT = {"invitation_id": "i", "inviter": RESELLER, "provider": PROVIDER}
BOTH = {**CUSTOMER, "invitation_id": "i", "grants": [{"partner": RESELLER}, {"partner": PROVIDER}]}

CONNECTED: Sequence[Step] = (
    ("partnership:p.r", "partnership-established", PAIR),
    ("invitation:i", "invitation-accepted", JOINT),
    ("customer:c", "resellers-authorized", BOTH),
)
GRANTED: Sequence[Step] = (
    *CONNECTED,
    ("admin-grant:g", "admin-grant-approved", {"grant": GRANT}),
    ("customer:c", "admin-grant-held", EDGE | GRANT),
)
NAMING: Sequence[Step] = (*CONNECTED, ("reseller-of-record:s", "reseller-of-record-set", NAMED))
ENDED_GRANT: Step = ("admin-grant:g", "admin-grant-ended", {"grant": GRANT})
DROPPED: Step = ("customer:c", "admin-grant-dropped", EDGE | GRANT)
UNNAMED: Step = ("reseller-of-record:s", "reseller-of-record-ended", NAMED)
PARTED: Step = ("customer:c", "relationship-ended", EDGE)
SEPARATED: Step = ("partnership:p.r", "partnership-ended", PAIR)


def stories(steps: Sequence[Step]) -> str:
    run = Run()
    for number, (subject, name, data) in enumerate(steps):
        run.event("relationships", subject, name, data, f"http:{number}")
    fallen = broken(run.over())
    assert set(fallen) <= {"I9"}
    return " ".join(story for verdict in fallen.values() for story in verdict.stories)


@pytest.mark.parametrize(
    "steps",
    [
        CONNECTED,
        (*GRANTED, ENDED_GRANT, DROPPED),
        (*GRANTED, PARTED, ENDED_GRANT),
        (*NAMING, UNNAMED, PARTED, SEPARATED),
        # The consequences come after the end they follow from.
        (*NAMING, SEPARATED, UNNAMED),
        (*NAMING, PARTED, UNNAMED),
        (*CONNECTED, SEPARATED, CONNECTED[0], SEPARATED),
        (
            *CONNECTED,
            PARTED,
            ("customer:c", "resellers-authorized", BOTH),
            ("customer:c", "admin-grant-held", EDGE | GRANT),
        ),
    ],
)
def test_rights_that_end_with_what_they_rest_on_are_right(steps: Sequence[Step]) -> None:
    assert stories(steps) == ""


HALF = {**BOTH, "grants": [{"partner": RESELLER}]}


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (
            (*CONNECTED[:2], ("customer:c", "resellers-authorized", HALF)),
            "connects ['47'] of ['47', '52']: some, not all",
        ),
        ((*GRANTED, ENDED_GRANT), "customer c holds grant g of partner 47, which has ended"),
        ((*CONNECTED, PARTED, GRANTED[-1]), "for partner 47, which has no relationship"),
        ((*GRANTED, ENDED_GRANT, DROPPED, ("admin-grant:g", "admin-grant-extended", {"grant": GRANT})), "had ended"),
        ((*CONNECTED, SEPARATED, SEPARATED), "of a partnership that had ended"),
        (
            (*CONNECTED, SEPARATED, ("partnership:p.r", "provider-admin-access-granted", PAIR)),
            "of a partnership that had ended",
        ),
        ((*NAMING, SEPARATED), "reseller-of-record:s names 47, and the partnership has ended"),
        ((*NAMING, PARTED), "reseller-of-record:s is of a customer that no longer works with 47"),
        ((*CONNECTED, PARTED, ("customer:c", "customer-imported", EDGE)), "brings back partner 47"),
    ],
)
def test_a_right_after_its_end_is_found(steps: Sequence[Step], words: str) -> None:
    assert words in stories(steps)
