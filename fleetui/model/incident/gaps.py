"""When nobody can know what happened: no console was recording, or nobody heard a source. Unknown, and not calm.

A source is heard as long as one console hears it: that one of two lost its network is no gap.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from fleetui.model.incident.incident import Incident, Watch

BEAT_S = 60.0
"""How often a console that records says that it does, and whom it hears; at once when that changes."""
LAPSE_S = 2.5 * BEAT_S
"""A console that has said nothing for longer was not there in between."""
SHORTEST_S = 10.0
"""Shorter ones are two polls, not a gap."""

NOBODY = "no console"

Span = tuple[float, float]
"""From, to: Unix seconds."""


class Gap(msgspec.Struct, frozen=True):
    what: str
    """``alertmanager eu-a``, ``cluster prod-1``, or ``no console``."""
    since: float
    until: float | None
    """None: it lasts."""

    @property
    def text(self) -> str:
        if self.what == NOBODY:
            return "unknown: no console was recording"
        return f"unknown: {self.what} silent"


def gaps(incident: Incident, now: float) -> tuple[Gap, ...]:
    """Of the time from its beginning to its end or to now, oldest first."""
    whole = (incident.opened, now if incident.closed is None else incident.closed)
    by_console = _by_console(incident.watches)
    watched = _union(span for beats in by_console.values() for span in _covered(beats, now))
    names = sorted({name for watch in incident.watches for name in watch.silent})
    found = [Gap(NOBODY, *span) for span in _without((whole,), watched)]
    for name in names:
        known = min(watch.at for watch in incident.watches if name in (*watch.silent, *watch.hears))
        heard = _union(span for beats in by_console.values() for span in _covered(beats, now, hearing=name))
        looked = _within(watched, (max(known, whole[0]), whole[1]))
        found += [Gap(name, *span) for span in _without(looked, heard)]
    lasting = (gap for gap in found if gap.until is not None and gap.until - gap.since >= SHORTEST_S)
    shown = (_open_ended(gap) if incident.open and gap.until == now else gap for gap in lasting)
    return tuple(sorted(shown, key=lambda gap: gap.since))


def _open_ended(gap: Gap) -> Gap:
    return msgspec.structs.replace(gap, until=None)


def _by_console(watches: Iterable[Watch]) -> dict[str, list[Watch]]:
    found: dict[str, list[Watch]] = {}
    for watch in watches:
        found.setdefault(watch.console, []).append(watch)
    return found


def _covered(beats: Sequence[Watch], now: float, *, hearing: str = "") -> Iterable[Span]:
    """When one console was there, as far as its beats prove it; with ``hearing``, when it heard that source."""
    last = beats[-1]
    following = [*beats, last if now - last.at > LAPSE_S else msgspec.structs.replace(last, at=now)]
    for beat, after in pairwise(following):
        if after.at - beat.at <= LAPSE_S and (not hearing or hearing in beat.hears):
            yield beat.at, after.at


def _union(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return tuple(joined)


def _within(spans: Iterable[Span], whole: Span) -> tuple[Span, ...]:
    cut = ((max(begin, whole[0]), min(end, whole[1])) for begin, end in spans)
    return tuple((begin, end) for begin, end in cut if begin < end)


def _without(spans: Iterable[Span], others: Sequence[Span]) -> tuple[Span, ...]:
    """What of ``spans`` is in none of ``others``; those are joined and in order."""
    left: list[Span] = []
    for begin, end in spans:
        at = begin
        for other_begin, other_end in others:
            if other_end <= at or other_begin >= end:
                continue
            if other_begin > at:
                left.append((at, other_begin))
            at = max(at, other_end)
        if at < end:
            left.append((at, end))
    return tuple(left)
