"""What a dependency of an endpoint says of it in the OpenAPI document.

FastAPI reads that off a dependency's parameters, and resolves them in every request, which takes longer than what most of
ours do. So these have none but the request and say by themselves what they need.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from fastapi.dependencies.models import Dependant

Operation = dict[str, Any]
Say = Callable[[Operation], None]
Dependency = TypeVar("Dependency", bound=Callable[..., Any])


def says(dependency: Dependency, say: Say) -> Dependency:
    """``say`` adds to the operation what ``dependency`` needs."""
    dependency.says = say  # type: ignore[attr-defined]
    return dependency


def sayings(dependant: Dependant) -> Iterator[Say]:
    """Of all that an endpoint depends on, in order."""
    for needed in dependant.dependencies:
        yield from sayings(needed)
        if (say := getattr(needed.call, "says", None)) is not None:
            yield say
