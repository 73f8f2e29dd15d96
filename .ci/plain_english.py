"""Refuse turns of phrase that readers stumble over, and log events that are sentences. ``python .ci/plain_english.py``.

It names each with its plain form. It looks at every text that git tracks, generated files and golden examples left out (those are
never edited). The first argument of a log call is a name that an alert can use: ``topic_read_failed``; details are fields.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

TURNS = {
    r"\bof wh(?:ich|om)\b": "start a new sentence",
    r"\bwho(?:m|ever|so)\b": "name the person or thing",
    r"\bwhose it is\b": "name the owner",
    r"\b(?:afresh|anew)\b": "again",
    r"\bin vain\b": "without effect",
    r"\bgainsay\w*": "contradict",
    r"\blest\b": "so that … does not",
    r"\bhence\b": "so",
    r"\bthere(?:by|upon|of|in)\b": "say what it refers to",
    r"\bin the clear\b": "in plain text",
    r"\bin (?:the )?place of\b": "instead of",
    r"(?-i:\bin quiet\b)": "idle",
    r"\bby turns\b": "interleaved",
    r"\bis told\b|\bare told\b": "say who sends what to whom",
    r"\bas it were\b|\bso to speak\b": "leave it out",
    r"\bsomebody else's word\b": "name the standard",
    r"\bnobody (?:\w+ ){0,3}(?:none|nothing|no)\b": "one negation",
}
SKIPPED = (
    "contracts/schemas/",
    "contracts/examples/",
    "contracts/asyncapi/",
    "contracts/openapi/",
    "LICENSE",
    # A signed text: other words would be another version, which every partner would have to sign.
    "services/enrollment/src/enrollment/data/agreements.json",
    ".ci/plain_english.py",
)
SUFFIXES = {".py", ".md", ".toml", ".json", ".html", ".jinja", ".yaml", ".yml", ".css", ".js", ""}
PATTERN = re.compile("|".join(f"(?P<t{number}>{turn})" for number, turn in enumerate(TURNS)), re.IGNORECASE)
REMEDIES = list(TURNS.values())


def findings(path: str, text: str) -> list[str]:
    """A line for each turn: place, words, remedy."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        for match in PATTERN.finditer(line):
            remedy = REMEDIES[int((match.lastgroup or "t0")[1:])]
            found.append(f"{path}:{number}: {match[0]!r}: {remedy}")
    return found


LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
EVENT = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
LOGGED = ("services/", "deploy/")


def log_events(path: str, text: str) -> list[str]:
    """A line for each log call whose first argument is no literal event name in snake_case."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
            continue
        logger = ast.unparse(node.func.value).partition("(")[0].rpartition(".")[2].removesuffix(".bind")
        if not re.fullmatch(r"_?log(ger)?|bind", logger) or not node.args:
            continue
        first = node.args[0]
        if not (isinstance(first, ast.Constant) and isinstance(first.value, str) and EVENT.fullmatch(first.value)):
            found.append(
                f"{path}:{node.lineno}: log event {ast.unparse(first)}: a name in snake_case, details as fields"
            )
    return found


def main() -> int:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines: list[str] = []
    for name in listed.splitlines():
        path = ROOT / name
        if path.suffix in SUFFIXES and path.is_file() and not name.startswith(SKIPPED) and name != "uv.lock":
            text = path.read_text(encoding="utf-8", errors="ignore")
            lines += findings(name, text)
            if path.suffix == ".py" and name.startswith(LOGGED):
                lines += log_events(name, text)
    print("\n".join(lines) or "plain English: nothing to change")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
