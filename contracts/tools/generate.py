"""Write what follows from the contracts: schemas, topics.json, personal_data.json, missing examples, the tables of the READMEs.

``python contracts/tools/generate.py`` writes; ``--check`` writes nothing, names every file that is out of date and every
change that breaks the promise of v1 (against ``--ref``, else what counts as released), and ends with 1 if there is any.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import acl_table
import examples
import release
import topic_table
from included import with_code
from personal_fields import personal_fields
from samples import NoSampleError
from schemas import all_schemas

ROOT = Path(__file__).resolve().parents[2]


def generated(root: Path) -> dict[Path, str]:
    """Path → text of every file that follows from the contracts, golden examples left out."""
    contracts = root / "contracts"
    files = {contracts / "schemas" / f"{type_}.json": _json(schema) for type_, schema in all_schemas().items()}
    files[contracts / "topics.json"] = _json(topic_table.as_data())
    files[contracts / "personal_data.json"] = _json(personal_fields())
    blocks = {
        "topics": topic_table.topic_table(),
        "messages": topic_table.message_table(),
        "claims": topic_table.claims_table(),
        "acls": acl_table.acl_table(),
    }
    for readme in (root / "README.md", contracts / "README.md", root / "docs" / "acls.md"):
        if readme.exists():
            text = readme.read_text(encoding="utf-8")
            for block, content in blocks.items():
                text = topic_table.put_between(text, block, content)
            files[readme] = text
    tutorial = root / "docs" / "write-a-service.md"
    if tutorial.exists():
        files[tutorial] = with_code(root, tutorial.read_text(encoding="utf-8"))
    return files


def leftovers(root: Path, known: Mapping[Path, str]) -> list[Path]:
    """Schemas of messages that are no more."""
    return [path for path in sorted((root / "contracts/schemas").glob("*")) if path not in known]


def write(root: Path) -> list[Path]:
    """Bring every file up to date; returns those that changed. An example that exists is never touched."""
    files = generated(root)
    changed = _stale(root, files)
    for path, text in changed.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    gone = leftovers(root, files)
    for path in gone:
        path.unlink()
    return [*changed, *gone]


def check(root: Path) -> list[str]:
    """What is wrong with the files under ``root``, a line each; empty if nothing is."""
    contracts = root / "contracts"
    files = generated(root)
    lines = [f"{path.relative_to(root)}: out of date, run contracts/tools/generate.py" for path in _stale(root, files)]
    lines += [f"{path.relative_to(root)}: belongs to no message" for path in leftovers(root, files)]
    lines += [f"contracts/examples/{line}" for line in examples.broken(contracts / "examples", all_schemas())]
    return lines


def _stale(root: Path, files: Mapping[Path, str]) -> dict[Path, str]:
    wanted = {**files, **examples.missing(root / "contracts" / "examples")}
    return {
        path: text for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    }


LINE_ENDS = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029"})
"""No editor shows them, and some take them for the end of a line."""


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False).translate(LINE_ENDS) + "\n"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, end with 1 if something is out of date")
    parser.add_argument("--ref", help="git ref to compare with instead of what counts as released")
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except NoSampleError as error:
        print(error, file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    if not options.check:
        for path in write(ROOT):
            print(f"wrote {path.relative_to(ROOT)}" if path.exists() else f"removed {path.relative_to(ROOT)}")
        return 0
    wrong = check(ROOT)
    print("\n".join(wrong) or "contracts: all generated files are up to date, all examples hold")
    gate = release.main([options.ref] if options.ref else [])
    return 1 if wrong or gate else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
