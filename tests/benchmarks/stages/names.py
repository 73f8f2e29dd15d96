"""From a name in the table to what it names, and to the measured one in its place."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from benchmarks.stages.accounting import Accounts


class UnknownNameError(Exception):
    """The table names something that is not there any more."""


def install(accounts: Accounts, table: Mapping[str, Sequence[str]]) -> None:
    """Measure everything that the table names. Before the service is built: what holds a function already keeps its own.

    Raises UnknownNameError, and has then changed nothing.
    """
    places = [(stage, *place(name)) for stage, names in table.items() for name in names]
    for stage, owner, attribute in places:
        _replace(owner, attribute, accounts, stage)


def place(name: str) -> tuple[Any, str]:
    """The object that has it, and the attribute under which it does."""
    module, _, path = name.partition(":")
    *outer, attribute = path.split(".")
    try:
        owner: Any = import_module(module)
        for part in outer:
            owner = getattr(owner, part)
        found = getattr(owner, attribute)
    except (ImportError, AttributeError) as error:
        raise UnknownNameError(f"{name}: {error}; see benchmarks/stages/table.py") from error
    if not callable(found):
        raise UnknownNameError(f"{name} is no function; see benchmarks/stages/table.py")
    if isinstance(owner, type) and attribute not in vars(owner):
        # Measured here, it would be measured for this class alone, or for none.
        raise UnknownNameError(f"{name} is inherited: name the class that has it; see benchmarks/stages/table.py")
    return owner, attribute


def _replace(owner: Any, attribute: str, accounts: Accounts, stage: str) -> None:
    found = vars(owner)[attribute] if isinstance(owner, type) else getattr(owner, attribute)
    if isinstance(found, staticmethod | classmethod):
        setattr(owner, attribute, type(found)(accounts.measured(stage, found.__func__)))
    else:
        setattr(owner, attribute, accounts.measured(stage, found))
