"""What fills the topics of the benchmarks is what a service would have written."""

from datetime import UTC, datetime

from benchmarks.backlog import Form
from service.chassis.tally.messages import AmountAdded

from kontor_contracts import decode, encode, new_envelope


def test_a_form_filled_in_is_the_message_itself() -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    record = Form(now).filled("t-7", "m3", 12)
    wanted = new_envelope(
        AmountAdded(amount=1, total=1),
        id="t-7",
        source="/kontor/tally",
        subject="counter:m3",
        time=now,
        sequence=12,
        correlationid="c-t-7",
    )
    assert (record["value"], record["headers"]) == (encode(wanted)[0], list(encode(wanted)[1]))
    assert record["key"] == wanted.partitionkey.encode()
    assert decode(record["value"], record["headers"], {AmountAdded.TYPE: AmountAdded}) == wanted


def test_what_is_put_in_is_not_taken_for_a_mark() -> None:
    filled = Form(datetime(2026, 11, 25, tzinfo=UTC)).filled(Form.COUNTER, Form.ID, Form.NUMBER - 1)
    message = decode(filled["value"], filled["headers"], {AmountAdded.TYPE: AmountAdded})
    assert (message.id, message.subject) == (Form.COUNTER, f"counter:{Form.ID}")
