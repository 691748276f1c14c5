"""What is known about the thing under the cursor, in a narrow column: cluster, machine or pod. Pure."""

from collections import Counter
from datetime import UTC, datetime

from fleetui.console.glyphs import Glyphs
from fleetui.console.headline import age, trust_mark
from fleetui.console.ink import Line, Span, line, wrap
from fleetui.console.options import titled
from fleetui.console.vitals_text import alerts_text, board_text, etcd_text, reason_lines
from fleetui.model.cluster import Cluster, Health, support_ends
from fleetui.model.cluster_verdict import BOARD_WORDS, health
from fleetui.model.details import Condition
from fleetui.model.duration import age_text, silence_text
from fleetui.model.fault import Fault
from fleetui.model.freshness import Trust
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.model.table.cell_text import HEALTH_SIGNS, HEALTH_STYLES, last_known_text
from fleetui.model.table.cluster_cells import SUPPORT_WARN_S
from fleetui.model.table.column import version_parts
from fleetui.model.waiting import Waiting
from fleetui.model.work import Work

LABEL_CELLS = 10
DAY_S = 86_400.0

Lines = tuple[Line, ...]


def cluster_lines(cluster: Cluster, *, now: float, glyphs: Glyphs, cells: int) -> Lines:
    glyph, style = trust_mark(cluster.trust, glyphs)
    contact = age(cluster.last_contact, now) if cluster.trust is not Trust.LIVE else ""
    lines: list[Line] = [
        line((cluster.name, "strong")),
        line((f"{glyph} {cluster.trust.value}", style), (f"  last contact {contact} ago" if contact else "", "muted")),
    ]
    if cluster.fault is not None:
        lines += fault_lines(cluster.fault, glyphs, cells)
    lines += reason_lines(cluster, glyphs, cells)
    for work in cluster.works:
        lines += [(), *work_lines(work, now=now, glyphs=glyphs, cells=cells)]
    lines += [(), *_cluster_facts(cluster, now, cells)]
    if cluster.feeds:
        lines += [(), line(("feeds", "heading")), *_feed_lines(cluster, now, glyphs, cells)]
    return tuple(lines)


def fleet_lines(clusters: tuple[Cluster, ...], *, now: float, glyphs: Glyphs, cells: int) -> Lines:
    """The fleet at a glance: verdicts, versions with their end of support, operations."""
    verdicts = Counter(health(cluster) for cluster in clusters)
    lines: list[Line] = [line(("Fleet", "strong")), ()]
    for verdict in Health:
        if verdicts[verdict]:
            sign = getattr(glyphs, HEALTH_SIGNS[verdict]) if HEALTH_SIGNS[verdict] else glyphs.ok
            style = HEALTH_STYLES[verdict] or "ok"
            lines.append(line((f"{sign} {verdicts[verdict]:>4} {verdict.value}", style)))
    if clusters:
        lines += [(), line(("versions", "heading")), *_version_lines(clusters, now, glyphs, cells)]
    busy = [cluster for cluster in clusters if cluster.busy]
    if busy:
        lines += [(), line(("operations", "heading"))]
        for cluster in sorted(busy, key=lambda cluster: (not cluster.stuck, cluster.name)):
            lines += _busy_lines(cluster, now, glyphs, cells)
    return tuple(lines)


def _busy_lines(cluster: Cluster, now: float, glyphs: Glyphs, cells: int) -> list[Line]:
    if not cluster.works:
        return [line(f"{cluster.name}  ", (cluster.operation, "busy"))]
    lines: list[Line] = [line((cluster.name, "text"))]
    for work in cluster.works:
        lines += [(("  ", "text"), *said) for said in work_lines(work, now=now, glyphs=glyphs, cells=cells - 2)]
    return lines


def work_lines(work: Work, *, now: float, glyphs: Glyphs, cells: int) -> list[Line]:
    """``▲ drain 0/2 blocked 2m  by ana``, and below it what blocks it, whose that is, and what would unblock it."""
    sign, style = (glyphs.warning, "warn") if work.stuck else (glyphs.busy, "busy")
    lines: list[Line] = [line((f"{sign} {work.text(now)}", style), (f"  by {work.by}", "muted"))]
    for hold in work.holds:
        lines += [(("  ", "text"), *said) for said in hold_lines(hold, glyphs, cells - 2)]
    return lines


def hold_lines(hold: Waiting, glyphs: Glyphs, cells: int) -> list[Line]:
    """What is waited for, why, whose it is, and what would unblock it."""
    lines = wrap(hold.object, cells, "text") + wrap(hold.detail or hold.why, cells, "text")
    if hold.owner:
        lines += wrap(f"owner {hold.owner}", cells, "muted")
    if hold.remedy:
        lines += wrap(f"{glyphs.arrow} {titled(hold.remedy)}", cells, "accent", indent=2)
    return lines


def _version_lines(clusters: tuple[Cluster, ...], now: float, glyphs: Glyphs, cells: int) -> list[Line]:
    versions = Counter(cluster.version for cluster in clusters)
    longest = max(versions.values(), default=1)
    room = max(4, cells - 34)
    lines: list[Line] = []
    for version in sorted(versions, key=lambda version: version_parts(version or ""), reverse=True):
        count = versions[version]
        bar = glyphs.bar_full * max(1, count * room // longest)
        lines.append(
            line(
                (f"{version or '?':<9}", "text" if version else "unknown"),
                (bar, "busy"),
                (f" {count}", "text"),
                _support(version, now),
            )
        )
    return lines


def _support(version: str | None, now: float) -> Span:
    """The end of a minor's support, in the colour of how near it is."""
    ends = support_ends(version)
    if ends is None:
        return ("", "muted")
    left = datetime.fromisoformat(ends).replace(tzinfo=UTC).timestamp() + DAY_S - now
    return (
        (f"  ended {ends}", "danger")
        if left <= 0
        else (f"  until {ends}", "warn" if left < SUPPORT_WARN_S else "muted")
    )


def _cluster_facts(cluster: Cluster, now: float, cells: int) -> list[Line]:
    tags = cluster.tags
    pairs = [
        ("version", (cluster.version or "?") + _support(cluster.version, now)[0]),
        ("api", "?" if cluster.api_latency_s is None else f"{cluster.api_latency_s * 1000:.0f} ms"),
        ("nodes", f"{known(cluster.nodes_ready)} of {known(cluster.nodes_total)} ready"),
        ("cp", _control_plane(cluster)),
        ("cordoned", str(cluster.cordoned) if cluster.cordoned else ""),
        ("etcd", etcd_text(cluster)),
        ("alerts", alerts_text(cluster, now)),
        *((BOARD_WORDS[sign.board], board_text(sign)) for sign in cluster.boards),
        ("pods", _pods(cluster)),
        ("locks", cluster.operation),
        ("clock", f"{cluster.skew_s:+.0f} s off" if cluster.skew_s is not None and abs(cluster.skew_s) >= 2 else ""),
        ("env", " / ".join(part for part in (tags.environment, tags.group, tags.tier) if part)),
        ("owner", ", ".join(part for part in (tags.owner, tags.on_call) if part)),
        ("scope", ", ".join(tags.compliance)),
        ("labels", " ".join(f"{key}={value}" for key, value in tags.labels)),
        ("context", cluster.context if cluster.context != cluster.name else ""),
        ("also", ", ".join(cluster.aliases)),
        ("uid", cluster.uid),
    ]
    return facts(pairs, cells)


def machine_lines(
    machine: Machine,
    cluster: Cluster | None,
    *,
    ready: Condition | None = None,
    describe: str = "d",
    etcd: tuple[Health, str] | None = None,
    now: float,
    glyphs: Glyphs,
    cells: int,
) -> Lines:
    """``ready``: why it is not Ready, where that was read. ``describe``: the key that says more. ``etcd``: what is
    wrong with the member on it."""
    lines: list[Line] = [line((machine.name, "strong")), line(("in ", "muted"), machine.cluster)]
    lines += _doubt_lines(cluster, now, glyphs)
    if not machine.ready:
        lines += _sick_lines(machine, ready, describe, now=now, glyphs=glyphs, cells=cells)
    if etcd is not None:
        level, said = etcd
        lines += wrap(f"{getattr(glyphs, HEALTH_SIGNS[level])} {said}", cells, HEALTH_STYLES[level])
    pairs = [
        ("status", _state_said(machine.state, cluster, now)),
        ("roles", ", ".join(machine.roles)),
        ("cordoned", f"by {machine.cordoned_by}" if machine.cordoned_by else ("yes" if machine.cordoned else "")),
        ("operation", machine.operation),
        ("kubelet", machine.version),
        ("age", age_text(machine.created, now)),
        ("ip", machine.internal_ip),
        ("os", machine.os_image),
        ("kernel", machine.kernel),
        ("runtime", machine.runtime),
        ("uid", machine.uid),
    ]
    return (*lines, (), *facts(pairs, cells), *_label_lines(machine.labels, cells))


def _sick_lines(
    machine: Machine, ready: Condition | None, describe: str, *, now: float, glyphs: Glyphs, cells: int
) -> list[Line]:
    """``✖ NotReady since 2h: Kubelet stopped posting node status.``, and where more is said."""
    word = machine.status.partition(",")[0] or "?"
    since = f" since {age_text(ready.since, now)}" if ready is not None and ready.since is not None else ""
    why = (ready.message or ready.reason) if ready is not None else ""
    sign, style = (glyphs.unknown, "unknown") if machine.ready is None else (glyphs.broken, "danger")
    said = wrap(f"{sign} {word}{since}{': ' + why if why else ''}", cells, style)
    return [*said, line((describe, "key"), (" describe", "muted"))]


def _doubt_lines(cluster: Cluster | None, now: float, glyphs: Glyphs) -> list[Line]:
    """Of a row whose cluster is not live: that it is only what was last known, and when."""
    if cluster is None or cluster.trust is Trust.LIVE:
        return []
    glyph, style = trust_mark(cluster.trust, glyphs)
    when = "from an earlier run" if cluster.last_contact is None else f"{silence_text(cluster.last_contact, now)} ago"
    return [line((f"{glyph} {cluster.trust.value}, last known {when}", style))]


def _state_said(status: str, cluster: Cluster | None, now: float) -> str:
    """As its cell says it."""
    if cluster is None or cluster.trust is Trust.LIVE:
        return status
    return last_known_text(status, cluster.last_contact, now)


def pod_lines(pod: Pod, cluster: Cluster | None, *, now: float, glyphs: Glyphs, cells: int) -> Lines:
    lines: list[Line] = [
        line((pod.name, "strong")),
        line(("in ", "muted"), f"{pod.cluster} {glyphs.crumb} {pod.namespace}"),
        *_doubt_lines(cluster, now, glyphs),
    ]
    pairs = [
        ("status", _state_said(pod.status, cluster, now)),
        ("ready", f"{pod.ready} of {pod.containers} containers"),
        ("restarts", str(pod.restarts) if pod.restarts else ""),
        ("deleting", f"for {age(pod.deleting_since, now)}" if pod.deleting_since is not None else ""),
        ("owner", pod.owner or "none: nothing replaces it"),
        ("machine", pod.node or "not scheduled"),
        ("age", age_text(pod.created, now)),
        ("ip", pod.ip),
        ("uid", pod.uid),
    ]
    return (*lines, (), *facts(pairs, cells), *_label_lines(pod.labels, cells))


def fault_lines(fault: Fault, glyphs: Glyphs, cells: int) -> list[Line]:
    """The word, what happened, and what to do about it."""
    lines = wrap(f"{glyphs.broken} {fault.word}", cells, "danger")
    if fault.detail:
        lines += wrap(fault.detail, cells, "text")
    if fault.remedy:
        lines += wrap(f"{glyphs.arrow} {fault.remedy}", cells, "accent", indent=2)
    return lines


def facts(pairs: list[tuple[str, str]], cells: int) -> list[Line]:
    """Label and value, values aligned and wrapped; a pair without a value is left out."""
    lines: list[Line] = []
    for label, value in pairs:
        if value:
            head, *rest = wrap(value, max(8, cells - LABEL_CELLS), "text")
            lines.append(((label.ljust(LABEL_CELLS), "muted"), *head))
            lines += [((" " * LABEL_CELLS, "text"), *more) for more in rest]
    return lines


def known(count: int | None) -> str:
    """Unknown is ``?``, never 0."""
    return "?" if count is None else f"{count:,}"


def _control_plane(cluster: Cluster) -> str:
    if cluster.control_plane_total is None:
        return "managed, or not visible" if cluster.nodes_total is not None else "?"
    return f"{known(cluster.control_plane_ready)} of {cluster.control_plane_total} ready"


def _pods(cluster: Cluster) -> str:
    if cluster.pods_total is None:
        return "?  (open the cluster's pods to watch them)"
    return f"{known(cluster.pods_ready)} of {cluster.pods_total:,} ready"


def _feed_lines(cluster: Cluster, now: float, glyphs: Glyphs, cells: int) -> list[Line]:
    """A fault that is the whole cluster's stands at the top and is not told again."""
    lines: list[Line] = []
    for feed in cluster.feeds:
        glyph, style = trust_mark(feed.trust, glyphs)
        late = f" {silence_text(feed.last_contact, now)}" if feed.trust is not Trust.LIVE and feed.last_contact else ""
        lines.append(line((f"{glyph} ", style), (feed.kind.ljust(LABEL_CELLS - 2), "muted"), f"{feed.how}{late}"))
        if feed.fault is not None and feed.fault != cluster.fault:
            lines += [(("  ", "text"), *more) for more in fault_lines(feed.fault, glyphs, cells - 2)]
        if feed.undecodable:
            lines.append(line((f"  {glyphs.warning} {feed.undecodable} objects could not be read", "warn")))
    return lines


def _label_lines(labels: tuple[tuple[str, str], ...], cells: int) -> list[Line]:
    if not labels:
        return []
    lines: list[Line] = [(), line(("labels", "heading"))]
    for key, value in labels:
        lines += wrap(f"{key}={value}" if value else key, cells, "text", indent=2)
    return lines
