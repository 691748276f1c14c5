"""How an etcd cluster's cells read: coarse, unknown always ``?``, and never green for what nobody knows."""

from fleetui.model.amount import number_text
from fleetui.model.freshness import Source
from fleetui.model.health import etcd_limits
from fleetui.model.health.etcd import Member
from fleetui.model.health.etcd_finding import Finding
from fleetui.model.health.etcd_quorum import follows, illness
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.health.sample import LATE_AFTER
from fleetui.model.health.threshold import Threshold
from fleetui.model.table.cell_text import HEALTH_STYLES
from fleetui.model.table.column import NOTHING, UNKNOWN, Json

POLLED_EVERY_S = 5.0
SCRAPED_EVERY_S = 30.0
"""The usual interval; a board's own ages judge more exactly, this only decides when a cell shows figures."""


def members_text(row: EtcdState, _: float) -> str:
    if row.counted is not None:
        return f"{row.counted.up}/{row.counted.voters}"
    return UNKNOWN if row.voters is None else f"{UNKNOWN}/{row.voters}"


def members_style(row: EtcdState, _: float) -> str:
    left = row.counted
    if left is None:
        return "unknown"
    return "" if left.up == left.voters else "danger" if left.can_lose < 0 else "warn"


def margin_text(row: EtcdState, _: float) -> str:
    """``+1``, ``+0``, ``lost``: how many more may fail. A single member has no margin by design, and none has one under
    an alarm."""
    left = row.counted
    if left is None or row.can_lose is None:
        return UNKNOWN
    if left.lost:
        return "lost"
    return f"+{row.can_lose}" if row.can_lose >= 0 else left.text


def margin_style(row: EtcdState, _: float) -> str:
    left = row.counted
    if left is None:
        return "unknown"
    if left.can_lose < 0:
        return "danger"
    return "warn" if row.can_lose == 0 and (left.voters > 1 or left.can_lose) else ""


def alarms_text(row: EtcdState, _: float) -> str:
    if row.alarms is None:
        return UNKNOWN
    return ",".join(row.alarms) or NOTHING


def share_text(row: EtcdState, _: float) -> str:
    return UNKNOWN if row.db_share is None else f"{row.db_share:.0%}"


def limit_style(value: float | None, limit: Threshold) -> str:
    return "unknown" if value is None else HEALTH_STYLES[limit.judge(value)]


def share_style(row: EtcdState, _: float) -> str:
    return limit_style(row.db_share, etcd_limits.DB_OF_QUOTA)


def fsync_text(row: EtcdState, _: float) -> str:
    return UNKNOWN if row.fsync_s is None else f"{number_text(round(row.fsync_s * 1000, 1))}ms"


def fsync_style(row: EtcdState, _: float) -> str:
    return limit_style(row.fsync_s, etcd_limits.FSYNC_P99)


def lag_text(row: EtcdState, _: float) -> str:
    """Below the limit it is the moment of asking, and a number that never rests."""
    if row.lag is None:
        return UNKNOWN
    return f"{row.lag:,}" if row.lag >= etcd_limits.APPLY_LAG.amber else NOTHING


def lag_style(row: EtcdState, _: float) -> str:
    return limit_style(None if row.lag is None else float(row.lag), etcd_limits.APPLY_LAG)


def versions_text(row: EtcdState, _: float) -> str:
    return " ".join(row.versions) or UNKNOWN


def source_sign(row: EtcdState) -> str:
    return {Source.POLLED: "stale", Source.SCRAPED: "scraped"}.get(row.source, "") if row.source else ""


def is_late(row: EtcdState, now: float) -> bool:
    """Older than its source's usual: then its age is shown."""
    usual = POLLED_EVERY_S if row.source is Source.POLLED else SCRAPED_EVERY_S
    return row.sampled_at is not None and now - row.sampled_at > LATE_AFTER * usual


def why_text(row: EtcdState) -> str:
    """The reason, and before it the hosts to look at where it names none."""
    if not row.reason or any(host in row.reason for host in row.bad):
        return row.reason
    return f"{', '.join(row.bad)}: {row.reason}" if row.bad else row.reason


def role(row: EtcdState, member: Member) -> str:
    """``leader``, ``follower``, ``learner``; unknown while it does not answer."""
    if member.learner:
        return "learner"
    if not member.answers:
        return UNKNOWN
    if row.direct is not None and row.direct.leader is member:
        return "leader"
    return "follower" if follows(member) else "no leader"


def members_json(row: EtcdState) -> Json:
    return [_member_json(row, member) for member in row.members]


def _member_json(row: EtcdState, member: Member) -> Json:
    said = member.said
    return {
        "name": member.host,
        "id": member.id,
        "role": None if role(row, member) == UNKNOWN else role(row, member),
        "answers": member.answers,
        "why": (illness(row.direct, member) if row.direct is not None else "") or None,
        "endpoint": member.endpoint or None,
        "version": said.version if said else None,
        "term": said.term if said else None,
        "applied": said.applied if said else None,
        "behind": row.lag_of(member),
        "dbBytes": said.db_size if said else None,
        "dbInUseBytes": said.db_in_use if said else None,
        "errors": list(said.errors) if said else None,
    }


def findings_json(row: EtcdState) -> Json:
    return [_finding_json(finding) for finding in row.findings]


def _finding_json(finding: Finding) -> Json:
    return {
        "level": finding.level.value,
        "about": finding.about.value,
        "word": finding.word,
        "detail": finding.detail,
        "hosts": list(finding.hosts),
        "remedy": finding.remedy or None,
    }


def views_json(row: EtcdState) -> Json:
    return row.views.text if row.views is not None else None


def haystack(row: EtcdState) -> str:
    hosts = " ".join(member.host for member in row.members)
    return f"{row.cluster}\n{row.word}\n{row.reason}\n{hosts}\n{row.source_name}\n{' '.join(row.versions)}".lower()
