"""README's recipe "Adding a behaviour" is the whole change: it is made in a copy of the tree, which then passes the checks."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STEP = re.compile(r"<!-- recipe: (?P<where>.+?) -->\n```\w+\n(?P<code>.*?)```\n", re.DOTALL)
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".tools", ".local", "__pycache__", ".hypothesis", ".mypy_cache", "dist"
)
BIN = Path(sys.executable).parent
SOURCES = ("contracts/src", "contracts/tools", "deploy/local/src", "deploy/cli/src", "tests")
DOMAIN = "services/enrollment/src/enrollment/domain/enrollment"
IMPORTS = {
    f"{DOMAIN}/facts.py": {"    ContactVerified,\n": "    CallRequested,\n"},
    f"{DOMAIN}/evolve/history.py": {
        "from kontor_contracts.enrollment import AgreementSigned,": " CallRequested,",
    },
    f"{DOMAIN}/decide.py": {
        "from enrollment.domain.enrollment.deadlines import Elapse, elapse\n": (
            "from enrollment.domain.enrollment.calls import RequestCall, request_call\n"
        ),
    },
    "tests/unit/enrollment/course.py": {
        "from enrollment.domain.enrollment.deadlines import Elapse\n": (
            "from enrollment.domain.enrollment.calls import RequestCall\n"
        ),
    },
    "services/enrollment/src/enrollment/api/admission.py": {
        "from enrollment.domain.enrollment.application import Submit\n": (
            "from enrollment.domain.enrollment.calls import RequestCall\n"
        ),
    },
}
"""The page leaves imports out. By file: what the import stands behind."""
CONCERNED = (
    "tests/unit/enrollment/test_calls.py",
    "tests/unit/enrollment/test_state_diagram.py",
    "tests/unit/contracts/test_examples.py",
    "tests/unit/test_endpoint_tables.py",
    "tests/unit/test_problem_codes.py",
)
"""The tests that the page adds, and those that ask for a sample, a line in a table, or a meaning, as it says."""


@dataclass(frozen=True, slots=True)
class Step:
    path: str
    how: str
    anchor: str
    code: str

    def make(self, root: Path) -> None:
        path = root / self.path
        if self.how == "new":
            path.write_text(self.code, encoding="utf-8")
            return
        text = path.read_text(encoding="utf-8")
        path.write_text(self._replaced(text) if self.how == "replace" else self._inserted(text), encoding="utf-8")

    def _inserted(self, text: str) -> str:
        lines = text.splitlines(keepends=True)
        found = [number for number, line in enumerate(lines) if line.strip().startswith(self.anchor)]
        assert len(found) == 1, f"README: {self.anchor!r} begins {len(found)} lines of {self.path}"
        place = found[0] + (self.how == "after")
        code = re.sub(r"^\+", "", self.code, flags=re.MULTILINE)
        return "".join([*lines[:place], code, *lines[place:]])

    def _replaced(self, text: str) -> str:
        for old, new in re.findall(r"^-(.*\n)((?:\+.*\n)+)", self.code, re.MULTILINE):
            assert text.count(old) == 1, f"README: {old!r} is {text.count(old)} times in {self.path}"
            text = text.replace(old, re.sub(r"^\+", "", new, flags=re.MULTILINE))
        return text


def steps() -> Iterator[Step]:
    for found in STEP.finditer((ROOT / "README.md").read_text(encoding="utf-8")):
        path, how, anchor = [*(part.strip() for part in found["where"].split(" | ", 2)), ""][:3]
        yield Step(path, how, anchor, found["code"])


@pytest.fixture(scope="module")
def mypy(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The type checker, which reads the libraries once for all tests of this module."""
    cache = tmp_path_factory.mktemp("mypy")
    if (ROOT / ".mypy_cache").exists():
        shutil.copytree(ROOT / ".mypy_cache", cache, dirs_exist_ok=True)
    return ("mypy", "--cache-dir", str(cache))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository. Its contracts count as released."""
    copy = tmp_path_factory.mktemp("recipe") / "kontor"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    git(copy, "init", "-q", "-b", "main")
    git(copy, "add", ".")
    git(copy, "commit", "-q", "-m", "Release")
    return copy


@pytest.fixture
def tree(copy: Path) -> Path:
    """The copy as it was committed, whatever the test before made of it."""
    git(copy, "reset", "-q", "--hard")
    git(copy, "clean", "-q", "-d", "--force")
    return copy


def git(tree: Path, *command: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.test", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(tree), *identity, *command], check=True)


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """With the packages of the copy instead of the installed ones."""
    sources = [*(tree / part for part in SOURCES), *tree.glob("services/*/src")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sources))}
    tool = [str(BIN / command[0]), *command[1:]]
    return subprocess.run(tool, cwd=tree, env=env, capture_output=True, text=True, check=False)


def passes(tree: Path, *command: str) -> str:
    done = run(tree, *command)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout


def add_imports(tree: Path) -> None:
    for name, imports in IMPORTS.items():
        path = tree / name
        text = path.read_text(encoding="utf-8")
        for behind, wanted in imports.items():
            assert behind in text, f"{name} has no {behind!r}"
            text = text.replace(behind, behind + wanted, 1)
        path.write_text(text, encoding="utf-8")


def test_the_readmes_recipe_is_the_whole_change(tree: Path, mypy: tuple[str, ...]) -> None:
    for step in steps():
        step.make(tree)
    add_imports(tree)
    written = passes(tree, "python", "contracts/tools/generate.py")
    assert "contracts/schemas/kontor.enrollment.call-requested.v1.json" in written
    passes(tree, "ruff", "check", "--fix-only", "--quiet")
    passes(tree, "ruff", "format", "--quiet")
    passes(tree, "ruff", "check")
    passes(
        tree, *mypy, "contracts", "services/enrollment", "tests/unit/enrollment", "tests/service/permission_doors.py"
    )
    passes(tree, "lint-imports")
    assert "1 new messages" in passes(tree, "python", "contracts/tools/generate.py", "--check")
    passes(tree, "pytest", "-q", "-p", "no:cacheprovider", *CONCERNED)


def test_a_message_without_a_sample_names_the_file_that_wants_one(tree: Path) -> None:
    for step in steps():
        if step.path == "contracts/src/kontor_contracts/enrollment/reviews.py":
            step.make(tree)
    done = run(tree, "python", "contracts/tools/generate.py")
    assert done.returncode == 1
    assert "add one of CallRequested to contracts/tools/samples/enrollment.py" in done.stderr


def test_mypy_names_the_place_that_does_not_know_the_new_fact(tree: Path, mypy: tuple[str, ...]) -> None:
    for step in steps():
        if not step.path.endswith("domain/enrollment/evolve/history.py"):
            step.make(tree)
    add_imports(tree)
    done = run(tree, *mypy, "services/enrollment/src/enrollment/domain")
    assert done.returncode == 1
    assert re.search(
        r"domain/enrollment/evolve/__init__\.py:\d+: error: Argument 2 to \"advanced\" has incompatible type",
        done.stdout,
    ), done.stdout
