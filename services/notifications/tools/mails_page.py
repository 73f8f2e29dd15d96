"""Write docs/mails.md, the page that lists all mails, from notifications' catalogue.

``python services/notifications/tools/mails_page.py`` writes; ``--check`` writes nothing, and ends with 1 if the page is out of
date.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from notifications.catalogue import Catalogue, Entry
from notifications.domain.preferences.categories import MANDATORY, OPTIONAL

PAGE = Path(__file__).resolve().parents[3] / "docs" / "mails.md"
COLUMNS = "| mail | why it is sent | who receives it | message |\n|---|---|---|---|"
HEAD = """# The mails

All mails of the program, written by [notifications](../services/notifications/README.md). A category is mandatory or optional
as a whole. Readers choose by category which optional mails they get: with `PUT /v1/me/mail-preferences`, or with the link in each
optional mail. Mandatory mails come always.

Written by `make generate` from `services/notifications/src/notifications/catalogue.toml`.
"""


def page() -> str:
    return "\n".join([HEAD, *_sections(list(Catalogue()))]) + "\n"


def _sections(entries: list[Entry]) -> Iterator[str]:
    for categories, kind in ((MANDATORY, "mandatory"), (OPTIONAL, "optional")):
        for category, words in categories.items():
            mails = [one for one in entries if one.category == category]
            yield f"## {category} ({kind})\n\n{words[0].upper()}{words[1:]}.\n\n{COLUMNS}"
            yield "\n".join(_row(one) for one in mails) + "\n"


def _row(entry: Entry) -> str:
    return f"| `{entry.name}` | {entry.why} | {entry.to} | {', '.join(entry.messages)} |"


def main(arguments: list[str]) -> int:
    wanted = page().rstrip("\n") + "\n"
    if PAGE.exists() and PAGE.read_text() == wanted:
        return 0
    if "--check" in arguments:
        print(f"{PAGE.name} is out of date; run make generate", file=sys.stderr)
        return 1
    PAGE.write_text(wanted)
    print(f"wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
