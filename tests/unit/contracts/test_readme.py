"""The snippets of the contracts' README do what they say."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from kontor_contracts import Envelope, decode
from kontor_contracts.topics import BY_NAME

CONTRACTS = Path(__file__).parents[3] / "contracts"
BLOCK = re.compile(r"(?P<broker><!-- needs a broker -->\n)?```python\n(?P<code>.*?)```", re.DOTALL)
BLOCKS = list(BLOCK.finditer((CONTRACTS / "README.md").read_text(encoding="utf-8")))


def test_snippets_without_a_broker_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the page, each seeing what stands above it."""
    monkeypatch.chdir(CONTRACTS)
    names: dict[str, Any] = {}
    runnable = [block["code"] for block in BLOCKS if not block["broker"]]
    assert len(runnable) == 3
    for code in runnable:
        exec(compile(code, "README.md", "exec"), names)
    envelope = names["envelope"]
    assert isinstance(envelope, Envelope)
    assert decode(names["value"], names["headers"], BY_NAME["relationships.commands"].types) == envelope


def test_snippets_with_a_broker_compile_and_name_real_topics() -> None:
    needing = [block["code"] for block in BLOCKS if block["broker"]]
    assert len(needing) == 3
    for code in needing:
        compile(code, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        assert set(re.findall(r'"([a-z]+\.(?:events|commands|snapshot))"', code)) <= set(BY_NAME)


def test_the_table_of_the_envelope_is_complete() -> None:
    text = (CONTRACTS / "README.md").read_text(encoding="utf-8")
    required = dict(re.findall(r"^\| `([a-z]+)` \| (required|optional|events) \|", text, re.MULTILINE))
    assert required.keys() == Envelope.model_fields.keys()
    for name, field in Envelope.model_fields.items():
        if field.is_required():
            assert required[name] == "required"
