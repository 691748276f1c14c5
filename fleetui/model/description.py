"""What the descriptions of clusters, machines and pods share: trust, faults, conditions, what has happened."""

from collections.abc import Iterable

from fleetui.model.cluster import Cluster
from fleetui.model.details import Condition, Happening
from fleetui.model.duration import age_text, silence_text
from fleetui.model.fault import Fault
from fleetui.model.freshness import Trust
from fleetui.model.history import Transition
from fleetui.model.section import Fact, Section, section

SHOWN = 12
"""Transitions and events; the newest."""


def trust_fact(cluster: Cluster | None, now: float) -> Fact | None:
    """Of what belongs to a cluster that is not live: that it is only what was last known."""
    if cluster is None or cluster.trust is Trust.LIVE:
        return None
    when = "from an earlier run" if cluster.last_contact is None else f"{silence_text(cluster.last_contact, now)} ago"
    return Fact("cluster", f"{cluster.name} is {cluster.trust.value}: last known {when}", "warn")


def fault_facts(fault: Fault | None, label: str = "") -> tuple[Fact, ...]:
    """What is wrong, what happened, what to do."""
    if fault is None:
        return ()
    return (
        Fact(label or "fault", f"{fault.word}: {fault.detail}" if fault.detail else fault.word, "danger"),
        Fact("remedy", fault.remedy, "accent"),
    )


def condition_fact(condition: Condition, now: float, *, good: str) -> Fact:
    """``Ready  Unknown since 14m: NodeStatusUnknown, Kubelet stopped posting node status.``"""
    tone = "" if condition.status == good else "warn" if condition.status == "Unknown" else "danger"
    since = "" if condition.since is None else f" since {age_text(condition.since, now)}"
    why = ", ".join(part for part in (condition.reason, condition.message) if part)
    return Fact(condition.type, f"{condition.status}{since}" + (f": {why}" if why else ""), tone)


def label_section(labels: tuple[tuple[str, str], ...]) -> Section | None:
    return section("labels", *(Fact(key, value or "(empty)") for key, value in labels))


def history_section(transitions: Iterable[Transition], now: float) -> Section | None:
    """What this session has seen of it, newest first."""
    said = [Fact(f"{age_text(one.at, now)} ago", _transition(one)) for one in transitions]
    return section("seen by this session", *said[:SHOWN])


def _transition(one: Transition) -> str:
    if one.field == "exists":
        return f"appeared, {one.now}" if one.now else "is gone"
    return f"{one.field}: {one.was or 'none'} → {one.now or 'none'}"


def event_section(happenings: tuple[Happening, ...] | None, now: float) -> Section | None:
    """What the cluster keeps of it (an hour, by default), newest first."""
    newest = sorted(happenings or (), key=lambda one: one.at or 0.0, reverse=True)
    return section("events", *(_event(one, now) for one in newest[:SHOWN]))


def _event(one: Happening, now: float) -> Fact:
    times = f" (×{one.count})" if one.count > 1 else ""
    return Fact(f"{age_text(one.at, now)} ago", f"{one.reason}{times}: {one.message}", "warn" if one.warning else "")


def refused_section(refused: Iterable[Fault]) -> Section | None:
    """What could not be read beside the object itself."""
    return section(
        "not read", *(Fact(fault.what or fault.word, f"{fault.word}: {fault.remedy}", "warn") for fault in refused)
    )
