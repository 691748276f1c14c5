"""The rules with their alerts, read without doing anything twice: 5,000 alerts are 1 MB, and from one evaluation to the
next only their values differ."""

import msgspec

from fleetui.clients.monitoring.pieces import Pieces
from fleetui.clients.prometheus.wire import decode, moment, number
from fleetui.model.alerts.label_set import Labels, cleaned, cleaned_annotations
from fleetui.model.health.series import Alert, Rule
from fleetui.model.text import clean, clean_message

_QUERY_LIMIT = 4_000
"""Characters of a rule's expression; the longest of kubernetes-mixin has 1,100."""
_NONE = msgspec.Raw(b"{}")


class AlertEntry(msgspec.Struct, rename="camel"):
    labels: msgspec.Raw = _NONE
    annotations: msgspec.Raw = _NONE
    state: str = ""
    active_at: str | None = None
    value: str = "NaN"


class AlertsData(msgspec.Struct):
    alerts: list[AlertEntry] = []


class RuleEntry(msgspec.Struct, rename="camel"):
    name: str = ""
    type: str = ""
    query: str = ""
    duration: float = 0.0
    labels: msgspec.Raw = _NONE
    annotations: msgspec.Raw = _NONE
    state: str = ""
    health: str = "unknown"
    last_error: str = ""
    last_evaluation: str = ""
    alerts: list[AlertEntry] | None = None


class GroupEntry(msgspec.Struct):
    name: str = ""
    file: str = ""
    interval: float = 0.0
    rules: list[RuleEntry] = []


class RulesData(msgspec.Struct):
    groups: list[GroupEntry] = []


class RulesBody:
    """Of one source. It may run in a thread."""

    def __init__(self) -> None:
        self._labels = Pieces(_labels)
        self._annotations = Pieces(_annotations)

    def rules(self, data: msgspec.Raw) -> tuple[Rule, ...]:
        """Raises msgspec.DecodeError."""
        found = tuple(self._rule(said, group) for group in decode(data, RulesData).groups for said in group.rules)
        self._tidy(sum(1 + len(rule.alerts) for rule in found))
        return found

    def alerts(self, data: msgspec.Raw) -> tuple[Alert, ...]:
        """Raises msgspec.DecodeError."""
        found = tuple(map(self._alert, decode(data, AlertsData).alerts))
        self._tidy(len(found))
        return found

    def _tidy(self, said: int) -> None:
        self._labels.tidy(said)
        self._annotations.tidy(said)

    def _alert(self, said: AlertEntry) -> Alert:
        return Alert(
            labels=self._labels.of(said.labels),
            annotations=self._annotations.of(said.annotations),
            state=clean(said.state, limit=40),
            active_at=moment(said.active_at or ""),
            value=number(said.value),
        )

    def _rule(self, said: RuleEntry, group: GroupEntry) -> Rule:
        return Rule(
            name=clean(said.name),
            kind=clean(said.type, limit=40),
            query=clean_message(said.query, limit=_QUERY_LIMIT),
            group=clean(group.name),
            file=clean(group.file),
            interval_s=group.interval,
            hold_s=said.duration,
            labels=self._labels.of(said.labels),
            annotations=self._annotations.of(said.annotations),
            state=clean(said.state, limit=40),
            health=clean(said.health, limit=40),
            last_error=clean_message(said.last_error),
            last_evaluation=moment(said.last_evaluation),
            alerts=tuple(map(self._alert, said.alerts or ())),
        )


def _labels(piece: bytes) -> Labels:
    return cleaned(decode(piece, dict[str, str]))


def _annotations(piece: bytes) -> Labels:
    return cleaned_annotations(decode(piece, dict[str, str]))
