"""Today's topics and schemas against the released ones, and in which order a change goes out.

Run on its own: ``python contracts/tools/release.py [<git ref>]``. Ends with 1 if a change breaks the promise of v1.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import topic_table
from compatibility import Schema, compare
from promise import Change, Finding, Kind
from released import RELEASED, Released, last_release, parsed
from schemas import all_schemas
from topic_promise import compare_topics

from kontor_contracts.topics import TOPICS, Topic

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = "contracts/schemas"
EXAMPLES = "contracts/examples"


def released_ref() -> str | None:
    """What counts as released unless told: the main branch of origin, else the local one, else the last tag."""
    for ref in ("origin/main", "main"):
        if _git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}") is not None:
            return ref
    tag = _git("describe", "--tags", "--abbrev=0")
    return tag.strip() if tag else None


def released_schemas(ref: str) -> dict[str, Schema]:
    """Wire type → schema as it stands at ``ref``. Raises LookupError if there is no such ref."""
    listing = _git("ls-tree", "-r", "--name-only", ref, "--", SCHEMAS)
    if listing is None:
        raise LookupError(f"git knows no {ref}")
    paths = [Path(line) for line in listing.splitlines() if line.endswith(".json")]
    return {path.stem: json.loads(_git("show", f"{ref}:{path.as_posix()}") or "{}") for path in paths}


def findings(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[Finding]:
    """Every difference between two sets of schemas."""
    found: list[Finding] = []
    for type_ in sorted({*old, *new}):
        found += compare(type_, _kind(type_), old.get(type_), new.get(type_))
    return found


def edited_examples(ref: str) -> list[str]:
    """Golden examples that do not stand as they were released; they are evidence of what was once sent."""
    changed = _git("diff", "--name-only", "--diff-filter=MDR", "--no-renames", ref, "--", EXAMPLES) or ""
    return [f"breaking  {path}: an example is never edited, add another beside it" for path in changed.splitlines()]


def rollout(found: list[Finding]) -> list[str]:
    """A line per changed message: who is deployed first. Silent about messages that may not change like this."""
    stuck = {finding.type for finding in found if finding.severity == "breaking"}
    topics = {message.TYPE: topic for topic in TOPICS for message in topic.messages}
    lines = []
    for type_ in dict.fromkeys(
        finding.type for finding in found if finding.type not in stuck and finding.type in topics
    ):
        changes = {finding.change for finding in found if finding.type == type_}
        lines.append(f"{type_}: {_order(topics[type_], changes)}")
    return lines


def report(found: list[Finding], ref: str) -> list[str]:
    """What the gate prints."""
    if found and all(finding.change == "new" for finding in found):
        return [f"compared with {ref}: {len(found)} new messages; consumers first, or they pass over the first ones"]
    lines = [f"compared with {ref}: {len(found)} differences", *map(str, found)]
    if any(finding.severity == "breaking" for finding in found):
        lines.append("breaking within v1: publish a v2 type beside it instead (contracts/README.md, deprecation)")
    return [*lines, *(f"rollout   {line}" for line in rollout(found))]


def edited_release(ref: str, last: Released | None) -> list[str]:
    """A release never changes: those who have installed it would have something else."""
    then = _git("show", f"{ref}:{RELEASED}")
    before = parsed(then) if then else None
    if before is None or (last is not None and (last == before or last.version != before.version)):
        return []
    return [
        f"breaking  {RELEASED}: release {before.version} was edited; raise the version and run contracts/tools/cut.py"
    ]


def _order(topic: Topic, changes: set[Change]) -> str:
    writers, readers = (
        f"producers ({', '.join(topic.producers)})",
        f"consumers ({', '.join(topic.consumers) or 'none'})",
    )
    # An event's new field is ignored by who does not know it yet; everything else must be understood before it is sent.
    if topic.kind == "events" and changes == {"added"}:
        return f"{writers} first, then {readers}"
    return f"{readers} first, then {writers}"


def _kind(type_: str) -> Kind:
    """A type that no topic carries any more is judged as an event; it is breaking either way."""
    for topic in TOPICS:
        if type_ in topic.types:
            return cast("Kind", topic.kind)
    return "events"


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words and a ref that the developer gave
            ["git", "-C", str(ROOT), *arguments],  # noqa: S607 - whichever git the developer uses
            capture_output=True,
            check=False,
            encoding="utf-8",
        )
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def compared(released: Released) -> list[Finding]:
    """Every difference between a release and what stands here: of topics, then of messages."""
    return [
        *compare_topics(released.topics, topic_table.as_data()),
        *findings(released.schemas, all_schemas()),
    ]


def main(arguments: list[str]) -> int:
    """Compare with the last release, and with what is on the main branch beside it."""
    wrong = []
    if (last := last_release(ROOT)) is not None:
        wrong += judged(compared(last), f"release {last.version}")
    ref = arguments[0] if arguments else released_ref()
    if ref is None:
        if last is None:
            print("nothing is released yet: no release, no main branch and no tag")
    else:
        try:
            wrong += judged(findings(released_schemas(ref), all_schemas()), ref)
        except LookupError as error:
            print(error)
            return 1
        wrong += [*edited_examples(ref), *edited_release(ref, last)]
    print("\n".join(wrong), end="\n" if wrong else "")
    return int(bool(wrong))


def judged(found: list[Finding], ref: str) -> list[str]:
    """Prints the report; what is left are the lines for which the gate stays shut."""
    print("\n".join(report(found, ref)))
    broken = sum(finding.severity == "breaking" for finding in found)
    return [f"breaking  {broken} differences from {ref}"] if broken else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
