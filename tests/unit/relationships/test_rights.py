"""Outside the domain nobody infers a right from a document that exists."""

import ast
from pathlib import Path

import pytest

SERVICE = Path(__file__).parents[3] / "services/relationships/src/relationships"
HELD = {"company", "partnership", "relationships"}
"""What documents hold, whether or not it is active. Domain functions such as ``active_partnership`` ask the aggregate."""
MAY_READ = {"documents.py": "indexes and unique values", "lookups.py": "present names of companies"}


def readings(source: str) -> set[str]:
    """The attributes of ``HELD`` that a module reads off another object than itself."""
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute))
    return {node.attr for node in nodes if node.attr in HELD}


@pytest.mark.parametrize("path", sorted(SERVICE.rglob("*.py")), ids=lambda path: str(path.relative_to(SERVICE)))
def test_only_the_domain_reads_what_may_have_ended(path: Path) -> None:
    if "domain" in path.relative_to(SERVICE).parts or path.name in MAY_READ:
        return
    assert not readings(path.read_text()), f"{path.name}: ask the domain, such as active_partnership(state)"


def test_the_rule_finds_an_inference_from_existence() -> None:
    assert readings("connected = pair is not None and pair.partnership") == {"partnership"}
    assert readings("viewer = state.company if state else None") == {"company"}


def test_lookups_return_types() -> None:
    tree = ast.parse((SERVICE / "lookups.py").read_text())
    functions = [node for node in tree.body if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)]
    assert functions
    for function in functions:
        returned = ast.unparse(function.returns) if function.returns else ""
        assert returned and "Any" not in returned and "object" not in returned, function.name
