"""What the boards of etcd and of alerts come to on a cluster's row in the fleet."""

from collections import Counter

from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.pipeline import Level, Pipeline, Trouble
from fleetui.model.cluster import AlertSign, EtcdSign, Health
from fleetui.model.health.etcd_state import EtcdState

PAGE, TICKET, HUSHED = "page", "ticket", "hushed"


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

    def see(self, key: str, alert: Alert) -> None:
        self.forget(key)
        if (kind := _kind(alert)) and alert.cluster:
            self._of[key] = place = (alert.cluster, kind)
            self._counts[place] += 1

    def forget(self, key: str) -> None:
        if place := self._of.pop(key, None):
            self._counts[place] -= 1

    def sign(self, cluster: str, pipeline: Pipeline) -> AlertSign:
        blind, dead = _blindness(pipeline, cluster), _level(pipeline, cluster) is Level.DEAD
        return AlertSign(
            pages=self._counts[cluster, PAGE],
            tickets=self._counts[cluster, TICKET],
            hushed=self._counts[cluster, HUSHED],
            blind=blind,
            dead=dead,
            awaited=bool(blind) and not dead and any(trouble.awaited for trouble in _troubles(pipeline, cluster)),
        )


def _kind(alert: Alert) -> str:
    """Empty for what calls for nobody. Who may still fire counts: it is not known to have ended."""
    if alert.phase not in (Phase.FIRING, Phase.UNKNOWN) or alert.call not in (Call.PAGE, Call.TICKET):
        return ""
    if alert.hush not in (Hush.NONE, Hush.UNKNOWN):
        return HUSHED
    return PAGE if alert.call is Call.PAGE else TICKET


def _blindness(pipeline: Pipeline, cluster: str) -> str:
    """A pipeline that is late still tells, and whoever evaluates on time proves that nothing fires."""
    own = next((trouble.what for trouble in pipeline.troubles if trouble.cluster == cluster), "")
    if own or cluster in pipeline.silent:
        return own or "it sends no metrics: none of its alerts can fire"
    level = _level(pipeline, cluster)
    if level is Level.DEAD or (level is Level.UNKNOWN and not pipeline.evaluating):
        troubles = _troubles(pipeline, cluster)
        return next((trouble.what for trouble in troubles), "nothing proves that the alert pipeline lives")
    return ""


def _troubles(pipeline: Pipeline, cluster: str) -> tuple[Trouble, ...]:
    """Worst first, without those of other clusters: what has blinded one says nothing of the rest."""
    return tuple(trouble for trouble in pipeline.troubles if trouble.cluster in ("", cluster))


def _level(pipeline: Pipeline, cluster: str) -> Level:
    if not pipeline.troubles:
        return pipeline.level
    return next((trouble.level for trouble in _troubles(pipeline, cluster)), Level.OK)
