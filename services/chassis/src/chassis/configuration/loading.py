"""Reads the settings from the environment. A fault is one line that names the variable, the file and the remedy."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import AfterValidator, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python
from pydantic_settings import BaseSettings

S = TypeVar("S", bound=BaseSettings)

PREFIX = "KONTOR_"
WRONG = 2
"""Exit code: nothing is wrong with any server, and starting again changes nothing."""
OTHERS = re.compile(r"KONTOR_(SERVICE|OPERATOR|URL|TOKEN_FILE|TEST_.*|REPLICATION_FACTOR|MIN_INSYNC_REPLICAS)")
"""Variables with our prefix that are meant for somebody else: images, the topics job, the command line, tests."""
KUBERNETES = re.compile(r"KONTOR_(.*_SERVICE_HOST|.*_SERVICE_PORT(_.*)?|.*_PORT(_\d+_.*)?)")
"""What Kubernetes sets for each Service object. One that resembles a setting may as well be a misspelt setting."""


class SettingError(Exception):
    """A setting cannot be right, which shows only when it is used. The text names the variable and the remedy."""


def load(settings: type[S]) -> S:
    """The settings. Where they are wrong, say so on standard error and end the process with 2."""
    try:
        return read(settings)
    except SettingError as error:
        refuse(str(error))


def read(settings: type[S]) -> S:
    """The same for callers that go on. Raises SettingError with all faults, one a line."""
    faults = list(_no_json(settings))
    try:
        with _without(_variable(name) for name, _ in faults):
            found = settings()
    except ValidationError as error:
        faults += [(str(one["loc"][:1]), _told(settings, one)) for one in error.errors()]
    else:
        if not faults:
            return found
    raise SettingError("\n".join([*(text for _, text in faults), *map(suggestion, unknown(settings))]))


def unknown(settings: type[BaseSettings]) -> list[tuple[str, str]]:
    """Variables with our prefix that mean nothing here, each with the nearest name that does; empty where none is near."""
    known = [_variable(name) for name in settings.model_fields]
    names = {name.upper() for name in os.environ}
    strange = sorted(
        name for name in names if name.startswith(PREFIX) and name not in known and not OTHERS.fullmatch(name)
    )
    found = [(name, next(iter(get_close_matches(name, known, n=1, cutoff=0.75)), "")) for name in strange]
    return [(name, near) for name, near in found if near or not KUBERNETES.fullmatch(name)]


def summary(settings: BaseSettings) -> list[str]:
    """Each setting with its value, secrets hidden; what is not the default is marked."""
    lines = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        shown = (
            "(set, not shown)"
            if isinstance(value, SecretStr)
            else json.dumps(to_jsonable_python(value), ensure_ascii=False)
        )
        mark = "" if not field.is_required() and value == field.get_default(call_default_factory=True) else " *"
        lines.append(f"{_variable(name)}={shown}{mark}")
    return lines


def refuse(text: str) -> NoReturn:
    """End the process because of its settings."""
    sys.stderr.write(text + "\n")
    sys.exit(WRONG)


def readable(use: Callable[[Path], object] = Path.read_bytes, what: str = "") -> AfterValidator:
    """The file is there, we may read it, and ``use`` can do something with it (``what`` it should hold)."""

    def check(file: Path) -> Path:
        try:
            file.read_bytes()
        except OSError as error:
            raise ValueError(f"{file}: {error.strerror}; mount the file there, readable by this user") from error
        try:
            use(file)
        except Exception as error:
            # What else the error says may quote the file, which is a secret.
            raise ValueError(f"{file} does not hold {what or 'what it should'} ({type(error).__name__})") from error
        return file

    return AfterValidator(check)


def _variable(field: str) -> str:
    return PREFIX + field.upper()


def _is_json(field: FieldInfo) -> bool:
    return any(one in str(field.annotation) for one in ("tuple[", "list[", "dict[", "set["))


@contextmanager
def _without(variables: Iterable[str]) -> Iterator[None]:
    """What cannot even be parsed would hide all other faults."""
    taken = {name: os.environ.pop(name) for name in variables if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)


def _no_json(settings: type[BaseSettings]) -> Iterator[tuple[str, str]]:
    for name, field in settings.model_fields.items():
        text = os.environ.get(_variable(name))
        if text is not None and _is_json(field):
            try:
                json.loads(text)
            except ValueError:
                yield name, f'{_variable(name)}={text} is no JSON. Write a list, such as ["a", "b"].'


def _told(settings: type[BaseSettings], error: Any) -> str:
    text = str(error["msg"]).removeprefix("Value error, ")
    if not error["loc"]:
        return text
    name = str(error["loc"][0])
    field = settings.model_fields[name]
    variable = _variable(name)
    if error["type"] == "missing":
        return f"{variable} is not set. Set it to {field.description or 'a value'}."
    if field.annotation is SecretStr or name.endswith("_file") or error["type"] == "value_error":
        return f"{variable}: {text}."
    remedy = (
        ""
        if field.is_required()
        else f" or leave it out; the default is {field.get_default(call_default_factory=True)}"
    )
    return f"{variable}={error['input']}: {text}. Correct it{remedy}."


def suggestion(pair: tuple[str, str]) -> str:
    name, near = pair
    return f"{name} is not a setting." + (f" Did you mean {near}?" if near else "")
