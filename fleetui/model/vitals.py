"""What the boards of etcd and of alerts come to on a cluster's row in the fleet."""

from collections import Counter

from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.pipeline import Level, Pipeline
from fleetui.model.cluster import AlertSign, EtcdSign, Health
from fleetui.model.health.etcd_state import EtcdState

PAGE, TICKET, HUSHED = "page", "ticket", "hushed"


def etcd_sign(state: EtcdState) -> EtcdSign:
    why = "" if state.level is Health.CALM else state.reason
    return EtcdSign(level=state.level, word=state.word, can_lose=state.can_lose, voters=state.voters, why=why)


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
        return AlertSign(
            pages=self._counts[cluster, PAGE],
            tickets=self._counts[cluster, TICKET],
            hushed=self._counts[cluster, HUSHED],
            blind=_blindness(pipeline, cluster),
            dead=pipeline.level is Level.DEAD,
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
    if pipeline.level is Level.DEAD or (pipeline.level is Level.UNKNOWN and not pipeline.evaluating):
        return next((trouble.what for trouble in pipeline.troubles), "nothing proves that the alert pipeline lives")
    return ""
