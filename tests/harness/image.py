"""The image without an engine: what its context holds, and the steps of its Dockerfile in a folder of our own."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
IGNORE = ROOT / ".dockerignore"
BUILD_WITHIN = 240


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction of the build stage. ``mount=…`` options of RUN are left out."""

    word: str
    arguments: tuple[str, ...]


def steps(dockerfile: Path = DOCKERFILE) -> list[Step]:
    """The first stage, which is the one that builds."""
    text = dockerfile.read_text().replace("\\\n", " ")
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    starts = [number for number, line in enumerate(lines) if line[0] == "FROM"]
    found = lines[starts[0] + 1 : starts[1]]
    return [Step(line[0], tuple(part for part in line[1:] if not part.startswith("--mount="))) for line in found]


def copies(dockerfile: Path = DOCKERFILE) -> list[tuple[tuple[str, ...], str]]:
    """Sources and destination of each COPY from the context."""
    return [(step.arguments[:-1], step.arguments[-1]) for step in steps(dockerfile) if step.word == "COPY"]


class Context:
    """The files of the repository that the ignore file leaves to an engine: the last line that fits a path decides."""

    def __init__(self, root: Path = ROOT, ignore: Path = IGNORE) -> None:
        self._root = root
        lines = [line.strip() for line in ignore.read_text().splitlines()]
        self._rules = [
            (_pattern(line.removeprefix("!")), line.startswith("!")) for line in lines if line and line[0] != "#"
        ]

    def has(self, path: str) -> bool:
        kept = True
        places = [path, *(str(parent) for parent in PurePosixPath(path).parents)]
        for pattern, keeps in self._rules:
            if any(pattern.fullmatch(place) for place in places):
                kept = keeps
        return kept

    def files(self, source: str) -> Iterator[str]:
        """All files of a COPY source that an engine would find."""
        start = self._root / source
        found = sorted(start.rglob("*")) if start.is_dir() else [start]
        for file in found:
            path = file.relative_to(self._root).as_posix()
            if file.is_file() and self.has(path):
                yield path


def _pattern(line: str) -> re.Pattern[str]:
    """``*`` within one name, ``**`` over any number of folders."""
    parts = [re.escape(part).replace(r"\*", "[^/]*") for part in line.strip("/").split("**/")]
    return re.compile("(?:.*/)?".join(parts))


def build(service: str, folder: Path) -> Path:
    """Do what the build stage does, below ``folder``; the Python of the environment that comes of it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "VIRTUAL_ENV", "KONTOR_"))}
    env |= {"SERVICE": service, "UV_PYTHON": sys.executable}
    work, context = folder, Context()
    for step in steps():
        match step.word:
            case "ENV":
                env |= dict(pair.split("=", 1) for pair in step.arguments)
                env["UV_PROJECT_ENVIRONMENT"] = _below(folder, env["UV_PROJECT_ENVIRONMENT"])
            case "WORKDIR":
                work = Path(_below(folder, step.arguments[0]))
                work.mkdir(parents=True)
            case "COPY":
                _copy(context, step.arguments[:-1], work, step.arguments[-1])
            case "RUN" if step.arguments[0] == "uv":
                _uv(" ".join(step.arguments[1:]), work, env)
    return Path(env["UV_PROJECT_ENVIRONMENT"]) / "bin" / "python"


def _below(folder: Path, absolute: str) -> str:
    return str(folder / absolute.lstrip("/"))


def _copy(context: Context, sources: tuple[str, ...], work: Path, destination: str) -> None:
    for source in sources:
        inside = (ROOT / source).is_dir()
        for path in context.files(source):
            # Of a folder its content is copied, of a file the file itself.
            name = PurePosixPath(path).relative_to(source) if inside else PurePosixPath(path).name
            whole = not inside and not destination.endswith("/")
            target = work / destination if whole else work / destination / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, target)


def _uv(arguments: str, work: Path, env: dict[str, str]) -> None:
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    done = subprocess.run(
        f"exec {uv} {arguments}",
        shell=True,
        cwd=work,
        env=env,
        capture_output=True,
        text=True,
        timeout=BUILD_WITHIN,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"uv {arguments}\n{done.stdout}{done.stderr}")
