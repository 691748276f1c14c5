"""What etcd says of one machine: a node whose kubelet is Ready may carry a member that is dead."""

from fleetui.model.cluster import Health
from fleetui.model.duration import age_text
from fleetui.model.health.etcd_state import EtcdState


def member_trouble(state: EtcdState | None, machine: str) -> tuple[Health, str] | None:
    """``etcd member refused``, with how bad that is; None where its member answers, or nobody knows of one. With
    kubeadm a member has the name of its node."""
    for member in state.members if state is not None else ():
        if member.host == machine and member.said is None:
            why = member.fault.word if member.fault is not None else member.status.why
            return Health.BROKEN if member.certainly_down else Health.UNKNOWN, f"etcd member {why}"
    return None


def member_told(state: EtcdState | None, machine: str, now: float) -> tuple[Health, str] | None:
    """With when it was asked: the members are asked only while somebody looks."""
    trouble = member_trouble(state, machine)
    if trouble is None or state is None or state.direct is None:
        return trouble
    return trouble[0], f"{trouble[1]}, asked {age_text(state.direct.at, now)} ago"
