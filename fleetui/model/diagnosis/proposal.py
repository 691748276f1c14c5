"""The safe operation that this program can run now; none is proposed that anything bars."""

import msgspec

from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.diagnosis.machine_signs import forgotten, unwell
from fleetui.model.diagnosis.mode import Mode
from fleetui.model.diagnosis.rule import Judgement, State
from fleetui.model.health.etcd_finding import About
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.health.etcd_steps import leader_candidates
from fleetui.model.machine import Machine


class Proposed(msgspec.Struct, frozen=True):
    kind: str
    """A registered operation: ``cordon``."""
    why: str
    machines: tuple[Machine, ...] = ()
    etcd: EtcdState | None = None
    """Of an operation on etcd instead."""

    @property
    def names(self) -> tuple[str, ...]:
        """On what."""
        return (self.etcd.cluster,) if self.etcd is not None else tuple(machine.name for machine in self.machines)


def proposed(evidence: Evidence, judgements: tuple[Judgement, ...]) -> Proposed | None:
    """Of the most urgent mode that has one. Each goes through plan, checks and confirmation."""
    found = {judgement.mode: judgement for judgement in judgements}
    for mode, propose in _PROPOSALS:
        if found[mode].state in (State.PRESENT, State.SUSPECTED) and (wish := propose(evidence, found[mode])):
            return wish
    return None


def _recover_space(evidence: Evidence, _: Judgement) -> Proposed | None:
    """Out of NOSPACE, where the members can be told to."""
    etcd = evidence.etcd
    if etcd is None or etcd.direct is None or evidence.finding(About.NO_SPACE) is None:
        return None
    if evidence.finding(About.CORRUPT, About.QUORUM_LOST, About.NO_QUORUM_SEEN, About.NO_LEADER) is not None:
        return None
    return Proposed("etcd-recover-space", "snapshot, compact, defragment the leader last, disarm", etcd=etcd)


def _move_leader(evidence: Evidence, judgement: Judgement) -> Proposed | None:
    """Away from the member whose disk is slow; that is quick, and can be taken back."""
    etcd = evidence.etcd
    if etcd is None or etcd.direct is None or etcd.leader not in judgement.names:
        return None
    if not any(member.host not in judgement.names for member in leader_candidates(etcd.direct)):
        return None
    return Proposed("etcd-move-leader", f"{etcd.leader} leads, on a slow disk; others are well", etcd=etcd)


def _cordon(evidence: Evidence, _: Judgement) -> Proposed | None:
    """Keeps new pods from a machine that comes and goes."""
    failed = tuple(machine for machine in unwell(evidence) if not machine.cordoned and not machine.locked)
    if evidence.doubt("nodes") or not failed:
        return None
    return Proposed("cordon", "no new pod lands there while it is looked at", machines=failed)


def _uncordon(evidence: Evidence, _: Judgement) -> Proposed | None:
    """Gives back room that is missing, and that an operation of ours has left behind."""
    left = tuple(machine for machine in forgotten(evidence) if machine.cordoned_by and machine.ready)
    if evidence.doubt("nodes") or not left:
        return None
    return Proposed("uncordon", f"pods wait for room; cordoned by {left[0].cordoned_by}: ask first", machines=left)


_PROPOSALS = (
    (Mode.EXHAUSTION, _recover_space),
    (Mode.NODE, _cordon),
    (Mode.STORAGE, _move_leader),
    (Mode.SCHEDULING, _uncordon),
)
