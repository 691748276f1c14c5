"""Alertmanager's routes for those alerts and for everybody else's: who gets a page, who a ticket, and what is hidden
behind what. The same themes and severities by which the console tells a page from a ticket."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from fleetui.model.alerts.cascade import MACHINES_LOST
from fleetui.model.alerts.label_set import ALERTNAME
from fleetui.model.alerts.page_or_ticket import (
    PLUMBING,
    SEVERITIES,
    SEVERITY,
    THEMES,
    WATCHDOGS,
    Call,
    Theme,
    overrules,
)
from fleetui.model.rules.error_type import ERROR_TYPES, LABEL
from fleetui.model.rules.pipeline import CLUSTER_SILENT, CONTROL_PLANE_DOWN

Json = dict[str, Any]
PAGE, TICKET, NOBODY, DEAD_MAN = "page", "ticket", "nobody", "dead-mans-switch"
RECEIVERS = {Call.PAGE: PAGE, Call.TICKET: TICKET, Call.INFO: NOBODY, Call.PLUMBING: NOBODY}
TIMES: Mapping[Call, Json] = {
    Call.PAGE: {"group_wait": "10s", "group_interval": "1m", "repeat_interval": "1h"},
    Call.TICKET: {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "12h"},
}
"""A page waits for company as short as may be, and comes again while it fires."""


class Hooks(msgspec.Struct, frozen=True):
    """Addresses that are posted to; empty where the operator writes the receiver."""

    page: str = ""
    ticket: str = ""
    dead_man: str = ""


NO_HOOKS = Hooks()


def alertmanager_file(cluster: str = "cluster", hooks: Hooks = NO_HOOKS) -> Json:
    """A whole configuration. ``cluster`` is the label that names the cluster."""
    return {
        "route": _root(cluster),
        "receivers": [
            _receiver(PAGE, hooks.page),
            _receiver(TICKET, hooks.ticket),
            _receiver(DEAD_MAN, hooks.dead_man, resolved=False),
            _receiver(NOBODY, ""),
        ],
        "inhibit_rules": _inhibitions(cluster),
    }


def _receiver(name: str, url: str, *, resolved: bool = True) -> Json:
    return {"name": name, "webhook_configs": [{"url": url, "send_resolved": resolved}]} if url else {"name": name}


def _root(cluster: str) -> Json:
    return {
        "receiver": TICKET,
        "group_by": [cluster, LABEL],
        **TIMES[Call.TICKET],
        "routes": [
            _dead_man(),
            {"receiver": NOBODY, "matchers": [matches(ALERTNAME, PLUMBING.pattern)]},
            _ours(),
            _others(cluster),
        ],
    }


def _dead_man() -> Json:
    """Each Watchdog by itself, and again every minute: what is waited for must not be grouped or held back."""
    return {
        "receiver": DEAD_MAN,
        "matchers": [matches(ALERTNAME, WATCHDOGS.pattern)],
        "group_by": ["..."],
        "group_wait": "0s",
        "group_interval": "1m",
        "repeat_interval": "1m",
    }


def _ours() -> Json:
    """Alerts that say what kind of trouble they tell of; who has to know is their severity."""
    return {"receiver": TICKET, "matchers": [f'{LABEL}!=""'], "routes": _but(Call.TICKET, Call)}


def _others(cluster: str) -> Json:
    """Alerts of other rule sets: by their names, then by their severity; the first theme that fits decides."""
    return {
        "receiver": TICKET,
        "matchers": [f'{LABEL}=""'],
        "group_by": [cluster, ALERTNAME],
        "routes": [*map(_theme, THEMES), *_but(Call.TICKET, Call)],
    }


def _theme(theme: Theme) -> Json:
    """By the name, but for severities that it does not overrule."""
    stay = [call for call in Call if not overrules(theme, call)]
    route = _route(theme.call, Call.TICKET, matches(ALERTNAME, theme.names))
    return {**route, "routes": _but(theme.call, stay)}


def _but(usual: Call, calls: Iterable[Call]) -> list[Json]:
    """By severity, where that leads elsewhere than usual."""
    words: dict[str, list[str]] = defaultdict(list)
    heads: dict[str, Call] = {}
    for call in calls:
        words[RECEIVERS[call]] += SEVERITIES[call]
        heads.setdefault(RECEIVERS[call], call)
    return [
        _route(heads[receiver], usual, matches(SEVERITY, f"(?i:{'|'.join(said)})"))
        for receiver, said in words.items()
        if receiver != RECEIVERS[usual]
    ]


def _route(call: Call, usual: Call, matcher: str) -> Json:
    """``usual``: what the route above it is for; its times are inherited."""
    times = TIMES.get(call, {}) if call is not usual else {}
    return {"receiver": RECEIVERS[call], "matchers": [matcher], **times}


def _inhibitions(cluster: str) -> list[Json]:
    """What fires and would only say again what is known. All need a cluster: without one ``equal`` would hold between
    any two alerts."""
    here, kind = f'{cluster}!=""', f'{LABEL}!=""'
    below = [each.id for each in ERROR_TYPES if each.below]
    down = [matches(ALERTNAME, _either((CONTROL_PLANE_DOWN, CLUSTER_SILENT))), here]
    return [
        {
            "source_matchers": [_of(Call.PAGE), here, kind],
            "target_matchers": [_of(Call.TICKET)],
            "equal": [cluster, LABEL],
        },
        {"source_matchers": down, "target_matchers": [matches(LABEL, _either(below))], "equal": [cluster]},
        {"source_matchers": down, "target_matchers": [matches(ALERTNAME, _either(MACHINES_LOST))], "equal": [cluster]},
    ]


def _of(call: Call) -> str:
    return matches(SEVERITY, f"(?i:{'|'.join(SEVERITIES[call])})")


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(words))


def matches(label: str, pattern: str) -> str:
    """A matcher of the whole value, as Alertmanager reads them."""
    return f'{label}=~"{pattern}"'
