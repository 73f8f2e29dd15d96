"""``python -m benchmarks.servers``: build what makes the figures better, with the machine's Go and Rust, once, in some minutes.

OpenFGA and SpiceDB, to compare authorization checks with; and the embedded database's server in Rust, which takes little
of the two processors that the measured service is to have. They are needed for nothing else, and stay under ``.local``.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

TOOLS = Path(".local/tools/bin")
OPENFGA = "github.com/openfga/openfga/cmd/openfga@v1.11.0"
# The newest that needs no Go later than 1.26.6.
SPICEDB = "github.com/authzed/spicedb/cmd/spicedb@v1.56.2"
SECANTUSD = "secantus-mdb@0.5.3-beta.196"
SECANTUSD_BINARY = "secantusd-rs"


def found(name: str) -> Path | None:
    """The program, if it was built or is on PATH."""
    built = TOOLS / name
    if built.exists():
        return built.resolve()
    return Path(there) if (there := shutil.which(name)) else None


def secantusd() -> list[str]:
    # Its package asks for a newer compiler than it needs.
    return ["cargo", "install", SECANTUSD, "--locked", "--ignore-rust-version", "--root", str(TOOLS.parent)]


def build() -> int:
    """0 when all are there. What cannot be built is said, and the rows that need it say so again."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name, command in (
        ("openfga", ["go", "install", OPENFGA]),
        ("spicedb", ["go", "install", SPICEDB]),
        (SECANTUSD_BINARY, secantusd()),
    ):
        if found(name):
            continue
        if not shutil.which(command[0]):
            print(f"!!! {name} NOT BUILT: it needs {command[0]}, which is not here")  # noqa: T201
            failed += 1
            continue
        env = {**os.environ, "GOBIN": str(TOOLS.resolve()), "CGO_ENABLED": "0"} if command[0] == "go" else None
        failed += subprocess.run(command, env=env, check=False).returncode != 0
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(build())
