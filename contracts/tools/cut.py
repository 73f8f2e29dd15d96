"""Make a release of the contracts: ``python contracts/tools/cut.py``, once the version in ``contracts/pyproject.toml`` is raised.

Writes ``contracts/released.json``, with which the gate compares from then on. Refused where something breaks the promise to
those who have the release before.
"""

import sys
import tomllib

import topic_table
from release import compared, report
from released import RELEASED, ROOT, Released, last_release, written
from schemas import all_schemas


def main() -> int:
    project = tomllib.loads((ROOT / "contracts" / "pyproject.toml").read_text(encoding="utf-8"))
    version, last = project["project"]["version"], last_release()
    if last is not None:
        if last.version == version:
            print(f"{version} is released; raise the version in contracts/pyproject.toml first", file=sys.stderr)
            return 1
        found = compared(last)
        print("\n".join(report(found, f"release {last.version}")))
        if any(finding.severity == "breaking" for finding in found):
            return 1
    text = written(Released(version, topic_table.as_data(), all_schemas()))
    (ROOT / RELEASED).write_text(text, encoding="utf-8", newline="\n")
    print(
        f"wrote {RELEASED}. Date the version in contracts/CHANGELOG.md, commit both, and: git tag contracts-{version}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
