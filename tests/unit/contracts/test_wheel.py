"""The package as other teams get it: a wheel that pulls pydantic only, whose README runs as printed in an empty folder."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
UV = shutil.which("uv") or str(ROOT / ".tools/bin/uv")
BLOCK = re.compile(r"(?P<broker><!-- needs a broker -->\n)?```python\n(?P<code>.*?)```", re.DOTALL)


def run(*command: object, cwd: Path) -> str:
    done = subprocess.run([str(one) for one in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT / "contracts", cwd=ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an environment that has the wheel, and what it pulls."""
    folder = tmp_path_factory.mktemp("environment")
    run(UV, "venv", "--quiet", "--python", "3.11", folder / "venv", cwd=folder)
    run(UV, "pip", "install", "--quiet", "--python", folder / "venv", wheel, cwd=folder)
    return folder / "venv/bin/python"


def test_the_wheel_pulls_pydantic_only(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as package:
        metadata = next(package.read(name).decode() for name in package.namelist() if name.endswith("METADATA"))
        names = set(package.namelist())
    needed = re.findall(r"^Requires-Dist: (.*)$", metadata, re.MULTILINE)
    assert [one for one in needed if "extra ==" not in one] == ["pydantic<3,>=2.12"]
    assert {"kontor_contracts/topics.json", "kontor_contracts/personal_data.json", "kontor_contracts/py.typed"} <= names
    assert {"kontor_contracts/testing.py"} <= names
    for folder in ("schemas", "examples"):
        there = {str(path.relative_to(ROOT / "contracts")) for path in (ROOT / "contracts" / folder).rglob("*.json")}
        assert {f"kontor_contracts/{path}" for path in there} <= names


def test_the_readme_runs_as_printed_in_an_empty_folder(python: Path, tmp_path: Path) -> None:
    text = (ROOT / "contracts/README.md").read_text(encoding="utf-8")
    blocks = [found["code"] for found in BLOCK.finditer(text) if not found["broker"]]
    assert len(blocks) >= 3
    (tmp_path / "readme.py").write_text("\n".join([*blocks, 'print("all blocks ran")']), encoding="utf-8")
    assert run(python, "readme.py", cwd=tmp_path) == "all blocks ran\n"
    assert [path.name for path in tmp_path.iterdir()] == ["readme.py"]
