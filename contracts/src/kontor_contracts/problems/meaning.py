"""What the catalogue says of a code."""

from typing import NamedTuple


class Meaning(NamedTuple):
    """``statuses``: HTTP statuses that the code comes with, first that of a refusal by the domain.

    One sentence each in English and German.
    """

    statuses: tuple[int, ...]
    en: str
    de: str
