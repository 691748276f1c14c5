"""What would make it worse now, each with the reason. A table; where several reasons hold, the first counts."""

from enum import StrEnum

import msgspec

from fleetui.model.diagnosis import api_signs as api
from fleetui.model.diagnosis import certificate_signs as certificates
from fleetui.model.diagnosis import etcd_signs as etcd
from fleetui.model.diagnosis import machine_signs as machines
from fleetui.model.diagnosis import pod_signs as pods
from fleetui.model.diagnosis.clue import Clue, listed, not_seen, seen, unseen
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.diagnosis.mode import Mode
from fleetui.model.diagnosis.rule import Judgement, Look, State
from fleetui.model.health.etcd_quorum import GUARD_MAX_AGE_S
from fleetui.model.health.etcd_steps import may_defragment

CROWDED = 0.25
"""Share of machines that are out, from which on another drain has nowhere to put its pods."""


class Deed(StrEnum):
    """What hands may reach for in an outage, most harmful first."""

    REMOVE_MEMBER = "remove an etcd member"
    RESTORE = "restore etcd"
    DISARM = "disarm the etcd alarm"
    DEFRAGMENT = "defragment etcd"
    COMPACT = "compact etcd"
    RESTART_ETCD = "restart etcd"
    RESTART_CONTROL_PLANE = "restart the control plane"
    STOP_CONTROL_PLANE_MACHINE = "drain or stop another control-plane machine"
    DELETE_NODE = "delete the node, or force its pods away"
    DRAIN = "drain a machine"
    UPGRADE = "upgrade"


class Blocked(msgspec.Struct, frozen=True):
    deed: Deed
    reason: str


class _Bar(msgspec.Struct, frozen=True):
    when: Look
    deeds: tuple[Deed, ...]
    reason: str
    """``{clue}`` in it is the clue's text."""


_CHANGES_OF_ETCD = (Deed.REMOVE_MEMBER, Deed.DEFRAGMENT, Deed.COMPACT, Deed.DISARM)


def _no_second_look(evidence: Evidence) -> Clue:
    """Members are asked directly and one of them is silent, or nothing of etcd is known."""
    if doubt := evidence.etcd_doubt:
        return seen(doubt, source="etcd")
    direct = evidence.etcd.direct if evidence.etcd is not None else None
    if direct is None:
        return seen("its members are not asked directly", source="etcd")
    left = etcd.margin_of(evidence)
    silent = [member.host for member in direct.members if not member.answers and not member.certainly_down]
    if left is not None and silent:
        return seen(f"{listed(silent)} gives no answer: nobody knows whether it lives", source="etcd", names=silent)
    return not_seen("every member is known", source="etcd")


def _may_not_defragment(evidence: Evidence) -> Clue:
    """The rule's own word, while its picture is young enough to be asked."""
    picture = evidence.etcd.direct if evidence.etcd is not None else None
    if picture is None or evidence.now - picture.at > GUARD_MAX_AGE_S:
        return unseen("no young picture of etcd")
    ruling = may_defragment(picture, now=evidence.now)
    return not_seen(ruling.reason, source="etcd") if ruling.allowed else seen(ruling.reason, source="etcd")


def _under_way(evidence: Evidence) -> Clue:
    """One structural change at a time."""
    work = next(iter(evidence.cluster.works), None)
    said = work.words if work is not None else evidence.cluster.operation
    return seen(f"{said} is under way", source="operations") if said else not_seen("nothing is", source="operations")


def _crowded(evidence: Evidence) -> Clue:
    if doubt := evidence.doubt("nodes"):
        return unseen(doubt)
    out = [machine for machine in evidence.machines if machine.ready is not True or machine.cordoned]
    if evidence.machines and len(out) >= 2 and len(out) / len(evidence.machines) >= CROWDED:
        return seen(f"{len(out)} of {len(evidence.machines)} machines are out already", source="nodes")
    return not_seen("", source="nodes")


def _not_reached(evidence: Evidence) -> Clue:
    if evidence.reached is False:
        return seen(evidence.silence, source="readyz")
    return not_seen("", source="readyz")


_BARS: tuple[_Bar, ...] = (
    _Bar(
        etcd.deaf,
        (*_CHANGES_OF_ETCD, Deed.RESTART_ETCD, Deed.RESTORE),
        "the members live and cannot hear each other: change nothing until they can",
    ),
    _Bar(
        etcd.QUORUM_GONE,
        (Deed.REMOVE_MEMBER,),
        "the quorum is lost: a removal needs one, and a wrong one ends the way back",
    ),
    _Bar(etcd.QUORUM_GONE, (Deed.DEFRAGMENT, Deed.COMPACT), "the quorum is lost: it stops the members that are left"),
    _Bar(etcd.no_stop, (Deed.STOP_CONTROL_PLANE_MACHINE,), "{clue}"),
    _Bar(etcd.no_writes, (Deed.DRAIN, Deed.UPGRADE), "{clue}"),
    _Bar(etcd.QUORUM_GONE, (Deed.RESTART_ETCD,), "the quorum is lost: who still answers holds the newest data"),
    _Bar(etcd.QUORUM_GONE, (Deed.RESTORE,), "the quorum is lost, not the data: a member that comes back loses nothing"),
    _Bar(etcd.QUORUM_GONE, (Deed.DISARM,), "the quorum is lost: nothing can be written, no alarm either"),
    _Bar(
        etcd.CORRUPT,
        (Deed.DEFRAGMENT, Deed.COMPACT, Deed.DISARM),
        "CORRUPT: members differ, and it would spread or hide which one is right",
    ),
    _Bar(etcd.CORRUPT, (Deed.RESTART_ETCD,), "CORRUPT: the member serves other data again after it"),
    _Bar(
        etcd.full,
        (Deed.RESTART_ETCD, Deed.RESTART_CONTROL_PLANE),
        "NOSPACE: it comes back full and with its alarm raised, or not at all where its probe counts the alarm",
    ),
    _Bar(etcd.full, (Deed.DISARM,), "NOSPACE: the alarm comes back with the next write until there is room again"),
    _Bar(
        etcd.THIN,
        (Deed.REMOVE_MEMBER, Deed.DEFRAGMENT, Deed.RESTART_ETCD, Deed.UPGRADE),
        "etcd can lose no member",
    ),
    _Bar(api.control_plane_thin, (Deed.STOP_CONTROL_PLANE_MACHINE, Deed.UPGRADE), "{clue}"),
    _Bar(
        etcd.slow_disk, (Deed.DEFRAGMENT, Deed.UPGRADE), "its disk is slow already: the members would lose each other"
    ),
    _Bar(_may_not_defragment, (Deed.DEFRAGMENT,), "{clue}"),
    _Bar(_no_second_look, _CHANGES_OF_ETCD, "not known well enough: {clue}"),
    _Bar(etcd.stop_unclear, (Deed.STOP_CONTROL_PLANE_MACHINE,), "{clue}"),
    _Bar(
        api.silent_together,
        (Deed.RESTART_CONTROL_PLANE, Deed.DELETE_NODE, Deed.RESTART_ETCD),
        "it is the way from here: the cluster may be well",
    ),
    _Bar(
        api.alive_for_others,
        (Deed.RESTART_CONTROL_PLANE, Deed.DELETE_NODE, Deed.RESTART_ETCD),
        "others hear it: the cluster lives",
    ),
    _Bar(
        machines.domain_gone,
        (Deed.DELETE_NODE,),
        "cut off is not dead: its pods may go on there, and two would write to one volume",
    ),
    _Bar(
        machines.many_gone,
        (Deed.DELETE_NODE,),
        "cut off is not dead: its pods may go on there, and two would write to one volume",
    ),
    _Bar(
        machines.not_ready,
        (Deed.DELETE_NODE,),
        "not Ready is not off: fence the machine first, or two pods write to one volume",
    ),
    _Bar(
        certificates.serving,
        (Deed.RESTART_CONTROL_PLANE, Deed.RESTART_ETCD),
        "what runs keeps its connections: restarted before it is renewed, it does not join again",
    ),
    _Bar(_not_reached, (Deed.DRAIN, Deed.UPGRADE), "its API server does not answer: {clue}"),
    _Bar(pods.backlog, (Deed.DRAIN,), "what it evicts joins the queue: {clue}"),
    _Bar(_crowded, (Deed.DRAIN, Deed.UPGRADE), "{clue}"),
    _Bar(machines.skewed, (Deed.UPGRADE,), "outside of the version skew policy already: {clue}"),
    _Bar(_under_way, (Deed.UPGRADE,), "one change at a time: {clue}"),
)


_UNCLEAR = (_no_second_look, _may_not_defragment, etcd.stop_unclear)
_TROUBLE = (State.PRESENT, State.SUSPECTED, State.EXPLAINED)


def blocked(evidence: Evidence, judgements: tuple[Judgement, ...]) -> tuple[Blocked, ...]:
    """Worst deed first; nothing where nothing is wrong. What is only not known of etcd bars something where etcd may
    be what is wrong."""
    wrong = {judgement.mode for judgement in judgements if judgement.state in _TROUBLE}
    if not wrong:
        return ()
    about_etcd = bool(wrong & {Mode.CONTROL_PLANE, Mode.PARTITION, Mode.EXHAUSTION, Mode.STORAGE})
    reasons: dict[Deed, str] = {}
    for bar in _BARS:
        clue = evidence.look(bar.when)
        if not clue.found or (bar.when in _UNCLEAR and not about_etcd):
            continue
        for deed in bar.deeds:
            reasons.setdefault(deed, bar.reason.format(clue=clue.text))
    return tuple(Blocked(deed, reasons[deed]) for deed in Deed if deed in reasons)
