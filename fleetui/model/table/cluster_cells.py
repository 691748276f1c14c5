"""What the cells of a cluster's row say and how they look; unknown is ``?``, what is late says so."""

from datetime import UTC, datetime

from fleetui.model.cluster import AlertSign, Cluster, Health, support_ends
from fleetui.model.cluster_verdict import Reason, reasons
from fleetui.model.duration import age_text, silence_text, time_text
from fleetui.model.freshness import Source, Trust
from fleetui.model.health.etcd_quorum import NEXT_FATAL, SINGLE
from fleetui.model.table.cell_text import HEALTH_STYLES, percent_text
from fleetui.model.table.column import NOTHING, UNKNOWN, Json

SUPPORT_WARN_S = 90 * 86_400.0
"""A minor is supported for 14 months; an upgrade of a fleet takes a quarter."""
PODS_STALE_S = 60.0

_SOURCE_SIGNS = {Source.PUSHED: "live", Source.POLLED: "stale", Source.SCRAPED: "scraped", Source.CACHED: "cached"}
_TRUST_SIGNS = {
    Trust.STALE: "stale",
    Trust.SILENT: "broken",
    Trust.CONNECTING: "connecting",
    Trust.IDLE: "idle",
}


def _current(cluster: Cluster) -> bool:
    """Whether its numbers may be shown as numbers; those of a stale cluster are, in the colour of stale."""
    return cluster.trust in (Trust.LIVE, Trust.STALE)


def ratio(cluster: Cluster, ready: int | None, total: int | None) -> tuple[int, int] | None:
    return None if ready is None or total is None or not _current(cluster) else (ready, total)


def ratio_text(cluster: Cluster, ready: int | None, total: int | None) -> str:
    """``412/415``; ``?/12`` when only the size is known from earlier."""
    if total is None:
        return UNKNOWN
    return f"{UNKNOWN if ready is None or not _current(cluster) else ready}/{total}"


def ratio_style(cluster: Cluster, ready: int | None, total: int | None, *, trouble: str) -> str:
    if ready is None or total is None or not _current(cluster):
        return "unknown"
    if cluster.trust is Trust.STALE:
        return "stale"
    return trouble if ready < total else ""


def control_plane_text(cluster: Cluster, _: float) -> str:
    if cluster.control_plane_total is None and cluster.nodes_total is not None and _current(cluster):
        return NOTHING
    return ratio_text(cluster, cluster.control_plane_ready, cluster.control_plane_total)


def control_plane_style(cluster: Cluster, now: float) -> str:
    if control_plane_text(cluster, now) == NOTHING:
        return "faint"
    return ratio_style(cluster, cluster.control_plane_ready, cluster.control_plane_total, trouble="danger")


def pods_text(cluster: Cluster, now: float) -> str:
    if not cluster.pods_total or cluster.pods_ready is None:
        return UNKNOWN if cluster.pods_total is None or cluster.pods_ready is None else NOTHING
    share = percent_text(cluster.pods_ready, cluster.pods_total)
    late = cluster.pods_at is not None and now - cluster.pods_at > PODS_STALE_S
    return f"{share} {age_text(cluster.pods_at, now)}" if late else share


def pods_style(cluster: Cluster, now: float) -> str:
    if not cluster.pods_total or cluster.pods_ready is None:
        return "faint" if cluster.pods_total == 0 else "unknown"
    if cluster.pods_at is not None and now - cluster.pods_at > PODS_STALE_S:
        return "stale"
    return ""


def support_ends_at(cluster: Cluster) -> float | None:
    """The first second after the last day of support."""
    date = support_ends(cluster.version)
    return None if date is None else datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() + 86_400


def support_text(cluster: Cluster, now: float) -> str:
    ends = support_ends_at(cluster)
    if ends is None:
        return UNKNOWN
    return "ended" if ends <= now else f"{int((ends - now) // 86_400)}d"


def support_style(cluster: Cluster, now: float) -> str:
    ends = support_ends_at(cluster)
    if ends is None:
        return "unknown"
    return "danger" if ends <= now else "warn" if ends - now < SUPPORT_WARN_S else ""


def state_word(cluster: Cluster) -> str:
    """The plain word on the row: what is wrong between us and it, else how it is followed."""
    if cluster.fault is not None:
        return cluster.fault.word
    partial = next((feed.fault.word for feed in cluster.feeds if feed.fault is not None), "")
    return partial or cluster.trust.value


def state_reason(cluster: Cluster) -> Reason | None:
    """What makes the verdict, so that a mark and the word beside it never speak of two things; None where the state's
    own word says it already. What an operation does and waits for, and a page that somebody is at, has its column."""
    told = (reason for reason in reasons(cluster) if not _in_its_column(cluster, reason))
    first = next(told, None)
    own = first is not None and first.text in (state_word(cluster), f"{cluster.cordoned} cordoned")
    return None if own else first


def _in_its_column(cluster: Cluster, reason: Reason) -> bool:
    stuck = (work.reason or work.words for work in cluster.works if work.stuck)
    return reason.level is Health.BUSY or (not reason.board and reason.text in stuck)


def _forgotten(cluster: Cluster) -> bool:
    return bool(cluster.cordoned) and not cluster.busy


def state_text(cluster: Cluster, _: float) -> str:
    """With the cordons, which no other column counts: ``live, 2 cordoned``; of trouble what makes the verdict, with the
    board that says so: ``2 not Ready``, ``etcd NOSPACE``."""
    if (reason := state_reason(cluster)) is not None:
        return reason.said
    word = state_word(cluster)
    return f"{word}, {cluster.cordoned} cordoned" if cluster.trust is Trust.LIVE and cluster.cordoned else word


def state_style(cluster: Cluster, _: float) -> str:
    if (reason := state_reason(cluster)) is not None:
        return HEALTH_STYLES[reason.level]
    match cluster.trust:
        case Trust.LIVE:
            return "warn" if _forgotten(cluster) or state_word(cluster) != Trust.LIVE else "muted"
        case Trust.SILENT:
            return "danger"
        case Trust.STALE:
            return "stale"
    return "muted"


def remedy_text(cluster: Cluster) -> str:
    if cluster.fault is not None:
        return cluster.fault.remedy
    return next((feed.fault.remedy for feed in cluster.feeds if feed.fault is not None), "")


def operation_words(cluster: Cluster) -> str:
    """What is going on, without ages: of our own operations how far they are, else what the locks say."""
    return ", ".join(work.words for work in cluster.works) or cluster.operation


def operation_text(cluster: Cluster, now: float) -> str:
    """``drain 0/2 blocked 2m``, ``drain 1/3 +1``: the one that waits for somebody first."""
    if not cluster.works:
        return cluster.operation or NOTHING
    others = len(cluster.works) - 1
    return cluster.works[0].text(now) + (f" +{others}" if others else "")


def operation_style(cluster: Cluster, _: float) -> str:
    return "warn" if cluster.stuck else "busy" if cluster.busy else "faint"


def operation_sign(cluster: Cluster) -> str:
    return "warning" if cluster.stuck else ""


def contact_text(cluster: Cluster, now: float) -> str:
    """Fresh is the glyph alone; an age appears once something is late."""
    return "" if cluster.trust is Trust.LIVE else silence_text(cluster.last_contact, now)


def contact_style(cluster: Cluster, _: float) -> str:
    return {Trust.LIVE: "ok", Trust.STALE: "stale", Trust.SILENT: "danger"}.get(cluster.trust, "unknown")


def contact_sign(cluster: Cluster) -> str:
    """How it is heard while it is live; else the sign of its trust, as in the headline and the inspector."""
    return _TRUST_SIGNS.get(cluster.trust) or _SOURCE_SIGNS[cluster.source]


def latency_text(cluster: Cluster, _: float) -> str:
    """In steps of 10 ms above 10: a number that never rests says nothing."""
    if cluster.api_latency_s is None:
        return UNKNOWN
    ms = cluster.api_latency_s * 1000
    return "<10ms" if ms < 10 else f"{int(ms // 10) * 10}ms"


def skew_text(cluster: Cluster, _: float) -> str:
    return "" if cluster.skew_s is None or abs(cluster.skew_s) < 2 else f"{cluster.skew_s:+.0f}s"


# What monitoring says.


_SHORT = {
    "versions differ": "versions", "member lists differ": "lists", "views differ": "views", "member silent": "silent",
    "direct silent": "silent", "no quorum seen": "no quorum", "no member up": "none up", "other cluster": "other etcd",
    "defragmenting": "defrag",
}  # fmt: skip
"""The board's words that are wider than the column can be beside the others."""


def etcd_value(cluster: Cluster) -> str | None:
    """None is unknown, and where nobody is asked."""
    text = etcd_text(cluster, 0.0)
    return None if text in ("", UNKNOWN) else text


def etcd_text(cluster: Cluster, _: float) -> str:
    """``lose 1``: how many members may still fail, ``single`` where there is but one, as it was meant; of trouble its
    word instead: ``no quorum``, ``NOSPACE``. Empty where there is no way to it."""
    said = cluster.etcd
    if said is None:
        return ""
    if said.can_lose is not None and said.can_lose < 0 and said.level is Health.BROKEN:
        return "no quorum"
    if said.level is Health.UNKNOWN:
        return UNKNOWN
    trouble = said.word.partition(", ")[2] if said.word.startswith(("can lose", SINGLE)) else said.word
    if said.level is not Health.CALM and trouble and not trouble.endswith(NEXT_FATAL):
        return _SHORT.get(trouble, trouble)
    if said.can_lose is None:
        return UNKNOWN
    return "single" if said.word.startswith(SINGLE) else f"lose {said.can_lose}"


def etcd_style(cluster: Cluster, now: float) -> str:
    if cluster.etcd is None or etcd_text(cluster, now) == UNKNOWN:
        return "unknown"
    return HEALTH_STYLES[cluster.etcd.level]


def etcd_json(cluster: Cluster) -> Json:
    said = cluster.etcd
    if said is None:
        return None
    return {
        "level": said.level.value, "word": said.word, "canLose": said.can_lose, "voters": said.voters,
        "why": said.why or None,
    }  # fmt: skip


def alerts_text(cluster: Cluster, _: float) -> str:
    """``2P 5T``: pages and tickets; with ``?`` where there may be more. ``1P ack``: a page that fires and that somebody
    is at. Empty where no source of alerts is named."""
    said = cluster.alerts
    if said is None:
        return ""
    quiet = f"{said.quiet_pages}P {said.quiet[0].word}" if said.quiet and not said.pages else ""
    counts = [f"{count}{kind}" for count, kind in ((said.pages, "P"), (said.tickets, "T")) if count]
    told = " ".join(part for part in (quiet, *counts) if part)
    if said.known:
        return told or ("late" if said.late else NOTHING)
    blind = "dead" if said.dead else UNKNOWN
    return f"{told} {UNKNOWN}" if told else blind


def alerts_style(cluster: Cluster, _: float) -> str:
    said = cluster.alerts
    if said is None:
        return "unknown"
    if said.pages or (said.dead and not said.tickets):
        return "danger"
    if said.tickets or said.late:
        return "warn"
    if not said.known:
        return "unknown"
    return "busy" if said.quiet else "faint"


def counted(said: AlertSign | None, count: int) -> int | None:
    """What is counted is known; that nothing is there is known only while the pipeline lives."""
    return count if said is not None and (count or said.known) else None


def alerts_json(cluster: Cluster) -> Json:
    said = cluster.alerts
    if said is None:
        return None
    return {
        "pages": counted(said, said.pages), "tickets": counted(said, said.tickets), "hushed": said.hushed,
        "quietPages": [{"how": each.how, "pages": each.pages, "until": time_text(each.until)} for each in said.quiet],
        "blind": said.blind or None, "late": said.late or None,
    }  # fmt: skip


def reasons_json(cluster: Cluster) -> Json:
    return [
        {"level": each.level.value, "text": each.text, "board": each.board or None, "why": each.why or None}
        for each in reasons(cluster)
    ]
