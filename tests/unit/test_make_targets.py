"""`make` is the only interface to the work: it lists its targets, and texts name only what is there."""

import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^\.PHONY: (\S+)$", MAKEFILE, re.MULTILINE))
VARIABLES = set(re.findall(r"\$\((?:if |origin |filter-out \w+,)*([A-Z]+)\b", MAKEFILE))
BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"(?:^|`) *(?:if )?(?:[A-Z_]+=\S+ )*make(?P<rest>(?: [\w./=,:-]+)+)", re.MULTILINE)
TEXTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("contracts/*.md"), *ROOT.glob("services/*/*.md")]
TEXTS += [*ROOT.glob("deploy/**/*.md"), ROOT / ".ci/run"]


def make(*arguments: str) -> str:
    """What `make` prints, whatever the caller's own `make` was told."""
    ours = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", *VARIABLES}
    env = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(["make", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commands(text: str) -> Iterator[list[str]]:
    """The words behind `make`, of each command in code."""
    code = [*BLOCK.findall(text), *re.findall(r"`[^`\n]+`", BLOCK.sub("", text))]
    for one in code:
        for found in COMMAND.finditer(one):
            yield found["rest"].split()


def first_screen() -> str:
    """What a reader sees before the first heading."""
    return README.partition("\n## ")[0]


def test_make_alone_lists_every_target_with_what_it_does() -> None:
    listed = [line.split(maxsplit=1) for line in make().splitlines()]
    assert TARGETS
    assert {name for name, _ in listed} == TARGETS
    assert len(listed) == len(TARGETS)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_text_names_only_targets_and_variables_that_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = list(commands(text if path.suffix == ".md" else f"```\n{text}```"))
    words = [word for rest in found for word in rest]
    assert {word for word in words if "=" not in word} <= TARGETS
    assert {word.partition("=")[0] for word in words if "=" in word} <= VARIABLES


def test_readme_and_ci_are_looked_at() -> None:
    assert ["up", "FRESH=1"] in list(commands(README))
    assert len(list(commands("```\n" + (ROOT / ".ci/run").read_text() + "```"))) > 3


def test_the_first_screen_has_the_two_commands() -> None:
    (block,) = BLOCK.findall(first_screen())
    assert [line.partition("#")[0].split() for line in block.splitlines()] == [["make", "demo"], ["make", "test"]]
    assert "kontor_local demo" in make("-n", "demo")
    tested = make("-n", "test")
    assert "pytest" in tested and "docker" not in tested.lower() and "containers" not in tested


def test_the_first_screen_asks_for_the_python_that_is_needed() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    assert f"Python ≥ {needed}" in first_screen()
    assert str(tuple(map(int, needed.split(".")))) in MAKEFILE, (
        "the target that looks for a Python asks for another one"
    )


def test_make_up_keeps_its_data_unless_told_otherwise() -> None:
    assert "--fresh" not in make("-n", "up")
    assert "--fresh" in make("-n", "up", "FRESH=1")
