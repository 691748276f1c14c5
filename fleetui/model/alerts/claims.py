"""What the Prometheis say, made one per alert, and found again by what an Alertmanager says.

An alert reaches Alertmanager with labels that its Prometheus adds on the way (external labels) and without those that
relabelling drops, so the two are joined on the larger part that they share: the labels of the claim must all be among
those of the posted alert, and where several claims fit, the one that says most counts.
"""

from collections import defaultdict
from collections.abc import Iterable
from math import ceil

import msgspec

from fleetui.model.alerts.evidence import Active, Posted, PrometheusSays, Rule
from fleetui.model.alerts.label_set import ALERTNAME, Labels, Scheme, get, joined


class Claim(msgspec.Struct, frozen=True, gc=False):
    """One alert as all Prometheis together have it."""

    name: str
    cluster: str
    """The fleet's name; empty when neither label nor origin says."""
    labels: Labels
    """With known external labels, without replica labels."""
    firing: bool
    active_at: float | None
    value: float | None
    annotations: Labels
    rule: Rule | None
    sources: tuple[str, ...]
    at: float
    """When the last of them said so."""

    @property
    def fires_at(self) -> float | None:
        """A rule is only looked at when it is evaluated, so its ``for`` ends at the first evaluation after it."""
        if self.active_at is None or self.rule is None:
            return None
        hold, interval = self.rule.hold_s, self.rule.interval_s
        return self.active_at + (ceil(hold / interval) * interval if interval else hold)


def claims(said: Iterable[PrometheusSays], scheme: Scheme) -> tuple[Claim, ...]:
    """One claim for each alert, whichever of an HA pair says it. Those who gave no answer claim nothing."""
    found: dict[tuple[str, Labels], Claim] = {}
    for answer in said:
        for active in answer.active if answer.fault is None else ():
            claim = _claim(active, answer, scheme)
            known = found.setdefault((claim.cluster, claim.labels), claim)
            if known is not claim:
                found[claim.cluster, claim.labels] = _agreed(known, claim)
    return tuple(found.values())


def _claim(active: Active, answer: PrometheusSays, scheme: Scheme) -> Claim:
    origin = answer.origin
    labels = scheme.identity(joined(active.labels, origin.external))
    return Claim(
        name=get(labels, ALERTNAME),
        cluster=scheme.cluster_of(labels) or origin.cluster,
        labels=labels,
        firing=active.firing,
        active_at=None if active.active_at is None else active.active_at - answer.skew_s,
        value=active.value,
        annotations=active.annotations,
        rule=active.rule,
        sources=(origin.name,),
        at=answer.at,
    )


def _agreed(one: Claim, other: Claim) -> Claim:
    """It fires when one of them says so, since the earlier time; the value is of the later answer."""
    newer = other if other.at >= one.at else one
    known = [at for at in (one.active_at, other.active_at) if at is not None]
    sources = one.sources if other.sources[0] in one.sources else tuple(sorted((*one.sources, *other.sources)))
    return msgspec.structs.replace(
        newer, firing=one.firing or other.firing, active_at=min(known, default=None), sources=sources
    )


class ClaimIndex:
    """Claims by what they are found with. Alerts of one rule have labels of the same names, so a posted alert is cut
    down to those names and looked up: 5,000 alerts against 5,000 claims are 5,000 lookups."""

    def __init__(self, found: Iterable[Claim]) -> None:
        self._by: dict[tuple[str, str], dict[tuple[str, ...], dict[Labels, Claim]]] = defaultdict(dict)
        for claim in found:
            names = tuple(name for name, _ in claim.labels)
            self._by[claim.name, claim.cluster].setdefault(names, {})[claim.labels] = claim
        for key, shapes in self._by.items():
            self._by[key] = dict(sorted(shapes.items(), key=lambda shape: -len(shape[0])))

    def of(self, labels: Labels, *, name: str, cluster: str, posted: Posted) -> Claim | None:
        """The claim that says most of what ``labels`` (of ``posted``, without replica labels) say."""
        for key in ((name, cluster), (name, "")) if cluster else ((name, ""),):
            for names, by_labels in self._by.get(key, {}).items():
                claim = by_labels.get(tuple([pair for pair in labels if pair[0] in names]))
                if claim is not None and _same_rule(claim, posted, exact=claim.labels == labels):
                    return claim
        return None


def _same_rule(claim: Claim, posted: Posted, *, exact: bool) -> bool:
    """Two rules may share a name. Where the labels leave a doubt, the expressions decide if both are known."""
    if exact or claim.rule is None or not posted.query:
        return True
    return claim.rule.query == posted.query
