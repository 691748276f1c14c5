"""Signs that are etcd's: a member's word or a scrape, as its verdict has them."""

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.diagnosis.clue import Clue, listed, not_seen, seen, unseen
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.diagnosis.rule import Look
from fleetui.model.fault import FaultKind
from fleetui.model.health import etcd_limits
from fleetui.model.health.board import value_text
from fleetui.model.health.etcd_finding import About
from fleetui.model.health.etcd_forbids import may_stop, may_write
from fleetui.model.health.etcd_quorum import Margin, Ruling


def source_of(evidence: Evidence) -> str:
    return f"etcd {evidence.etcd.source_name}".strip() if evidence.etcd is not None else "etcd"


def margin_of(evidence: Evidence) -> Margin | None:
    """None where it is not known now."""
    return evidence.etcd.counted if evidence.etcd is not None and not evidence.etcd_doubt else None


def finding(*abouts: About, broken: bool = False) -> Look:
    """``broken``: only one that is more than a warning."""

    def look(evidence: Evidence) -> Clue:
        if doubt := evidence.etcd_doubt:
            return unseen(doubt, source="etcd")
        found = evidence.finding(*abouts)
        if found is not None and (found.level is Health.BROKEN or not broken) and found.level is not Health.UNKNOWN:
            return seen(f"etcd: {found.detail or found.word}", source=source_of(evidence), names=found.hosts)
        return not_seen(f"etcd says nothing of it: {evidence.etcd.word if evidence.etcd else ''}", source="etcd")

    return look


QUORUM_GONE = finding(About.QUORUM_LOST, About.NO_LEADER, About.NO_QUORUM_SEEN, broken=True)
CORRUPT = finding(About.CORRUPT)
_NO_SPACE = finding(About.NO_SPACE)
THIN = finding(About.NO_MARGIN)
CUT_OFF = finding(About.CUT_OFF)
SLOW_NETWORK = finding(About.SLOW_NETWORK)
BEHIND = finding(About.BEHIND)
VERSIONS = finding(About.VERSIONS)


def full(evidence: Evidence) -> Clue:
    """A member raises the alarm, and the whole cluster is what cannot be written."""
    clue = _NO_SPACE(evidence)
    if not clue.found:
        return clue
    raised = f", raised by {listed(clue.names)}" if clue.names else ""
    text = (
        f"etcd: NOSPACE{raised}: the whole cluster refuses writes, whichever member is asked; a restart does not help"
    )
    return msgspec.structs.replace(clue, text=text)


def no_writes(evidence: Evidence) -> Clue:
    """The rule of the plans' checks: the API server cannot write."""
    if evidence.etcd is None:
        return unseen(evidence.etcd_doubt, source="etcd")
    return _forbidden(evidence, may_write(evidence.etcd.seen))


def no_stop(evidence: Evidence) -> Clue:
    """The rule of the plans' checks: no member may be stopped."""
    if evidence.etcd is None:
        return unseen(evidence.etcd_doubt, source="etcd")
    return _forbidden(evidence, may_stop(evidence.etcd.seen, now=evidence.now))


def stop_unclear(evidence: Evidence) -> Clue:
    """Nobody knows whether one may be."""
    ruling = may_stop(evidence.etcd.seen, now=evidence.now) if evidence.etcd is not None else None
    if ruling is not None and not ruling.unknown:
        return not_seen(ruling.reason, source=source_of(evidence))
    return seen(ruling.reason if ruling is not None else evidence.etcd_doubt, source="etcd")


def _forbidden(evidence: Evidence, ruling: Ruling) -> Clue:
    if ruling.unknown:
        return unseen(ruling.reason, source="etcd")
    return (not_seen if ruling.allowed else seen)(ruling.reason, source=source_of(evidence))


def deaf(evidence: Evidence) -> Clue:
    """Enough members for a quorum are alive, and they find no leader: they hear us, and not each other."""
    if doubt := evidence.etcd_doubt:
        return unseen(doubt, source="etcd")
    left = margin_of(evidence)
    if left is None:
        return unseen("etcd: the number of voters is not known", source="etcd")
    members = evidence.etcd.members if evidence.etcd is not None else ()
    leaderless = [member.host for member in members if member.said is not None and not member.said.leader]
    told = evidence.finding(About.NO_LEADER)
    enough = left.up + left.leaderless >= left.quorum
    if told is not None and told.level is Health.BROKEN and enough:  # an election of a second is none
        text = f"{left.leaderless} of {left.voters} etcd members answer us and see no leader"
        return seen(text, source=source_of(evidence), names=leaderless)
    return not_seen("etcd has a leader, or too few members for one", source="etcd")


def slow_disk(evidence: Evidence) -> Clue:
    """The figure where there is one; a verdict of its own where only that is known."""
    if doubt := evidence.etcd_doubt:
        return unseen(doubt, source="etcd")
    told, value = evidence.finding(About.SLOW_DISK), evidence.etcd.fsync_s if evidence.etcd else None
    if told is not None and told.level in (Health.BROKEN, Health.WARNING):
        return seen(f"etcd: {told.detail or told.word}", source=source_of(evidence), names=told.hosts)
    if value is None:
        return unseen("etcd: how long its disk takes to sync is not measured", source="etcd")
    if etcd_limits.FSYNC_P99.judge(value) in (Health.BROKEN, Health.WARNING):
        hosts = evidence.etcd.bad if evidence.etcd else ()
        return seen(f"etcd: WAL fsync p99 {value_text(value, 's')}", source=source_of(evidence), names=hosts)
    return not_seen(f"etcd: WAL fsync p99 {value_text(value, 's')}", source=source_of(evidence))


def room(evidence: Evidence) -> Clue:
    """Whether its database has room: what settles that it does not run out."""
    if doubt := evidence.etcd_doubt:
        return unseen(doubt, source="etcd")
    share = evidence.etcd.db_share if evidence.etcd is not None else None
    if share is None:
        return unseen("etcd: how full its database is, is not known", source="etcd")
    if etcd_limits.DB_OF_QUOTA.judge(share) in (Health.BROKEN, Health.WARNING):
        told = evidence.finding(About.FILLING)
        hosts = told.hosts if told is not None else ()
        return seen(f"etcd: its database takes {share:.0%} of its quota", source=source_of(evidence), names=hosts)
    return not_seen(f"etcd: its database takes {share:.0%} of its quota", source=source_of(evidence))


def expired(evidence: Evidence) -> Clue:
    """A member whose certificate, or ours for it, has run out."""
    members = evidence.etcd.members if evidence.etcd is not None else ()
    ended = [m for m in members if m.fault is not None and m.fault.kind is FaultKind.TLS and "expired" in m.fault.word]
    if ended:
        text = f"etcd: {ended[0].host}: {ended[0].fault.word if ended[0].fault else ''}"
        return seen(text, source=source_of(evidence), names=[member.host for member in ended])
    if evidence.etcd is None or evidence.etcd.direct is None:
        return unseen("etcd's certificates: its members are not asked directly", source="etcd")
    return not_seen("no member's certificate has run out", source="etcd")
