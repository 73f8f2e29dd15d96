"""axe-core in a real browser: what a page breaks of WCAG 2.2 AA, as far as rules can tell."""

import json
from functools import cache
from importlib.metadata import files
from typing import Any

from selenium import webdriver

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}, resultTypes: ['violations']})
  .then(found => done(JSON.stringify(found.violations)), error => done(JSON.stringify([{id: String(error), nodes: []}])));
"""


@cache
def axe() -> str:
    """The rules' source. It comes with a package; the rest of the package is not used."""
    (script,) = [each for each in files("axe-playwright-python") or () if each.name == "axe.min.js"]
    return script.read_text(encoding="utf-8")


def violations(driver: webdriver.Chrome) -> list[str]:
    """A line for each element of the page that breaks a rule."""
    driver.execute_script(axe())
    found: list[dict[str, Any]] = json.loads(driver.execute_async_script(RUN, list(RULES)))
    return [
        f"{one['id']}: {node['html'][:120]}"
        for one in found
        for node in (one["nodes"] or [{"html": one.get("help", "")}])
    ]
