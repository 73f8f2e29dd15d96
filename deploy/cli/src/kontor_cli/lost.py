"""Dead letters that are older than their topic keeps any, while the keys they hold up wait for ever."""

from kontor_cli.choosing import ChoiceError
from kontor_cli.letters import EPOCH, Box, Entry, Letter
from kontor_contracts import MalformedError
from kontor_contracts.deadletters import Place


def lost_letter(boxes: dict[str, Box], id: str, group: str | None, prefix: str) -> Letter:
    """What is left to say of it, which is enough to discard it. Raises ChoiceError."""
    if group is None:
        raise ChoiceError("nothing tells any more which group parked it; give --group")
    try:
        place = Place.parse(id)
    except MalformedError as error:
        raise ChoiceError(str(error)) from error
    if place in boxes[group].letters:
        raise ChoiceError(f"{id} is not lost; discard it without --lost")
    return Letter(
        group=group,
        place=place,
        entry=Entry(0, 0, 0),
        since=EPOCH,
        key=None,
        value=None,
        headers=(),
        notes={
            "dlq-original-topic": place.topic,
            "dlq-original-partition": str(place.partition),
            "dlq-original-offset": str(place.offset),
            "dlq-consumer-group": f"{prefix}{group}",
        },
    )
