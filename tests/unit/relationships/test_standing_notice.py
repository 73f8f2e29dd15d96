"""The customers of a suspended or reinstated partner get a mail, a batch at a time."""

from functools import reduce

from unit.relationships.people import CUSTOMER_CONTACT, NOW, RESELLER

from kontor_contracts.relationships import CustomersNotified
from relationships.documents import STANDING_NOTICE
from relationships.domain.standing_notice import (
    BeginNotice,
    Command,
    NotifyCustomers,
    State,
    StopNotice,
    decide,
    due,
    evolve,
)

BEGIN = BeginNotice(notice_id="n1", partner=RESELLER, standing="suspended", at=NOW)
FIRST = NotifyCustomers(before=None, after="m", recipients=(CUSTOMER_CONTACT,), at=NOW)
LAST = NotifyCustomers(before="m", after=None, recipients=(CUSTOMER_CONTACT,), at=NOW)


def after(*commands: Command) -> State:
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, State())


def test_each_batch_is_told_once_and_the_last_one_ends_the_round() -> None:
    assert due(after(BEGIN)) == NOW and decide(BEGIN, after(BEGIN)) == []
    _, told = decide(FIRST, after(BEGIN))
    assert isinstance(told, CustomersNotified)
    assert (told.standing, told.partner_name, told.recipients) == ("suspended", RESELLER.name, (CUSTOMER_CONTACT,))
    assert due(after(BEGIN, FIRST)) == NOW
    assert decide(FIRST, after(BEGIN, FIRST)) == []
    assert due(after(BEGIN, FIRST, LAST)) is None and decide(LAST, after(BEGIN, FIRST, LAST)) == []


def test_customers_without_a_contact_lead_to_no_event() -> None:
    nobody = NotifyCustomers(before=None, after=None, recipients=(), at=NOW)
    assert not any(isinstance(fact, CustomersNotified) for fact in decide(nobody, after(BEGIN)))
    assert due(after(BEGIN, nobody)) is None


def test_a_round_that_is_stopped_tells_nobody_more() -> None:
    stopped = after(BEGIN, FIRST, StopNotice())
    assert due(stopped) is None and decide(LAST, stopped) == [] and decide(StopNotice(), stopped) == []
    assert STANDING_NOTICE.parse(STANDING_NOTICE.dump(stopped)) == stopped
    assert STANDING_NOTICE.tenant(stopped) == RESELLER.organization_id
