"""Pages that show code: each block between ``<!-- code: <file> [names] -->`` and ``<!-- /code -->`` is the file's own text."""

import ast
import re
from pathlib import Path

BLOCK = re.compile(r"(?P<begin><!-- code: (?P<path>\S+)(?P<names>[^\n]*?) -->\n).*?(?P<end><!-- /code -->)", re.DOTALL)


def with_code(root: Path, text: str) -> str:
    """``text`` with its blocks as the files under ``root`` have them now. LookupError names what is no more there."""

    def block(found: re.Match[str]) -> str:
        code = _shown(root / found["path"], found["names"].split())
        return f"{found['begin']}```python\n{code.strip()}\n```\n{found['end']}"

    return BLOCK.sub(block, text)


def _shown(path: Path, names: list[str]) -> str:
    """The whole file, or the classes, functions and assignments with these names in the order of the file."""
    source = path.read_text(encoding="utf-8")
    if not names:
        return source
    nodes = {name: node for node in ast.parse(source).body for name in _names(node)}
    if unknown := [name for name in names if name not in nodes]:
        raise LookupError(f"{path} has no {', '.join(unknown)}")
    lines = source.splitlines()
    wanted = sorted((nodes[name] for name in names), key=_first)
    return "\n\n\n".join("\n".join(lines[_first(node) - 1 : node.end_lineno]) for node in wanted)


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _names(node: ast.stmt) -> list[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case _:
            return []
