"""All silences of all Alertmanagers, with what each still does and when it ends."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.grouping import listed
from fleetui.model.alerts.mesh import NO_MESH, Meshes
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.silence import Silence, SilenceState
from fleetui.model.fault import Fault


class SilencesSaid(msgspec.Struct, frozen=True):
    """One look at the silences of one Alertmanager. With a ``fault`` there was no usable answer."""

    source: str
    at: float
    silences: tuple[Silence, ...] = ()
    fault: Fault | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One silence."""

    silence: Silence
    sources: tuple[str, ...]
    """The Alertmanagers that have it."""
    lacking: tuple[str, ...] = ()
    """Their peers that answer and do not have it: gossip is broken, half of the notifications are not muted."""
    muted: int | None
    """Alerts that it mutes now; None while nobody can tell: it is not active, or an Alertmanager that has it is not
    heard."""
    pages: int | None
    clusters: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called by: amtool takes its id."""
        return self.silence.id

    @property
    def idle(self) -> bool:
        """It mutes nothing, and nobody would notice if it ended."""
        return self.muted == 0

    def order(self, now: float) -> tuple[int, float]:
        """What ends first on top; then what has not begun, then what is over."""
        place = {SilenceState.ACTIVE: 0, SilenceState.PENDING: 1, SilenceState.EXPIRED: 2}[self.silence.state]
        return (place, -self.silence.ends_at if place == 2 else self.silence.left_s(now))


def inventory(
    said: Iterable[SilencesSaid],
    alerts: Iterable[Alert],
    *,
    now: float,
    heard: frozenset[str],
    meshes: Meshes = NO_MESH,
) -> tuple[Standing, ...]:
    """``alerts`` are those of the last merge, ``heard`` the Alertmanagers whose alerts are in it. An Alertmanager's own
    word (silencedBy) counts what a silence mutes, so that no expression has to be understood here."""
    answers = tuple(said)
    census = _Census(answers, alerts, heard, meshes)
    found = map(census.standing, by_id(answers).values())
    return tuple(sorted(found, key=lambda standing: standing.order(now)))


def by_id(said: Iterable[SilencesSaid]) -> dict[str, Silence]:
    """For ``merge``; of two versions the newer."""
    found: dict[str, Silence] = {}
    for answer in said:
        for silence in answer.silences if answer.fault is None else ():
            known = found.get(silence.id)
            found[silence.id] = silence if known is None else _newer(known, silence)
    return found


class _Census:
    """Who has which silence, and which alerts each mutes."""

    def __init__(
        self, said: Iterable[SilencesSaid], alerts: Iterable[Alert], heard: frozenset[str], meshes: Meshes
    ) -> None:
        self._heard = heard
        self._meshes = meshes
        self._answering: set[str] = set()
        self._holders: dict[str, set[str]] = defaultdict(set)
        self._muted: dict[str, list[Alert]] = defaultdict(list)
        for answer in said:
            if answer.fault is None:
                self._answering.add(answer.source)
                for silence in answer.silences:
                    self._holders[silence.id].add(answer.source)
        for alert in listed(alerts):
            for id_ in alert.silenced_by if not alert.phase.over else ():
                self._muted[id_].append(alert)

    def standing(self, silence: Silence) -> Standing:
        holders, muted = self._holders[silence.id], self._muted.get(silence.id, [])
        told = silence.state is SilenceState.ACTIVE and holders <= self._heard
        return Standing(
            silence=silence,
            sources=tuple(sorted(holders)),
            lacking=self._lacking(silence, holders),
            muted=len(muted) if told else None,
            pages=sum(alert.call is Call.PAGE for alert in muted) if told else None,
            clusters=tuple(sorted({alert.cluster for alert in muted})),
        )

    def _lacking(self, silence: Silence, holders: set[str]) -> tuple[str, ...]:
        if silence.state is SilenceState.EXPIRED:
            return ()
        peers = {peer for source in holders for peer in self._meshes.peers(source)}
        return tuple(sorted((peers & self._answering) - holders))


def _newer(one: Silence, other: Silence) -> Silence:
    return other if (other.updated_at or 0.0) > (one.updated_at or 0.0) else one
