"""What the Prometheis say, made one per alert, and found again by what an Alertmanager says.

An alert reaches Alertmanager with labels that its Prometheus adds on the way (external labels) and without those that
relabelling drops, so the two are joined on the larger part that they share: the labels of the claim must all be among
those of the posted alert, and where several claims fit, the one that says most counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from math import ceil

import msgspec

from fleetui.model.alerts.evidence import Active, Posted, PrometheusSays, Rule
from fleetui.model.alerts.face import Face, Faces
from fleetui.model.alerts.label_set import Labels, joined


class Claim(msgspec.Struct, frozen=True, gc=False):
    """One alert as all Prometheis together have it."""

    face: Face
    """With known external labels."""
    cluster: str
    """The fleet's name; empty when neither label nor origin says."""
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


Claims = Mapping[tuple[str, Labels], Claim]
"""By cluster and labels."""


def claims(said: Iterable[PrometheusSays], faces: Faces) -> Claims:
    """One claim for each alert, whichever of an HA pair says it. Those who gave no answer claim nothing."""
    found: dict[tuple[str, Labels], Claim] = {}
    for answer in said:
        for active in answer.active if answer.fault is None else ():
            claim = _claim(active, answer, faces)
            key = (claim.cluster, claim.face.labels)
            known = found.setdefault(key, claim)
            if known is not claim:
                found[key] = _agreed(known, claim)
    return found


def _claim(active: Active, answer: PrometheusSays, faces: Faces) -> Claim:
    origin = answer.origin
    face = faces.of(joined(active.labels, origin.external))
    return Claim(
        face=face,
        cluster=face.cluster or origin.cluster,
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

    def __init__(self, found: Claims) -> None:
        self._found = found

    @cached_property
    def _by(self) -> Mapping[tuple[str, str], Mapping[tuple[str, ...], Mapping[Labels, Claim]]]:
        """By name and cluster, then by the names of the labels, those with most first. Not needed where all alerts
        arrive as they were claimed."""
        by: dict[tuple[str, str], dict[tuple[str, ...], dict[Labels, Claim]]] = defaultdict(dict)
        for claim in self._found.values():
            face = claim.face
            by[face.name, claim.cluster].setdefault(face.label_names, {})[face.labels] = claim
        return {key: dict(sorted(shapes.items(), key=lambda shape: -len(shape[0]))) for key, shapes in by.items()}

    def of(self, face: Face, posted: Posted) -> Claim | None:
        """The claim that says most of what the labels of ``posted`` say: all of it, or the larger part."""
        exact = self._found.get((face.cluster, face.labels))
        return self._part_of(face, posted) if exact is None else exact

    def _part_of(self, face: Face, posted: Posted) -> Claim | None:
        for key in ((face.name, face.cluster), (face.name, "")) if face.cluster else ((face.name, ""),):
            for names, by_labels in self._by.get(key, {}).items():
                claim = by_labels.get(tuple([pair for pair in face.labels if pair[0] in names]))
                if claim is not None and _same_rule(claim, posted, exact=claim.face.labels == face.labels):
                    return claim
        return None


def _same_rule(claim: Claim, posted: Posted, *, exact: bool) -> bool:
    """Two rules may share a name. Where the labels leave a doubt, the expressions decide if both are known."""
    if exact or claim.rule is None or not posted.query:
        return True
    return claim.rule.query == posted.query
