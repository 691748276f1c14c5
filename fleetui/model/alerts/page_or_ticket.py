"""Who is woken by an alert: page, ticket or nobody, with the reason.

The author of a rule decides by its severity. Names decide where the severity is missing, and they raise what an
operator must not sleep through whatever its severity; nothing that its author calls critical is lowered, except what
cannot break anything tonight (drift, leaks, cost).
"""

import re
from enum import StrEnum
from functools import lru_cache

import msgspec

from fleetui.model.alerts.label_set import ALERTNAME, Labels, get
from fleetui.model.alerts.matcher import Matcher, all_match

SEVERITY = "severity"
AS_CONFIGURED = "as configured"
"""Why, where the operator has decided: nothing overrules that."""


class Call(StrEnum):
    PAGE = "page"
    TICKET = "ticket"
    INFO = "info"
    """Context for other alerts."""
    PLUMBING = "plumbing"
    """Of the pipeline itself: never listed, its absence is what counts."""


RANK = {Call.PAGE: 0, Call.TICKET: 1, Call.INFO: 2, Call.PLUMBING: 3}


class Verdict(msgspec.Struct, frozen=True):
    call: Call
    why: str
    """A few words: ``severity critical``, ``control-plane outage``."""


class Override(msgspec.Struct, frozen=True):
    """What the operator decided; the first that matches counts."""

    matchers: tuple[Matcher, ...]
    call: Call


class Theme(msgspec.Struct, frozen=True):
    """Alerts of one meaning, by their names."""

    names: str
    """A regular expression on the whole name."""
    call: Call
    why: str
    raises: bool = False
    """Pages although its severity is lower."""
    lowers: bool = False
    """A ticket although its severity is higher."""


THEMES: tuple[Theme, ...] = (
    Theme(
        "etcd(InsufficientMembers|NoLeader|MembersDown|DatabaseQuotaLowSpace)"
        "|Kube(API(Server)?|Scheduler|ControllerManager|let)Down|ControlPlane(Down|Outage).*",
        Call.PAGE,
        "control-plane outage",
        raises=True,
    ),
    Theme(".*Cascad(e|ing).*", Call.PAGE, "cascading failure", raises=True),
    Theme(".*(ErrorBudget|Budget|SLO).*(Burn|Breach).*", Call.PAGE, "SLO breach"),
    Theme(".*(Certificate|Credential|Cert|Token).*Expir.*", Call.PAGE, "credential expires"),
    Theme(
        "(Capi|Capx|ClusterAPI|Machine|Provision).*(Reconcile|Provision).*(Error|Fail|Block).*",
        Call.PAGE,
        "provisioning blocked",
    ),
    Theme(".*Drift.*|KubeVersionMismatch|.*OutOfSync.*", Call.TICKET, "drift", lowers=True),
    Theme(".*(Orphan|Leak).*", Call.TICKET, "leak", lowers=True),
    Theme(".*(Cost|Idle).*", Call.TICKET, "cost", lowers=True),
    Theme(".*(Overcommit|FillingUp|AlmostFull|Capacity|Quota|OutOfSpace|Headroom).*", Call.TICKET, "capacity"),
)
"""Requirement G1. etcdMembersDown is only a warning in its mixin since 2025, and in a cluster of three the next one
takes the quorum."""

PLUMBING = re.compile(r"Watchdog|DeadMansSwitch|InfoInhibitor")
WATCHDOGS = re.compile(r"Watchdog|DeadMansSwitch")
SEVERITIES = {
    Call.PAGE: ("critical", "page", "emergency", "fatal", "disaster", "p1", "sev1"),
    Call.TICKET: ("warning", "warn", "ticket", "error", "high", "major", "medium", "minor", "p2", "p3", "sev2", "sev3"),
    Call.INFO: ("info", "informational", "notice", "low", "debug", "p4", "p5", "sev4"),
    Call.PLUMBING: ("none",),
}
"""The words of ``severity``, in lower case; the first of each is the one that our own rules say."""
_CALLS = {word: call for call, words in SEVERITIES.items() for word in words}
_THEMES = tuple((re.compile(theme.names), theme) for theme in THEMES)


def judge(labels: Labels, *, overrides: tuple[Override, ...] = ()) -> Verdict:
    """Raises MatcherError for an override that cannot be read."""
    for override in overrides:
        if all_match(override.matchers, labels):
            return Verdict(override.call, AS_CONFIGURED)
    return by_name(get(labels, ALERTNAME), get(labels, SEVERITY).lower())


@lru_cache(maxsize=4096)
def by_name(name: str, severity: str) -> Verdict:
    """Without a severity that says anything, and without a name that does, it is a ticket: seen, and nobody woken."""
    if PLUMBING.fullmatch(name):
        return Verdict(Call.PLUMBING, "of the alert pipeline")
    said = _CALLS.get(severity)
    theme = next((theme for names, theme in _THEMES if names.fullmatch(name)), None)
    if theme is not None and overrules(theme, said):
        return Verdict(theme.call, theme.why)
    if said is not None:
        return Verdict(said, f"severity {severity}")
    return Verdict(Call.TICKET, f"severity {severity} is not known" if severity else "its rule has no severity")


def by_label(severity: str) -> Call | None:
    """What routes that look at the label alone make of it; None where it says nothing."""
    return _CALLS.get(severity.lower())


def overrules(theme: Theme, said: Call | None) -> bool:
    """Whether its name decides and not its severity; ``said`` is None where that says nothing."""
    if said is None:
        return True
    if said is Call.PLUMBING:
        return False
    higher = RANK[theme.call] < RANK[said]
    return theme.raises if higher else theme.lowers and theme.call is not said
