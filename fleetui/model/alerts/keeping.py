"""Acks that are kept alive: prolonged while what they mute fires, ended when it has resolved, let go of when somebody
else has decided. Never for longer than a shift: ``ack.LONGEST_S``."""

from collections.abc import Iterable, Mapping

import msgspec

from fleetui.model.alerts.ack import prolonged
from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.matcher import MatcherError
from fleetui.model.alerts.silence import Draft, Silence, SilenceState

AT_LEAST_LEFT_S = 10.0
"""An ack nearer to its end is left to end: prolonged too late, Alertmanager makes another silence of it, and two
consoles would make two. Polls are five seconds apart."""


class Kept(msgspec.Struct, frozen=True):
    """One ack that this console keeps: it has posted it, or found it as the same operator's."""

    id: str
    by: str
    until: float
    """When it ends, as far as is known. Unix seconds."""


def found(kept: Iterable[Kept], silences: Mapping[str, Silence], *, by: str) -> tuple[Kept, ...]:
    """Acks of this operator that somebody else has posted, such as the command line. ``by`` empty: of nobody."""
    known = {one.id for one in kept}
    return tuple(
        Kept(silence.id, by, silence.ends_at)
        for silence in silences.values()
        if by and silence.id not in known and _is_ack_of(silence, by) and silence.state is SilenceState.ACTIVE
    )


class Chores(msgspec.Struct, frozen=True):
    """What is to be done about those that are kept."""

    prolong: tuple[Draft, ...] = ()
    end: tuple[str, ...] = ()
    """Ids: everything that they mute has resolved."""
    kept: tuple[Kept, ...] = ()
    """Those that are kept on; the others are somebody else's now, or over."""


def chores(kept: Iterable[Kept], silences: Mapping[str, Silence], alerts: Iterable[Alert], *, now: float) -> Chores:
    """``silences`` and ``alerts`` are all that are known. One that is not among them yet, or whose Alertmanagers do not
    answer, is kept until it must have ended."""
    known = tuple(alerts)
    prolong: list[Draft] = []
    end: list[str] = []
    on: list[Kept] = []
    for one in kept:
        silence = silences.get(one.id)
        if silence is None:
            on += [one] if now < one.until else []
        elif _is_still_ours(silence, one, now):
            if _is_over(silence, known):
                end.append(one.id)
                continue
            draft = prolonged(silence, known, by=one.by, now=now)
            prolong += [draft] if draft is not None and silence.left_s(now) >= AT_LEAST_LEFT_S else []
            on.append(msgspec.structs.replace(one, until=silence.ends_at))
    return Chores(tuple(prolong), tuple(end), tuple(on))


def _is_still_ours(silence: Silence, kept: Kept, now: float) -> bool:
    """Whoever ends it, or takes it over under another name, has decided."""
    ours = _is_ack_of(silence, kept.by)
    return ours and silence.state is not SilenceState.EXPIRED and now < silence.ends_at


def _is_ack_of(silence: Silence, by: str) -> bool:
    return silence.is_ack and silence.created_by == by


def _is_over(silence: Silence, alerts: Iterable[Alert]) -> bool:
    """Its alerts were seen to end, and none of them fires, waits or is unknown. Nothing seen is no end."""
    try:
        meant = [alert for alert in alerts if silence.matches(alert.labels)]
    except MatcherError:
        return False  # of another author than us: it ends by itself
    return bool(meant) and all(alert.phase.over for alert in meant)
