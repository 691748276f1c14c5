"""Simulated Alertmanagers that gossip, without a wire and without a clock: the alerts they were sent, the silences they
were given, and what is quiet because of which.

What gossip takes real ones a moment is instant here: all members answer from this one state.
"""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from random import Random
from uuid import UUID

import msgspec

from fleetui.model.alerts.label_set import Labels, get
from fleetui.model.alerts.matcher import Matcher, all_match
from fleetui.model.alerts.silence import Draft, Silence, SilenceState

Route = Callable[[Labels], tuple[str, ...]]
"""The receivers of an alert."""


class RefusedError(Exception):
    """``status`` is HTTP's, the text Alertmanager's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Sent(msgspec.Struct, frozen=True):
    """An alert as Prometheus sends it. Times are Unix seconds."""

    labels: Labels
    starts_at: float
    ends_at: float
    """In the future: a lease until the next sending. In the past: it is resolved."""
    annotations: Labels = ()
    generator_url: str = ""


class Inhibition(msgspec.Struct, frozen=True):
    """While an alert of ``source`` fires, those of ``target`` that agree with it in the labels ``equal`` are quiet."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()

    def applies(self, labels: Labels) -> bool:
        """Whether they are of a target. An alert is never its own source."""
        return all_match(self.target, labels) and not all_match(self.source, labels)

    def by(self, source: Labels, labels: Labels) -> bool:
        return all_match(self.source, source) and all(get(source, name) == get(labels, name) for name in self.equal)


class Held(msgspec.Struct, frozen=True):
    """An alert as it is told."""

    fingerprint: str
    sent: Sent
    updated_at: float
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()


def fingerprint(labels: Labels) -> str:
    said = "\0".join(f"{name}\0{value}" for name, value in labels)
    return blake2b(said.encode(), digest_size=8).hexdigest()


def _default_route(_: Labels) -> tuple[str, ...]:
    return ("default",)


class SimulatedMesh:
    def __init__(
        self,
        names: tuple[str, ...],
        *,
        rng: Random,
        inhibitions: Iterable[Inhibition] = (),
        route: Route = _default_route,
    ) -> None:
        self.names = names
        """Of its members, as they know each other."""
        self._rng = rng
        self._inhibitions = tuple(inhibitions)
        self._route = route
        self._alerts: dict[str, tuple[Sent, float]] = {}
        self._silences: dict[str, Silence] = {}

    def receive(self, alerts: Iterable[Sent], now: float) -> None:
        """The newest word about an alert counts; its beginning stays the earliest while it goes on."""
        for sent in alerts:
            key = fingerprint(sent.labels)
            known = self._alerts.get(key)
            goes_on = known is not None and known[0].ends_at > now
            starts = min(known[0].starts_at, sent.starts_at) if known is not None and goes_on else sent.starts_at
            self._alerts[key] = msgspec.structs.replace(sent, starts_at=starts), now

    def alerts(self, now: float, matchers: Iterable[Matcher] = ()) -> tuple[Held, ...]:
        """Those that go on, by their fingerprints."""
        wanted = tuple(matchers)
        firing = {key: one for key, one in sorted(self._alerts.items()) if one[0].ends_at > now}
        silences = [silence for silence in self.silences(now) if silence.state is SilenceState.ACTIVE]
        found = ((key, sent, at) for key, (sent, at) in firing.items() if all_match(wanted, sent.labels))
        return tuple(
            Held(
                key,
                sent,
                at,
                silenced_by=tuple(silence.id for silence in silences if silence.matches(sent.labels)),
                inhibited_by=self._inhibitors(sent.labels, firing),
                receivers=self._route(sent.labels),
            )
            for key, sent, at in found
        )

    def _inhibitors(self, labels: Labels, firing: dict[str, tuple[Sent, float]]) -> tuple[str, ...]:
        rules = [rule for rule in self._inhibitions if rule.applies(labels)]
        return tuple(key for key, (sent, _) in firing.items() if any(rule.by(sent.labels, labels) for rule in rules))

    def silences(self, now: float) -> tuple[Silence, ...]:
        """Expired ones too."""
        return tuple(msgspec.structs.replace(one, state=_state(one, now)) for one in self._silences.values())

    def post(self, draft: Draft, now: float) -> str:
        """The id of the silence: that of the draft when it could be changed in place. Raises RefusedError."""
        if draft.ends_at <= now:
            raise RefusedError(400, "failed to create silence: end time can't be in the past")
        if all_match(draft.matchers, ()):
            raise RefusedError(400, "failed to create silence: at least one matcher must not match the empty string")
        known = self._silences.get(draft.id) if draft.id else None
        if draft.id and known is None:
            raise RefusedError(404, "silence not found")
        kept = known is not None and known.matchers == draft.matchers and _state(known, now) is SilenceState.ACTIVE
        if known is not None and not kept:
            self._end(known, now)
        id_ = known.id if known is not None and kept else str(UUID(int=self._rng.getrandbits(128), version=4))
        starts = known.starts_at if known is not None and kept else max(draft.starts_at, now)
        self._silences[id_] = Silence(
            id_, draft.matchers, starts, draft.ends_at, draft.created_by, draft.comment, updated_at=now
        )
        return id_

    def expire(self, silence_id: str, now: float) -> None:
        """Raises RefusedError."""
        known = self._silences.get(silence_id)
        if known is None:
            raise RefusedError(500, f"silence {silence_id} not found")
        self._end(known, now)

    def _end(self, silence: Silence, now: float) -> None:
        if _state(silence, now) is not SilenceState.EXPIRED:
            self._silences[silence.id] = msgspec.structs.replace(silence, ends_at=now, updated_at=now)


def _state(silence: Silence, now: float) -> SilenceState:
    if silence.ends_at <= now:
        return SilenceState.EXPIRED
    return SilenceState.PENDING if silence.starts_at > now else SilenceState.ACTIVE
