"""The patterns of the schemas mean the same in every language: a validator in Go or Java compiles them, and takes the same."""

from collections.abc import Iterator
from typing import Any

import pytest
import re2
from pydantic import TypeAdapter, ValidationError
from schemas import all_schemas

from kontor_contracts.values import Country, Culture, Email, Id, Line, PartnerId, Text

TEXTS = (
    "",
    "Müller & Söhne GmbH",
    "two\nlines",
    "ends\n",
    "a\u2028b",
    "a\u2029b",
    "a\x85b",
    "tab\there",
    "a@b.example",
    "a@b@c",
    "a b@c.example",
    "de",
    "de-DE",
    "DE",
    "de-de",
    "4711",
    "user:1.a_b-c",
    "٣٤٥٦",
)


def patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for one in schema.values():
            yield from patterns(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from patterns(one)


ALL = sorted({found for schema in all_schemas().values() for found in patterns(schema)})


@pytest.mark.parametrize("pattern", ALL)
def test_a_pattern_compiles_in_re2(pattern: str) -> None:
    re2.compile(pattern)


def test_a_wrong_pattern_would_be_found() -> None:
    with pytest.raises(re2.error):
        re2.compile(r"^[^\u2028]+$")


@pytest.mark.parametrize("value", [Line, Email, Id, Text, Country, Culture, PartnerId])
def test_a_pattern_takes_in_re2_what_we_take(value: Any) -> None:
    adapter = TypeAdapter(value)
    (pattern,) = set(patterns(adapter.json_schema()))
    compiled = re2.compile(pattern)
    bounds = adapter.json_schema()
    for text in TEXTS:
        if bounds.get("minLength", 0) <= len(text) <= bounds.get("maxLength", 10_000) and text == text.strip():
            assert bool(compiled.search(text)) == _takes(adapter, text), repr(text)


def _takes(adapter: TypeAdapter[Any], text: str) -> bool:
    try:
        adapter.validate_python(text)
    except ValidationError:
        return False
    return True
