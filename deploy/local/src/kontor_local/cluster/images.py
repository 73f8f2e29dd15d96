"""The images that pods run, as archives that containerd imports: there is no registry."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from kontor_contracts.topics import SERVICES
from kontor_local.cluster import programs
from kontor_local.cluster.configuration import PAUSE_IMAGE

BUILD = programs.ROOT / ".ci" / "image"
ENGINE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kontor-image"
"""Where .ci/image has its images."""
ARCHIVES = programs.CACHE / "images"
REPOSITORY = "docker.io/kontor"
TAG = "here"
"""Of the images built from this working tree."""
INTO_IMAGES = ("contracts", "services", "deploy/cli", "deploy/Dockerfile", "deploy/uv.txt", "pyproject.toml", "uv.lock")


def write_archives(folder: Path) -> None:
    """Put archives of the pause image and of all services' images into ``folder``, built by deploy/Dockerfile where they are not.

    Raises ClusterUnavailableError where images cannot be built here.
    """
    ARCHIVES.mkdir(parents=True, exist_ok=True)
    state = _state()
    archives = [_pause(), *(_service(service, state) for service in SERVICES)]
    folder.mkdir(parents=True)
    for archive in archives:
        (folder / archive.name).symlink_to(archive)


def _state() -> str:
    """Changes with every file that goes into an image."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *INTO_IMAGES],
        cwd=programs.ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found = hashlib.sha256()
    for name in sorted(filter(None, listed.stdout.split("\0"))):
        path = programs.ROOT / name
        if path.is_file():
            found.update(name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:12]


def _service(service: str, state: str) -> Path:
    name = f"kontor-{service}"
    archive = ARCHIVES / f"{name}-{state}.tar"
    if not archive.exists():
        print(f"building the image of {service} …", flush=True)
        done = subprocess.run([str(BUILD), service], check=False, capture_output=True, text=True)
        if done.returncode:
            raise programs.ClusterUnavailableError(
                f"no image of {service} could be built: {done.stderr.strip()[-500:]}"
            )
        _write(f"localhost/{name}", f"{REPOSITORY}/{name}:{TAG}", archive)
    return archive


def _pause() -> Path:
    archive = ARCHIVES / "pause.tar"
    if not archive.exists():
        container = _engine("from", "scratch")
        _engine("add", "--quiet", container, str(programs.BIN / "pause"), "/pause")
        _engine("config", "--entrypoint", '["/pause"]', "--user", "65535:65535", container)
        _engine("commit", "--quiet", "--rm", container, "localhost/pause")
        _write("localhost/pause", PAUSE_IMAGE, archive)
    return archive


def _write(image: str, name: str, archive: Path) -> None:
    for old in ARCHIVES.glob(f"{image.rpartition('/')[2]}*"):
        old.unlink()
    draft = archive.with_suffix(".draft")
    _engine("push", "--quiet", image, f"oci-archive:{draft}:{name}")
    draft.rename(archive)


def _engine(*arguments: str) -> str:
    command = [shutil.which("buildah") or "buildah", "--root", str(ENGINE / "images"), "--runroot", str(ENGINE / "run")]
    env = os.environ | {"STORAGE_DRIVER": "vfs"}
    done = subprocess.run([*command, *arguments], env=env, check=False, capture_output=True, text=True)
    if done.returncode:
        raise programs.ClusterUnavailableError(f"buildah {arguments[0]}: {done.stderr.strip()[-500:]}")
    return done.stdout.strip()
