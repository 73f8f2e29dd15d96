"""Write what follows from the code for those who operate Kontor: parts of the chart, dashboards, tables of the docs.

``python deploy/tools/operating_files.py`` writes; ``--check`` writes nothing, names every file that is out of date, and ends
with 1 if there is any.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "contracts" / "tools"))

import alerts_page  # noqa: E402  it needs the path above
import chart_registry  # noqa: E402
import chart_schema  # noqa: E402
import chart_values  # noqa: E402
import dashboards  # noqa: E402
import index_file  # noqa: E402
import metrics_page  # noqa: E402
import settings_page  # noqa: E402


def generated(root: Path) -> dict[Path, str]:
    """Path → text of every file."""
    chart = root / "deploy" / "helm" / "kontor"
    values = chart_values.read((chart / "values.yaml").read_text(encoding="utf-8"))
    docs = root / "docs" / "operating"
    return {
        chart / "files" / "topics.yaml": chart_registry.topics_file(),
        chart / "files" / "routes.yaml": chart_registry.routes_file(),
        root / "deploy" / "local" / "src" / "kontor_local" / "data" / "routes.json": chart_registry.local_routes_file(),
        root / "deploy" / "compose" / "gateway.conf": chart_registry.gateway_file(),
        chart / "values.schema.json": chart_schema.schema(values),
        chart / "README.md": chart_values.readme(values),
        root / "deploy" / "cli" / "src" / "kontor_cli" / "data" / "indexes.json": index_file.text(),
        docs / "settings.md": settings_page.page(),
        docs / "metrics.md": metrics_page.page(),
        docs / "alerts.md": alerts_page.page(chart / "files" / "alerts.yaml"),
        **{chart / "files" / "dashboards" / name: text for name, text in dashboards.dashboards().items()},
    }


def stale(root: Path) -> dict[Path, str]:
    files = generated(root)
    return {path: text for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, end with 1 if something is out of date")
    options = parser.parse_args(arguments)
    changed = stale(ROOT)
    for path, text in changed.items():
        name = path.relative_to(ROOT)
        if options.check:
            print(f"{name}: out of date, run make generate")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"wrote {name}")
    if options.check and not changed:
        print("operating: all generated files are up to date")
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
