"""What the boards of etcd and of alerts come to on a cluster's row in the fleet."""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.alerts.grouping import Total
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.pipeline import Level, Pipeline, Trouble
from fleetui.model.cluster import AlertSign, EtcdSign, Health, Quiet
from fleetui.model.health.etcd_state import EtcdState

PAGE, TICKET = "page", "ticket"
QUIET_PAGE, QUIET_TICKET = "quiet page", "quiet ticket"
_HUSHED = {Call.PAGE: QUIET_PAGE, Call.TICKET: QUIET_TICKET}
_LOUD = {Call.PAGE: PAGE, Call.TICKET: TICKET}
_HOW = {
    Hush.SILENCED: ("mute", "silenced"),
    Hush.INHIBITED: ("mute", "implied by another"),
    Hush.MUTED: ("mute", "muted by its route"),
}


class Alarms(msgspec.Struct, frozen=True):
    """What fires in the whole fleet, and what that is worth."""

    total: Total
    """Also of what belongs to no cluster."""
    pipeline: Pipeline


def etcd_sign(state: EtcdState) -> EtcdSign | None:
    """None where no way to it is configured."""
    if not state.configured:
        return None
    return EtcdSign(
        level=state.level,
        word=state.word,
        can_lose=state.can_lose,
        voters=state.voters,
        why="" if state.level is Health.CALM else state.reason,
        awaited=not state.settled,
        direct=state.direct is not None,
    )


class Firing:
    """How much fires of each cluster, kept by what changes: thousands of alerts are not counted again for one."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[str, str]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._quiet: dict[str, dict[str, Quiet]] = {}
        """By cluster and key, the pages that nobody is told of."""
        self._heard: Heard | None = None

    def see(self, key: str, alert: Alert) -> None:
        place = (alert.cluster, kind) if (kind := _kind(alert)) and alert.cluster else None
        if place == self._of.get(key) and kind != QUIET_PAGE:
            return  # thousands say no more than another value
        self.forget(key)
        if place is not None:
            self._of[key] = place
            self._counts[place] += 1
            if kind == QUIET_PAGE:
                self._quiet.setdefault(alert.cluster, {})[key] = quiet_of(alert)

    def forget(self, key: str) -> None:
        if place := self._of.pop(key, None):
            self._counts[place] -= 1
            self._quiet.get(place[0], {}).pop(key, None)

    def sign(self, cluster: str, pipeline: Pipeline) -> AlertSign:
        if self._heard is None or self._heard.pipeline is not pipeline:
            self._heard = Heard(pipeline)
        heard = self._heard
        blind, dead = heard.blindness(cluster), heard.level(cluster) is Level.DEAD
        return AlertSign(
            pages=self._counts[cluster, PAGE],
            tickets=self._counts[cluster, TICKET],
            hushed=self._counts[cluster, QUIET_PAGE] + self._counts[cluster, QUIET_TICKET],
            blind=blind,
            dead=dead,
            awaited=bool(blind) and not dead and any(trouble.awaited for trouble in heard.troubles(cluster)),
            late="" if blind else heard.lateness(cluster),
            quiet=_summed(self._quiet.get(cluster, {}).values()),
        )


def _kind(alert: Alert) -> str:
    """Empty for what calls for nobody. Who may still fire counts: it is not known to have ended."""
    if alert.phase not in (Phase.FIRING, Phase.UNKNOWN):
        return ""
    return (_HUSHED if is_quiet(alert) else _LOUD).get(alert.call, "")


def is_quiet(alert: Alert) -> bool:
    """Nobody is told of it."""
    return alert.hush not in (Hush.NONE, Hush.UNKNOWN)


def quiet_of(alert: Alert) -> Quiet:
    """Why nobody is told of one that ``is_quiet``."""
    if alert.ack is not None:
        return Quiet("ack", f"acked by {alert.ack.by}", until=alert.ack.until)
    if alert.hush is Hush.PLANNED:
        return Quiet("plan", f"planned: {alert.planned.partition(': ')[2] or alert.planned}")
    return Quiet(*_HOW.get(alert.hush, ("ack", "acked")))


def _summed(pages: Iterable[Quiet]) -> tuple[Quiet, ...]:
    """One of each kind; those that somebody is at first."""
    found: dict[str, Quiet] = {}
    for page in pages:
        known = found.get(page.how)
        ends = [until for until in (page.until, known.until if known else None) if until is not None]
        count = page.pages + (known.pages if known else 0)
        found[page.how] = Quiet(page.word, page.how, count, min(ends, default=None))
    return tuple(sorted(found.values(), key=lambda page: (page.word, page.how)))


class Heard:
    """What a verdict on the pipeline means for each cluster. Its troubles are told apart once: of 500 clusters each may
    have one of its own."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self._of: dict[str, list[tuple[int, Trouble]]] = {}
        for at, trouble in enumerate(pipeline.troubles):
            self._of.setdefault(trouble.cluster, []).append((at, trouble))

    def troubles(self, cluster: str) -> tuple[Trouble, ...]:
        """Worst first, without those of other clusters: what has blinded one says nothing of the rest."""
        own = self._of.get(cluster, []) if cluster else []
        return tuple(trouble for _, trouble in sorted([*self._of.get("", []), *own], key=_place))

    def level(self, cluster: str) -> Level:
        """Of the pipeline as far as it concerns this cluster."""
        if not self.pipeline.troubles:
            return self.pipeline.level
        return next((trouble.level for trouble in self.troubles(cluster)), Level.OK)

    def blindness(self, cluster: str) -> str:
        """Why there may be alerts of a cluster that nobody tells of; empty where somebody would. A pipeline that is
        late still tells, a rule that cannot be evaluated hides itself alone, and whoever evaluates on time proves that
        nothing fires."""
        own = next((each.what for each in self._own(cluster) if _blinds(each)), "")
        if own or cluster in self.pipeline.silent:
            return own or "it sends no metrics: none of its alerts can fire"
        level = self.level(cluster)
        if level is Level.DEAD or (level is Level.UNKNOWN and not self.pipeline.evaluating):
            troubles = self.troubles(cluster)
            return next((trouble.what for trouble in troubles), "nothing proves that the alert pipeline lives")
        return ""

    def lateness(self, cluster: str) -> str:
        """What is wrong with the cluster's own part of the pipeline and leaves the rest of it alive; empty when
        nothing."""
        return next((each.what for each in self._own(cluster) if not _blinds(each)), "")

    @property
    def shared_lateness(self) -> str:
        """What is wrong with the pipeline of them all and leaves it alive; empty when nothing."""
        return next((trouble.what for _, trouble in self._of.get("", []) if trouble.level is Level.LATE), "")

    def _own(self, cluster: str) -> Iterator[Trouble]:
        return (trouble for _, trouble in self._of.get(cluster, []))


def _place(entry: tuple[int, Trouble]) -> int:
    return entry[0]


def _blinds(trouble: Trouble) -> bool:
    return trouble.level is not Level.LATE or trouble.partial
