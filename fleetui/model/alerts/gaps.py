"""What an alerting rule leaves open for whoever it wakes: no runbook, no owner, no service level, no severity."""

from collections.abc import Iterable

import msgspec

from fleetui.model.alerts.evidence import Rule
from fleetui.model.alerts.label_set import get
from fleetui.model.alerts.page_or_ticket import SEVERITY, Call, by_name

RUNBOOKS = ("runbook_url", "runbook")
OWNERS = ("owner", "team", "squad")
SLOS = ("slo", "sloth_slo", "pyrra_dev_slo", "slo_name")
"""Labels or annotations by which generators (sloth, Pyrra) and people say it."""


class Gap(msgspec.Struct, frozen=True):
    rule: Rule
    missing: tuple[str, ...]
    """Of ``severity``, ``runbook``, ``owner``, ``slo``; an SLO is only asked of what pages."""


def gaps(rules: Iterable[Rule]) -> tuple[Gap, ...]:
    """Rules that lack something, each once, by name."""
    found = {(rule.name, missing): Gap(rule, missing) for rule in rules if (missing := _missing(rule))}
    return tuple(found[key] for key in sorted(found))


def _missing(rule: Rule) -> tuple[str, ...]:
    severity = get(rule.labels, SEVERITY).lower()
    call = by_name(rule.name, severity).call
    if call is Call.PLUMBING:
        return ()
    wanted = {"severity": (SEVERITY,), "runbook": RUNBOOKS, "owner": OWNERS}
    if call is Call.PAGE:
        wanted["slo"] = SLOS
    said = {name for name, value in (*rule.labels, *rule.annotations) if value}
    return tuple(what for what, names in wanted.items() if said.isdisjoint(names))
