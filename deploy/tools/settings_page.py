"""docs/operating/settings.md: every setting of every service, with its default and what it means."""

import ast
import inspect
import re
from collections.abc import Mapping
from typing import Any

import topic_table
from applications import settings_class
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

import chassis
from kontor_contracts.topics import SERVICES

HEAD = """\
# Settings

Environment variables, read once at the start. Each name has the prefix `KONTOR_`. Durations are seconds unless the text says
otherwise; lists and maps are JSON; secrets are files. A wrong setting ends the service with exit code 2 and a line that names
variable, file and remedy. The chart sets what it can; the rest goes to `services.<service>.settings` of its values.

Written by `make generate` from the services' settings classes.
"""


def page() -> str:
    shared = meanings(chassis.Settings)
    parts = [HEAD, "## Every service\n", _table(chassis.Settings, set(chassis.Settings.model_fields), shared)]
    for service in SERVICES:
        own = settings_class(service)
        names = {name for name, field in own.model_fields.items() if _differs(name, field)}
        parts += [f"\n## {service}\n", _table(own, names, {**shared, **meanings(own)})]
    return "\n".join(parts) + "\n"


def meanings(settings: type[BaseSettings]) -> Mapping[str, str]:
    """Setting → the text below it in the source, or its description. Those of base classes come first."""
    found: dict[str, str] = {}
    for part in reversed(settings.__mro__):
        if issubclass(part, BaseSettings) and part is not BaseSettings:
            found |= _texts(part)
    return found


def default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None:
        return "by the machine"
    value: Any = field.default
    if value is None or value in ((), "", frozenset()):
        return "none"
    if isinstance(value, tuple):
        return f"`{list(value)}`"
    return f"`{value}`"


def _differs(name: str, field: FieldInfo) -> bool:
    shared = chassis.Settings.model_fields.get(name)
    return shared is None or shared.annotation != field.annotation or shared.description != field.description


def _table(settings: type[BaseSettings], names: set[str], texts: Mapping[str, str]) -> str:
    rows = []
    for name, field in settings.model_fields.items():
        if name in names:
            text = texts.get(name) or _sentence(field.description or "")
            rows.append((f"`KONTOR_{name.upper()}`", default(field), _cell(text)))
    return topic_table.table(("variable", "default", "meaning"), rows)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" + ("." if text else "")


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("``", "`")).replace("|", "\\|").strip()


def _texts(part: type[BaseSettings]) -> dict[str, str]:
    body = ast.parse(inspect.getsource(part)).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    name = ""
    for node in body.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and name:
            found[name] = str(node.value.value)
            name = ""
        else:
            name = ""
    return found
