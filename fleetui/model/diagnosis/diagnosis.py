"""One cluster's diagnosis: every failure mode judged, what would make it worse, and the safe operation."""

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.diagnosis.blocked import Blocked, blocked
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.diagnosis.mode import Mode
from fleetui.model.diagnosis.proposal import Proposed, proposed
from fleetui.model.diagnosis.rule import Judgement, State, judge
from fleetui.model.diagnosis.rules import RULES

_STATES, _MODES = tuple(State), tuple(Mode)
_FOUND = (State.PRESENT, State.SUSPECTED)


class Diagnosis(msgspec.Struct, frozen=True):
    cluster: str
    judgements: tuple[Judgement, ...]
    """One of each mode: present before suspected before explained before unknown before absent, then by urgency."""
    blocked: tuple[Blocked, ...] = ()
    proposal: Proposed | None = None

    @property
    def leading(self) -> Judgement | None:
        """What it most likely is; None where nothing was found."""
        first = self.judgements[0]
        return first if first.state in _FOUND else None

    @property
    def found(self) -> tuple[Judgement, ...]:
        """Present, suspected, and what looks like it."""
        return tuple(one for one in self.judgements if one.state in (*_FOUND, State.EXPLAINED))

    @property
    def unknown(self) -> tuple[Judgement, ...]:
        """Modes of which nobody can tell."""
        return tuple(one for one in self.judgements if one.state is State.UNKNOWN)

    @property
    def absent(self) -> tuple[Judgement, ...]:
        """Looked for, and not there."""
        return tuple(one for one in self.judgements if one.state is State.ABSENT)

    @property
    def level(self) -> Health:
        """CALM where every mode was looked for and none is there; UNKNOWN where some could not be seen."""
        return self.judgements[0].level

    def of(self, mode: Mode) -> Judgement:
        return next(one for one in self.judgements if one.mode is mode)


def diagnose(evidence: Evidence) -> Diagnosis:
    judged = (judge(rule, evidence) for rule in RULES)
    ranked = tuple(sorted(judged, key=lambda one: (_STATES.index(one.state), _MODES.index(one.mode))))
    return Diagnosis(
        evidence.cluster.name, ranked, blocked=blocked(evidence, ranked), proposal=proposed(evidence, ranked)
    )
