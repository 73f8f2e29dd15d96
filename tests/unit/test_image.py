"""The image's context holds what its Dockerfile copies, and no more than it needs."""

import tomllib
from pathlib import Path

import pytest
from harness.image import ROOT, Context, copies

SOURCES = [source for sources, _ in copies() for source in sources]


@pytest.mark.parametrize("source", SOURCES)
def test_the_context_holds_every_source_that_is_copied(source: str) -> None:
    assert list(Context().files(source)), f"{source} is copied by deploy/Dockerfile, but .dockerignore keeps it out"


def test_the_context_holds_every_member_of_the_workspace() -> None:
    members = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]["members"]
    copied = {path for source in SOURCES for path in Context().files(source)}
    assert {f"{member}/pyproject.toml" for member in members} <= copied


@pytest.mark.parametrize("path", [".git/config", ".local/keys/x", "tests/conftest.py", "services/a/__pycache__/b.pyc"])
def test_the_context_leaves_out_what_no_image_needs(path: str) -> None:
    assert not Context().has(path)


@pytest.mark.parametrize(
    ("path", "kept"),
    [("a", False), ("b/c", True), ("b/c/d", True), ("b/e", False), ("b/c/x/y.pyc", False), ("f1.txt", True)],
)
def test_the_last_line_that_fits_decides(tmp_path: Path, path: str, kept: bool) -> None:
    (tmp_path / "ignore").write_text("# all\n*\n!b/c\n!f?.txt\n!f*.txt\n**/*.pyc\n")
    assert Context(tmp_path, tmp_path / "ignore").has(path) is kept
