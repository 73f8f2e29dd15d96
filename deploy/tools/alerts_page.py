"""docs/operating/alerts.md: every alert, with its severity and its runbook."""

from pathlib import Path

import topic_table
import yaml

HEAD = """\
# Alerts

`monitoring.rules=true` in the chart's values makes a PrometheusRule of them; for a Prometheus without the operator, load
[alerts.yaml](../../deploy/helm/kontor/files/alerts.yaml) as a rule file.
`service`, `instance` and `job="kontor"` come from the scrape.

Two objectives stand behind them: 99.9 % of the requests are answered without a 5xx, and 99.9 % of the events are applied within a
minute of their commit. The first is watched by burn rates: how many times faster than allowed the month's budget is spent.

Written by `make generate`.

"""


def page(rules: Path) -> str:
    groups = yaml.safe_load(rules.read_text(encoding="utf-8"))["groups"]
    alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    rows = [
        (
            f"[{alert['alert']}](runbooks/{alert['alert']}.md)",
            alert["labels"]["severity"],
            f"`{' '.join(alert['expr'].split())}`".replace("|", "\\|"),
            alert.get("for", "at once"),
        )
        for alert in alerts
    ]
    return HEAD + topic_table.table(("alert", "severity", "when", "for"), rows) + "\n"
