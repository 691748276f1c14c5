"""A cluster in words: how far what is shown of it can be trusted, each feed with its fault and the remedy."""

from collections.abc import Iterable

from fleetui.model.cluster import Cluster, Feed, Health, support_ends
from fleetui.model.cluster_verdict import Reason, reasons
from fleetui.model.description import fault_facts, history_section
from fleetui.model.duration import age_text, silence_text
from fleetui.model.freshness import Trust
from fleetui.model.history import Transition
from fleetui.model.section import Fact, Section, present, section
from fleetui.model.work import Work

_LEVELS = {Health.BROKEN: "danger", Health.WARNING: "warn", Health.BUSY: "accent", Health.UNKNOWN: "muted"}
_TONES = {Trust.LIVE: "", Trust.SILENT: "danger", Trust.STALE: "warn"}


def cluster_sections(cluster: Cluster, *, transitions: Iterable[Transition] = (), now: float) -> tuple[Section, ...]:
    return present(
        section(cluster.name, *_standing(cluster, now), *fault_facts(cluster.fault)),
        section("boards say", *map(_reason, (reason for reason in reasons(cluster) if reason.board))),
        section("feeds", *(fact for feed in cluster.feeds for fact in _feed(feed, cluster, now))),
        *(_work(work, now) for work in cluster.works),
        section("numbers", *_numbers(cluster, now)),
        section("configuration", *_tags(cluster)),
        history_section(transitions, now),
    )


def _standing(cluster: Cluster, now: float) -> tuple[Fact, ...]:
    heard = "never" if cluster.last_contact is None else f"{silence_text(cluster.last_contact, now)} ago"
    ends = support_ends(cluster.version)
    skewed = cluster.skew_s is not None and abs(cluster.skew_s) >= 2
    return (
        Fact("trust", cluster.trust.value, _TONES.get(cluster.trust, "muted")),
        Fact("heard", heard),
        Fact("version", (cluster.version or "?") + (f", supported until {ends}" if ends else "")),
        Fact("clock", f"{cluster.skew_s:+.0f} s apart from ours" if skewed else "", "warn"),
    )


def _reason(reason: Reason) -> Fact:
    """``slo  gone 6.7 h: control plane available: burns 53.3 x its pace``."""
    return Fact(reason.board, f"{reason.text}: {reason.why}" if reason.why else reason.text, _LEVELS[reason.level])


def _feed(feed: Feed, cluster: Cluster, now: float) -> tuple[Fact, ...]:
    """``nodes  live, pushed``; ``pods  silent, never read`` with the fault and the remedy below it."""
    late = feed.trust is not Trust.LIVE and feed.last_contact is not None
    age = f", {silence_text(feed.last_contact, now)} ago" if late else ""
    lost = f"{feed.undecodable} objects could not be read" if feed.undecodable else ""
    own = feed.fault if feed.fault != cluster.fault else None
    return (
        Fact(feed.kind, f"{feed.trust.value}, {feed.how}{age}", _TONES.get(feed.trust, "muted")),
        Fact("", lost, "warn"),
        *fault_facts(own),
    )


def _work(work: Work, now: float) -> Section | None:
    facts = [
        Fact("operation", f"{work.text(now)}, by {work.by}", "warn" if work.stuck else ""),
        Fact("id", work.op_id, "muted"),
    ]
    for hold in work.holds:
        facts += [Fact("waits for", hold.object), Fact("because", hold.detail or hold.why), Fact("owner", hold.owner)]
        facts.append(Fact("remedy", hold.remedy, "accent"))
    return section("under way", *facts)


def _numbers(cluster: Cluster, now: float) -> tuple[Fact, ...]:
    managed = cluster.control_plane_total is None and cluster.nodes_total is not None
    control_plane = "none visible" if managed else _ready(cluster.control_plane_ready, cluster.control_plane_total)
    pods = _ready(cluster.pods_ready, cluster.pods_total)
    return (
        Fact("nodes", _ready(cluster.nodes_ready, cluster.nodes_total)),
        Fact("control plane", control_plane),
        Fact("cordoned", str(cluster.cordoned) if cluster.cordoned else ""),
        Fact("pods", pods if cluster.pods_at is None else f"{pods}, {age_text(cluster.pods_at, now)} ago"),
        Fact("locks say", cluster.operation),
    )


def _ready(ready: int | None, total: int | None) -> str:
    return f"{'?' if ready is None else ready} of {'?' if total is None else total} ready"


def _tags(cluster: Cluster) -> tuple[Fact, ...]:
    tags = cluster.tags
    return (
        Fact("context", cluster.context),
        Fact("also", ", ".join(cluster.aliases)),
        Fact("uid", cluster.uid, "muted"),
        Fact("environment", tags.environment),
        Fact("group", tags.group),
        Fact("tier", tags.tier),
        Fact("owner", tags.owner),
        Fact("on call", tags.on_call),
        Fact("compliance", ", ".join(tags.compliance)),
        Fact("labels", " ".join(f"{key}={value}" for key, value in tags.labels)),
    )
