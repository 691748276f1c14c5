"""What the boards of etcd and of alerts come to on a cluster's row in the fleet."""

from collections import Counter
from collections.abc import Iterable

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
        blind, dead = blindness(pipeline, cluster), level_of(pipeline, cluster) is Level.DEAD
        return AlertSign(
            pages=self._counts[cluster, PAGE],
            tickets=self._counts[cluster, TICKET],
            hushed=self._counts[cluster, QUIET_PAGE] + self._counts[cluster, QUIET_TICKET],
            blind=blind,
            dead=dead,
            awaited=bool(blind) and not dead and any(trouble.awaited for trouble in _troubles(pipeline, cluster)),
            late="" if blind else lateness(pipeline, cluster),
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


def blindness(pipeline: Pipeline, cluster: str) -> str:
    """Why there may be alerts of a cluster that nobody tells of; empty where somebody would. A pipeline that is late
    still tells, a rule that cannot be evaluated hides itself alone, and whoever evaluates on time proves that nothing
    fires."""
    own = next((each.what for each in pipeline.troubles if each.cluster == cluster and _blinds(each)), "")
    if own or cluster in pipeline.silent:
        return own or "it sends no metrics: none of its alerts can fire"
    level = level_of(pipeline, cluster)
    if level is Level.DEAD or (level is Level.UNKNOWN and not pipeline.evaluating):
        troubles = _troubles(pipeline, cluster)
        return next((trouble.what for trouble in troubles), "nothing proves that the alert pipeline lives")
    return ""


def lateness(pipeline: Pipeline, cluster: str) -> str:
    """What is wrong with the cluster's own part of the pipeline and leaves the rest of it alive; empty when nothing."""
    return next((each.what for each in pipeline.troubles if each.cluster == cluster and not _blinds(each)), "")


def _blinds(trouble: Trouble) -> bool:
    return trouble.level is not Level.LATE or trouble.partial


def _troubles(pipeline: Pipeline, cluster: str) -> tuple[Trouble, ...]:
    """Worst first, without those of other clusters: what has blinded one says nothing of the rest."""
    return tuple(trouble for trouble in pipeline.troubles if trouble.cluster in ("", cluster))


def level_of(pipeline: Pipeline, cluster: str) -> Level:
    """Of the pipeline as far as it concerns this cluster."""
    if not pipeline.troubles:
        return pipeline.level
    return next((trouble.level for trouble in _troubles(pipeline, cluster)), Level.OK)
