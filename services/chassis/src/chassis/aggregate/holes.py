"""What is missing below a watermark: numbers of a source that a document has never applied.

Most are no loss: not every event of a source leads to every document. So what is missing is applied only when it is
announced again on purpose (`kontor republish`), and a copy or a topic read again changes nothing.
"""

from chassis.aggregate.model import Holes

MOST = 8
"""That a document keeps per source, the latest."""


def is_in(number: int, holes: Holes) -> bool:
    return any(first <= number <= last for first, last in holes)


def after(number: int, seen: int, holes: Holes) -> Holes:
    """Once ``number`` has been applied, where ``seen`` was the highest before."""
    if number > seen:
        return (*holes, (seen + 1, number - 1))[-MOST:] if number > seen + 1 else holes
    # A missed one: all above it comes again, so only what is below it is missing then.
    below = [(first, min(last, number - 1)) for first, last in holes if first < number]
    return tuple(below)
