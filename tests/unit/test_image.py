"""The image's context holds what its Dockerfile copies, and no more than it needs."""

import re
import subprocess
import tomllib
from datetime import datetime
from pathlib import Path

import pytest
from harness.image import DOCKERFILE, ROOT, Context, copies

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


def test_the_image_says_what_it_was_built_from() -> None:
    text = DOCKERFILE.read_text()
    said = subprocess.run([ROOT / ".ci" / "version"], check=True, capture_output=True, text=True).stdout
    pairs = dict(line.split("=", 1) for line in said.splitlines())
    assert pairs.keys() == {"VERSION", "REVISION", "CREATED"}
    for name in pairs:
        assert f'image.{name.lower()}="${{{name}}}"' in text
    assert "KONTOR_VERSION=${VERSION} KONTOR_REVISION=${REVISION}" in text
    # A tag of an image takes no plus sign.
    assert re.fullmatch(r"[\w.-]+", pairs["VERSION"])
    assert re.fullmatch(r"[0-9a-f]{40}", pairs["REVISION"])
    assert datetime.fromisoformat(pairs["CREATED"]).tzinfo is not None


def test_what_builds_the_image_is_pinned() -> None:
    assert "--require-hashes -r deploy/uv.txt" in DOCKERFILE.read_text()
    lines = (ROOT / "deploy" / "uv.txt").read_text().splitlines()
    assert [line for line in lines if line.startswith("uv==")]
    assert len([line for line in lines if "--hash=sha256:" in line]) > 5
