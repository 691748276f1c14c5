"""A machine in words: why it is not Ready and since when, who keeps pods off it, what it carries."""

from collections.abc import Iterable

from fleetui.model.amount import bytes_text, cores_text
from fleetui.model.cluster import Cluster, Health
from fleetui.model.description import (
    condition_fact,
    event_section,
    history_section,
    label_section,
    refused_section,
    trust_fact,
)
from fleetui.model.details import MachineDetails
from fleetui.model.drain import NodeState, PodState, Taint
from fleetui.model.duration import age_text
from fleetui.model.eviction import owner_name
from fleetui.model.history import Transition
from fleetui.model.lock import Cordon, Unreadable, read_cordon, read_lock
from fleetui.model.machine import Machine
from fleetui.model.section import Fact, Section, present, section

PODS_SHOWN = 60


def machine_sections(
    machine: Machine,
    details: MachineDetails | None,
    *,
    cluster: Cluster | None,
    transitions: Iterable[Transition] = (),
    etcd: tuple[Health, str] | None = None,
    now: float,
) -> tuple[Section, ...]:
    """``details`` is None when they could not be read: then only what the row knows is said. ``etcd``: what is wrong
    with the member on it."""
    return present(
        section(
            machine.name,
            trust_fact(cluster, now),
            Fact("in", machine.cluster),
            _status(machine, details, now),
            *(() if etcd is None else (Fact("etcd", etcd[1], "danger" if etcd[0] is Health.BROKEN else "unknown"),)),
            Fact("roles", ", ".join(machine.roles)),
            Fact("kubelet", machine.version),
            Fact("age", age_text(machine.created, now)),
            Fact("ip", machine.internal_ip),
            Fact("os", ", ".join(part for part in (machine.os_image, machine.kernel, machine.runtime) if part)),
            Fact("uid", machine.uid, "muted"),
        ),
        *(_read_sections(details, now) if details is not None else (_row_marks(machine),)),
        history_section(transitions, now),
        event_section(details.happenings, now) if details is not None else None,
        refused_section(details.refused) if details is not None else None,
        label_section(machine.labels),
    )


def _status(machine: Machine, details: MachineDetails | None, now: float) -> Fact:
    """As just read where it was, so that it agrees with the conditions below."""
    if details is None:
        return Fact("status", machine.state, "" if machine.ready else "warn")
    node = details.node
    word = {True: "Ready", False: "NotReady", None: "NotReady: its kubelet does not report"}[node.ready]
    since = "" if node.ready_since is None else f", since {age_text(node.ready_since, now)}"
    return Fact("status", word + since, "" if node.ready else "danger")


def _row_marks(machine: Machine) -> Section | None:
    return section(
        "scheduling",
        Fact("cordoned", machine.cordoned_by or ("yes" if machine.cordoned else ""), "warn"),
        Fact("lock", machine.operation),
    )


def _read_sections(details: MachineDetails, now: float) -> tuple[Section | None, ...]:
    node = details.node
    conditions = sorted(details.conditions, key=lambda one: one.type != "Ready")
    return (
        section("conditions", *(condition_fact(one, now, good=_good(one.type)) for one in conditions)),
        section("scheduling", *_cordon_facts(node, now), *_lock_facts(node, now), *map(_taint, node.taints)),
        section("room", *_room(details)),
        _pod_section(details.pods),
    )


def _good(condition_type: str) -> str:
    """Of a node only Ready is good when true; the others are pressures."""
    return "True" if condition_type == "Ready" else "False"


def _cordon_facts(node: NodeState, now: float) -> tuple[Fact, ...]:
    if not node.unschedulable:
        return (Fact("cordon", "none: new pods may come"),)
    cordon = read_cordon(node)
    if isinstance(cordon, Cordon):
        said = f"by {cordon.by}, {age_text(cordon.at, now)} ago ({cordon.kind} {cordon.op})"
        return (Fact("cordon", said, "warn"), Fact("because", cordon.reason))
    if isinstance(cordon, Unreadable):
        return (Fact("cordon", f"by an unknown: {cordon.text}", "warn"),)
    return (Fact("cordon", "by somebody outside fleetui: nobody wrote down who or why", "warn"),)


def _lock_facts(node: NodeState, now: float) -> tuple[Fact, ...]:
    lock = read_lock(node)
    if lock is None:
        return (Fact("lock", "none"),)
    if isinstance(lock, Unreadable):
        return (Fact("lock", f"by an unknown: {lock.text}", "warn"),)
    held = f"held, expires unless renewed within {lock.expires - now:.0f} s" if lock.expires > now else "expired"
    tone = "" if lock.expires > now else "warn"
    return (Fact("lock", f"{lock.kind} {lock.op} by {lock.by} (controller {lock.holder}): {held}", tone),)


def _taint(taint: Taint) -> Fact:
    return Fact("taint", f"{taint.key}{'=' + taint.value if taint.value else ''}:{taint.effect}")


def _room(details: MachineDetails) -> tuple[Fact, ...]:
    """Allocatable, and what the pods on it ask for: what the scheduler counts, not what they use."""
    node = details.node
    if details.pods is None:
        return (
            Fact("cpu", f"? of {cores_text(node.cpu)} requested"),
            Fact("memory", f"? of {bytes_text(node.memory)} requested"),
        )
    counted = [pod for pod in details.pods if pod.phase not in ("Succeeded", "Failed")]
    cpu, memory = sum(pod.cpu for pod in counted), sum(pod.memory for pod in counted)
    most = "?" if details.pod_room is None else str(details.pod_room)
    return (
        Fact("cpu", f"{cores_text(cpu)} of {cores_text(node.cpu)} requested{_share(cpu, node.cpu)}"),
        Fact("memory", f"{bytes_text(memory)} of {bytes_text(node.memory)} requested{_share(memory, node.memory)}"),
        Fact("pods", f"{len(counted)} of {most}"),
    )


def _share(have: float, of: float | None) -> str:
    return f", {100 * have / of:.0f} %" if of else ""


def _pod_section(pods: tuple[PodState, ...] | None) -> Section | None:
    if pods is None:
        return section("pods on it", Fact("pods", "not read", "warn"))
    ordered = sorted(pods, key=lambda pod: (pod.ready or pod.phase == "Succeeded", pod.namespace, pod.name))
    facts = [_pod(pod) for pod in ordered[:PODS_SHOWN]]
    more = len(ordered) - len(facts)
    return section(f"pods on it ({len(ordered)})", *facts, Fact("", f"{more} more", "muted") if more > 0 else None)


def _pod(pod: PodState) -> Fact:
    going = pod.deleting_since is not None
    state = "Terminating" if going else pod.phase if pod.ready or pod.phase != "Running" else "Running, not ready"
    calm = pod.ready or pod.phase == "Succeeded"
    owner = owner_name(pod) or "no owner: nothing replaces it"
    return Fact(pod.namespace, f"{pod.name}  {state}  {owner}", "" if calm and not going else "warn")
