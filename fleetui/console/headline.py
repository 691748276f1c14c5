"""The first two lines of every screen: where am I and may I write; how trustworthy is what I see. Pure."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from fleetui.console.arming import Arming
from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, Span, fit, join, line, spread, width
from fleetui.model.cluster import Cluster
from fleetui.model.duration import silence_text
from fleetui.model.freshness import Trust
from fleetui.model.table.cluster_cells import operation_words

URGENT = 4
"""Parts of the trust line that tell of trouble: what lives, what is blocked, what is silent, what is stale."""

_SHORTER = ((3, True, None), (1, True, None), (0, True, None), (0, True, URGENT), (0, False, None))
"""Ways to say the trust line, shorter and shorter: silent clusters that are named, the rest being a number; whether it
says why an operation is blocked; parts that must have room, None for all."""


class Standing(msgspec.Struct, frozen=True):
    """The fleet's trust in one value."""

    live: int = 0
    connecting: int = 0
    idle: int = 0
    """Not connected, because nobody asked."""
    stale: tuple[Cluster, ...] = ()
    silent: tuple[Cluster, ...] = ()
    partial: tuple[Cluster, ...] = ()
    """Live, but some kind of object is refused or broken (403 pods)."""
    stuck: tuple[Cluster, ...] = ()
    """An operation on it waits for a person."""

    @property
    def late(self) -> bool:
        """True when ages are on show and go on growing."""
        return bool(self.stale or self.silent)


def standing(clusters: Iterable[Cluster]) -> Standing:
    by_trust: dict[Trust, list[Cluster]] = {trust: [] for trust in Trust}
    stuck: list[Cluster] = []
    for cluster in clusters:
        by_trust[cluster.trust].append(cluster)
        if cluster.stuck:
            stuck.append(cluster)
    live = by_trust[Trust.LIVE]
    return Standing(
        live=len(live),
        connecting=len(by_trust[Trust.CONNECTING]),
        idle=len(by_trust[Trust.IDLE]),
        stale=tuple(by_trust[Trust.STALE]),
        silent=tuple(sorted(by_trust[Trust.SILENT], key=lambda cluster: (-(cluster.last_contact or 0), cluster.name))),
        partial=tuple(cluster for cluster in live if _broken_feed(cluster)),
        stuck=tuple(sorted(stuck, key=lambda cluster: cluster.name)),
    )


def where_line(
    crumbs: tuple[str, ...], counts: Line, *, arming: Arming, actor: str, now: float, glyphs: Glyphs, cells: int
) -> Line:
    """``fleetui ▸ Fleet   142 clusters   READ-ONLY  ana@bastion  14:02``.

    Where not all of it has room, the actor goes first, then the clock, then the counts from their last to their first
    (pages come first: they are given up last, after the way there), and never whether it may write.
    """
    separator: Span = (f" {glyphs.crumb} ", "crumb")
    way: list[Span] = [(" fleetui", "brand")]
    for index, crumb in enumerate(crumbs):
        way += [separator, (crumb, "title" if index == len(crumbs) - 1 else "crumb")]
    clock: Line = ((datetime.fromtimestamp(now).strftime("%H:%M "), "muted"),)
    chip = arming_chip(arming, now)
    rights = [join([chip, *more], "  ") for more in ((line((actor, "muted")), clock), (clock,), (line(" "),))]
    first, *less = [join([tuple(way), said], "     ") for said in _shorter(counts)]
    short = _way_cut(tuple(way), _shorter(counts)[-1], cells - width(rights[-1]))
    tries = [(first, right) for right in rights] + [(left, rights[-1]) for left in (*less, short) if left]
    for left, right in (*tries, *((tuple(way), right) for right in rights)):
        if width(left) + width(right) < cells:
            return spread(left, right, cells)
    return spread(tuple(way), rights[-1], cells)


def _shorter(counts: Line) -> list[Line]:
    """The counts, then without their last one, and so on to the first alone. Blanks part them."""
    gaps = [at for at, (text, _) in enumerate(counts) if not text.strip()]
    return [counts, *(counts[:at] for at in reversed(gaps))]


def _way_cut(way: Line, first: Line, room: int) -> Line:
    """The way that ends early before the first count; nothing where the way would lose more than a third."""
    left = room - width(first) - 3
    return join([fit(way, left), first], "  ") if first and left >= width(way) * 2 // 3 else ()


def arming_chip(arming: Arming, now: float) -> Line:
    if arming.armed(now):
        return ((f" WRITE {arming.minutes_left(now)}m left ", "chip-write"),)
    return (("READ-ONLY", "chip-readonly"),)


def trust_line(fleet: Standing, *, now: float, glyphs: Glyphs, cells: int) -> Line:
    """``◉ 139 live  ✖ 1 silent: edge-lima-02 (6m, cert expired 2h ago)  ◐ 2 stale (max 43s)``.

    What waits for a person comes first. Where not all of it has room, names of silent clusters go before anything else
    does, then the calm end, then why an operation is blocked.
    """
    said: Line = ()
    for named, why, kept in _SHORTER:
        parts = _standing_parts(fleet, now=now, glyphs=glyphs, named=named, why=why)
        said = join(parts, "  ")
        if width(join(parts[:kept], "  ")) <= cells:
            break
    return fit(said, cells)


def _standing_parts(fleet: Standing, *, now: float, glyphs: Glyphs, named: int, why: bool) -> list[Line]:
    """By urgency; ``URGENT`` of them stay when the others are cut."""
    return [
        line((f" {glyphs.live} ", "ok" if fleet.live else "muted"), (f"{fleet.live} live", "text")),
        _stuck(fleet, now, glyphs, why=why),
        _silent(fleet, now, glyphs, named=named),
        _stale(fleet, now, glyphs),
        _partial(fleet, glyphs),
        _counted(glyphs.connecting, fleet.connecting, "connecting"),
        _counted(glyphs.idle, fleet.idle, "not connected"),
    ]


def cluster_trust_line(cluster: Cluster | None, *, now: float, glyphs: Glyphs, cells: int) -> Line:
    """The trust line of a screen that shows one cluster: its word, its fault, the remedy."""
    if cluster is None:
        said: Line = line((f" {glyphs.unknown} not connected", "unknown"))
    elif cluster.trust is Trust.LIVE:
        about = " · ".join(
            part for part in (cluster.version or "", cluster.tags.environment, _calm_work(cluster)) if part
        )
        live = line((f" {glyphs.live} ", "ok"), "live", (f"  {about}", "muted"))
        said = join([live, _blocked(cluster, now, glyphs), *_feed_faults(cluster, glyphs)])
    else:
        glyph, style = trust_mark(cluster.trust, glyphs)
        said = join(
            [
                line((f" {glyph} {cluster.trust.value} {age(cluster.last_contact, now)}".rstrip(), style)),
                _why(cluster),
                _blocked(cluster, now, glyphs),
            ]
        )
    return fit(said, cells)


def _calm_work(cluster: Cluster) -> str:
    return "" if cluster.stuck else operation_words(cluster)


def _blocked(cluster: Cluster, now: float, glyphs: Glyphs) -> Line:
    return line((f"{glyphs.warning} {_work_said(cluster, now)}", "warn")) if cluster.stuck else ()


def trust_mark(trust: Trust, glyphs: Glyphs) -> Span:
    """The glyph and style of a trust."""
    return {
        Trust.LIVE: (glyphs.live, "ok"),
        Trust.CONNECTING: (glyphs.connecting, "muted"),
        Trust.IDLE: (glyphs.idle, "faint"),
        Trust.STALE: (glyphs.stale, "stale"),
        Trust.SILENT: (glyphs.broken, "danger"),
    }[trust]


def age(then: float | None, now: float) -> str:
    """Empty when there never was a contact."""
    return "" if then is None else silence_text(then, now)


def _counted(glyph: str, count: int, word: str) -> Line:
    return line((f"{glyph} {count} {word}", "muted")) if count else ()


def _stale(fleet: Standing, now: float, glyphs: Glyphs) -> Line:
    if not fleet.stale:
        return ()
    oldest = min((cluster.last_contact for cluster in fleet.stale if cluster.last_contact is not None), default=None)
    late = f" (max {silence_text(oldest, now)})" if oldest is not None else ""
    return line((f"{glyphs.stale} {len(fleet.stale)} stale{late}", "stale"))


def _silent(fleet: Standing, now: float, glyphs: Glyphs, *, named: int) -> Line:
    if not fleet.silent:
        return ()
    count = f"{glyphs.broken} {len(fleet.silent)} silent"
    if not named:
        return line((count, "danger"))
    shown = [_named(cluster, now) for cluster in fleet.silent[:named]]
    more = len(fleet.silent) - len(shown)
    return line((f"{count}: ", "danger"), (", ".join(shown) + (f", +{more}" if more else ""), "text"))


def _named(cluster: Cluster, now: float) -> str:
    word = cluster.fault.word if cluster.fault else ""
    about = ", ".join(part for part in (age(cluster.last_contact, now), word) if part)
    return f"{cluster.name} ({about})" if about else cluster.name


def _stuck(fleet: Standing, now: float, glyphs: Glyphs, *, why: bool) -> Line:
    """The first operation that waits for a person, with what it waits for."""
    if not fleet.stuck:
        return ()
    first = fleet.stuck[0]
    more = f", +{len(fleet.stuck) - 1}" if len(fleet.stuck) > 1 else ""
    return line(
        (f"{glyphs.warning} {first.name}: ", "warn"),
        (f"{_work_said(first, now) if why else first.works[0].text(now)}{more}", "text"),
    )


def _work_said(cluster: Cluster, now: float) -> str:
    """``drain 0/2 blocked 2m (pdb payments/api allows 0, Deployment/api)``."""
    work = cluster.works[0]
    return work.text(now) + (f" ({work.reason})" if work.reason else "")


def _partial(fleet: Standing, glyphs: Glyphs) -> Line:
    if not fleet.partial:
        return ()
    first = fleet.partial[0]
    fault = _broken_feed(first)
    word = f" ({fault})" if fault else ""
    more = f", +{len(fleet.partial) - 1}" if len(fleet.partial) > 1 else ""
    return line((f"{glyphs.warning} partial: ", "warn"), (f"{first.name}{word}{more}", "text"))


def _broken_feed(cluster: Cluster) -> str:
    return next((feed.fault.word for feed in cluster.feeds if feed.fault is not None), "")


def _feed_faults(cluster: Cluster, glyphs: Glyphs) -> list[Line]:
    return [
        line((f"{glyphs.warning} {feed.fault.word}", "warn"), (f" {feed.fault.remedy}", "muted"))
        for feed in cluster.feeds
        if feed.fault is not None
    ]


def _why(cluster: Cluster) -> Line:
    if cluster.fault is None:
        return ()
    return line((cluster.fault.word, "text"), (f"  {cluster.fault.remedy}" if cluster.fault.remedy else "", "muted"))
