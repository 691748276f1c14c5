"""The safe operation that this program can run now; none is proposed that anything bars."""

import msgspec

from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.diagnosis.machine_signs import forgotten, unwell
from fleetui.model.diagnosis.mode import Mode
from fleetui.model.diagnosis.rule import Judgement, State
from fleetui.model.machine import Machine


class Proposed(msgspec.Struct, frozen=True):
    kind: str
    """A registered operation: ``cordon``."""
    machines: tuple[Machine, ...]
    why: str


def proposed(evidence: Evidence, judgements: tuple[Judgement, ...]) -> Proposed | None:
    """Cordon keeps new pods from a machine that comes and goes; uncordon gives back room that is missing and that an
    operation of ours left behind. Both can be taken back, and both go through plan and confirmation."""
    if evidence.reached is not True:
        return None
    states = {judgement.mode: judgement.state for judgement in judgements}
    if states.get(Mode.NODE) is State.PRESENT:
        failed = tuple(machine for machine in unwell(evidence) if not machine.cordoned and not machine.locked)
        if failed:
            return Proposed(
                "cordon", failed, "no new pod lands there while it is looked at, also when it comes and goes"
            )
    if states.get(Mode.SCHEDULING) in (State.PRESENT, State.SUSPECTED):
        left = tuple(m for m in forgotten(evidence) if m.cordoned_by and m.ready)
        if left:
            return Proposed("uncordon", left, f"pods wait for room; cordoned by {left[0].cordoned_by}: ask first")
    return None
