"""What follows from an alert's labels alone: worked out once for each set of labels, however often it is said."""

import msgspec

from fleetui.model.alerts.label_set import ALERTNAME, USUAL, Labels, Scheme, get
from fleetui.model.alerts.page_or_ticket import SEVERITY, Override, Verdict, judge

FEW = 1_000
"""Faces that are kept whoever is seen."""


class Face(msgspec.Struct, frozen=True):
    """One set of labels."""

    labels: Labels
    """Without what only tells replicas apart."""
    label_names: tuple[str, ...]
    name: str
    cluster: str
    """The fleet's name; empty when the labels do not say."""
    severity: str
    verdict: Verdict


class Faces:
    """Of one fleet and its decisions."""

    def __init__(self, scheme: Scheme = USUAL, overrides: tuple[Override, ...] = ()) -> None:
        self._scheme = scheme
        self._overrides = overrides
        self._known: dict[Labels, Face] = {}

    def of(self, said: Labels) -> Face:
        """Raises MatcherError for an override that cannot be read."""
        try:
            return self._known[said]
        except KeyError:
            face = self._known[said] = self._worked_out(said)
            return face

    def tidy(self, seen: int) -> None:
        """So many alerts have been looked at: once most faces are of others, all are forgotten."""
        if len(self._known) > 2 * seen + FEW:
            self._known.clear()

    def _worked_out(self, said: Labels) -> Face:
        labels = self._scheme.identity(said)
        return Face(
            labels=labels,
            label_names=tuple([name for name, _ in labels]),
            name=get(labels, ALERTNAME),
            cluster=self._scheme.cluster_of(labels),
            severity=get(labels, SEVERITY),
            verdict=judge(labels, overrides=self._overrides),
        )
