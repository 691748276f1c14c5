"""What scraped figures of one etcd cluster come to. A failed scrape says that the scraper does not reach the
member, never that it is dead; and what no query tells (who is in the list) is taken from the members' own counts."""

from collections.abc import Iterator, Sequence

from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.fault import Fault
from fleetui.model.health import etcd_limits
from fleetui.model.health.board import LEVELS, Cell, value_text
from fleetui.model.health.etcd_counted_alarms import counted_alarms
from fleetui.model.health.etcd_finding import About, Finding
from fleetui.model.health.etcd_promql import panel_of
from fleetui.model.health.etcd_quorum import Margin
from fleetui.model.health.etcd_scrape import Scraped
from fleetui.model.health.sample import Age

_ABOUT = {
    "fsync": About.SLOW_DISK,
    "fsync_slow": About.SLOW_DISK,
    "commit": About.SLOW_DISK,
    "slow_apply": About.SLOW_DISK,
    "rtt": About.SLOW_NETWORK,
    "heartbeats": About.SLOW_NETWORK,
    "unapplied": About.BEHIND,
    "pending": About.BEHIND,
    "failed": About.BEHIND,
    "of_quota": About.FILLING,
    "hours": About.FILLING,
    "changes": About.FLAPPING,
}
"""What a figure beyond its limit is about, by panel."""


def margin(members: Sequence[Scraped], *, now: float) -> Margin:
    """Voters are those that the members themselves know of (3.6 and later), at least those that are scraped."""
    voters = [member for member in members if not member.flag("is_learner")]
    learners = len(members) - len(voters)
    trusted = [member for member in voters if member.counts(now)]
    known = max((int(member.figures.get("peers", 0)) for member in trusted), default=0) - learners
    up = sum(1 for member in trusted if member.flag("has_leader"))
    leaderless = sum(1 for member in trusted if member.flag("has_leader") is False)
    count = max(len(voters), known)
    return Margin(count, up, leaderless, down=0, silent=count - up - leaderless)


def findings(
    members: Sequence[Scraped],
    cells: Sequence[Cell],
    left: Margin,
    *,
    now: float,
    partial: str = "",
    fault: Fault | None = None,
) -> list[Finding]:
    """Worst first. ``partial`` and ``fault`` are the source's: what is missing in its answer, why there is no newer."""
    found = [
        *_trust(members, fault, now=now),
        *counted_alarms(members, left, now=now),
        *_quorum(members, left, now=now),
        *_silent(members, now=now),
        *_absent(members, left, partial),
        *_beyond(cells),
        *_fragmented(members, now=now),
        *_going_on(members, now=now),
    ]
    return sorted(found, key=lambda finding: (LEVELS.index(finding.level), list(About).index(finding.about)))


def _trust(members: Sequence[Scraped], fault: Fault | None, *, now: float) -> Iterator[Finding]:
    stale = [member for member in members if member.age(now) in (Age.STALE, Age.NONE)]
    if not stale:
        return
    ages = [seconds for member in stale if (seconds := member.up.age_s(now)) is not None]
    word = f"stale {format_duration(max(ages))}" if ages else "age unknown"
    detail = f"{len(stale)} of {len(members)} members have not been scraped for long: is their Prometheus alive?"
    if fault is not None:
        detail = f"{members[0].source}: {fault.word}: {fault.detail}"
    remedy = fault.remedy if fault else ""
    yield Finding(Health.UNKNOWN, About.STALE, word, detail, _hosts(stale), remedy)


def _quorum(members: Sequence[Scraped], left: Margin, *, now: float) -> Iterator[Finding]:
    trusted = [member for member in members if member.counts(now)]
    if not trusted:
        if all(member.down for member in members):
            yield Finding(Health.BROKEN, About.NO_QUORUM_SEEN, "no member up", _why_down(members), _hosts(members))
        return
    counts = f"{left.up} of {left.voters} voters are up and see a leader, quorum is {left.quorum}"
    missing = _hosts([m for m in members if not m.flag("is_learner") and not (m.counts(now) and m.flag("has_leader"))])
    if left.up == 0 and left.leaderless:
        yield Finding(Health.BROKEN, About.NO_LEADER, "no leader", counts, missing)
    elif left.can_lose < 0:
        # What is stale is unknown; broken is only said of what was seen to fail.
        level = Health.BROKEN if any(member.down for member in members) or left.leaderless else Health.UNKNOWN
        yield Finding(level, About.NO_QUORUM_SEEN, f"{left.up} of {left.voters} seen", counts, missing)
    elif left.thin:
        yield Finding(Health.WARNING, About.NO_MARGIN, left.text, counts, missing)
    cut_off = [member for member in trusted if left.up and member.flag("has_leader") is False]
    for member in cut_off:
        detail = f"{member.host} sees no leader while others do: its peer network, port 2380"
        yield Finding(Health.WARNING, About.CUT_OFF, "cut off", detail, (member.host,))


def _silent(members: Sequence[Scraped], *, now: float) -> Iterator[Finding]:
    for member in members:
        if member.down and member.age(now) in (Age.FRESH, Age.LATE):
            said = f": {member.error}" if member.error else ""
            detail = f"{member.host} cannot be scraped{said}"
            yield Finding(Health.WARNING, About.MEMBER_SILENT, "member silent", detail, (member.host,))


def _absent(members: Sequence[Scraped], left: Margin, partial: str) -> Iterator[Finding]:
    count = left.voters - sum(1 for member in members if not member.flag("is_learner"))
    if count > 0 and partial:
        detail = f"{count} of {left.voters} voters are not in an answer that is partial: {partial}"
        yield Finding(Health.UNKNOWN, About.MEMBER_SILENT, "partial answer", detail)
    elif count > 0:
        detail = f"the members know {left.voters} voters, {count} of them are no target of the scraper"
        yield Finding(Health.WARNING, About.MEMBER_SILENT, f"{count} not scraped", detail)


def _beyond(cells: Sequence[Cell]) -> Iterator[Finding]:
    for cell in cells:
        about, panel = _ABOUT.get(cell.panel), panel_of(cell.panel)
        if about is None or cell.sample.value is None or cell.level not in (Health.WARNING, Health.BROKEN):
            continue
        text = value_text(cell.sample.value, panel.unit)
        limit = panel.limit
        meant = f", amber from {value_text(limit.amber, panel.unit)} ({limit.source})" if limit else ""
        detail = f"{panel.title} of {cell.host or 'the cluster'}: {text}{meant}"
        hosts = (cell.host,) if cell.host else ()
        yield Finding(cell.level, about, f"{panel.short} {text}", detail, hosts)


def _fragmented(members: Sequence[Scraped], *, now: float) -> Iterator[Finding]:
    for member in members:
        size, in_use = member.figures.get("size"), member.figures.get("in_use")
        if not member.counts(now) or not size or in_use is None or in_use <= etcd_limits.WORTHWHILE:
            continue
        free = 1 - in_use / size
        if free > etcd_limits.FRAGMENTED:
            detail = f"{free:.0%} of the database of {member.host} is free space: defragment"
            yield Finding(Health.WARNING, About.FRAGMENTED, f"{free:.0%} free in db", detail, (member.host,))


def _going_on(members: Sequence[Scraped], *, now: float) -> Iterator[Finding]:
    trusted = [member for member in members if member.counts(now)]
    versions = sorted({member.version for member in trusted if member.version})
    if len(versions) > 1:
        yield Finding(Health.WARNING, About.VERSIONS, "versions differ", f"members run {' and '.join(versions)}")
    for member in trusted:
        if member.flag("is_learner"):
            detail = f"{member.host} is catching up and does not vote yet"
            yield Finding(Health.BUSY, About.JOINING, "learner", detail, (member.host,))
        if member.flag("defragmenting"):
            detail = f"{member.host} defragments: it serves nothing meanwhile, and latencies rise"
            yield Finding(Health.BUSY, About.FRAGMENTED, "defragmenting", detail, (member.host,))


def _hosts(members: Sequence[Scraped]) -> tuple[str, ...]:
    return tuple(member.host for member in members)


def _why_down(members: Sequence[Scraped]) -> str:
    errors = sorted({member.error for member in members if member.error})
    said = f": {'; '.join(errors)}" if errors else ""
    return f"none of {len(members)} members can be scraped{said}"
