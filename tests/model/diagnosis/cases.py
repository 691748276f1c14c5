"""Evidence written as short as it is read: ``case(machines=[...], etcd=state(up("a"), ...))``."""

from typing import Any

import msgspec

from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.pipeline import Level, Pipeline, Trouble, Watchdog
from fleetui.model.cluster import Cluster, Feed
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source, Trust
from fleetui.model.health.etcd import Member
from fleetui.model.health.etcd_course import Course
from fleetui.model.health.etcd_state import EtcdState, Known, etcd_state
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from tests.model.health.pictures import AT, picture

LIVING = Pipeline(at=AT, level=Level.OK, watchdogs=(Watchdog((), AT - 30),))
DEAD = Pipeline(at=AT, level=Level.DEAD, troubles=(Trouble(Level.DEAD, "Watchdog last sent 6m ago", "look"),))


def cluster(name: str = "east", **more: Any) -> Cluster:
    feeds = tuple(Feed(kind, Trust.LIVE, Source.PUSHED, AT - 1, complete=True) for kind in ("readyz", "nodes", "pods"))
    known: dict[str, Any] = {"name": name, "trust": Trust.LIVE, "last_contact": AT - 1, "version": "v1.37.2"}
    return Cluster(**{**known, "feeds": feeds, "nodes_total": 6, "nodes_ready": 6, **more})


def silent(kind: FaultKind, word: str = "", name: str = "east") -> Cluster:
    fault = Fault(kind, word or kind.value, f"{name}: {kind.value}", "look at it")
    return cluster(name, trust=Trust.SILENT, fault=fault, last_contact=AT - 240, feeds=())


def machine(name: str, *, zone: str = "", **more: Any) -> Machine:
    labels = (("topology.kubernetes.io/zone", zone),) if zone else ()
    known: dict[str, Any] = {"uid": name, "name": name, "cluster": "east", "status": "Ready", "version": "v1.37.2"}
    return Machine(**{**known, "labels": labels, **more})


def machines(*unwell: str, of: int = 6, zones: str = "ab") -> tuple[Machine, ...]:
    """``wk-1`` to ``wk-6``, spread over the zones in turn."""
    names = [f"wk-{number}" for number in range(1, of + 1)]
    return tuple(
        machine(name, zone=zones[at % len(zones)] if zones else "", status="NotReady" if name in unwell else "Ready")
        for at, name in enumerate(names)
    )


def pod(name: str, status: str = "Running", *, age_s: float = 3600, node: str = "wk-1", **more: Any) -> Pod:
    return Pod(name, name, "shop", "east", status, node=node, created=AT - age_s, **more)


def pending(count: int, *, age_s: float) -> tuple[Pod, ...]:
    return tuple(pod(f"web-{number}", "Pending", age_s=age_s, node="") for number in range(count))


def etcd(*members: Member, fsync_s: float | None = 0.002, again: bool = False, **more: Any) -> EtcdState:
    """``again``: it looked the same ten seconds before."""
    course = Course()
    for at in (AT - 11, AT - 1) if again else (AT - 1,):
        course = course.after(picture(*members, at=at, **more))
    state = etcd_state(Known("east", course=course, heard_at=AT - 1, settled=True), at=AT)
    return msgspec.structs.replace(state, fsync_direct_s=fsync_s)


def alert(name: str, phase: Phase = Phase.FIRING) -> Alert:
    return Alert(
        key=name, name=name, cluster="east", labels=(("alertname", name),), phase=phase, call=Call.PAGE, why="",
        confirmed_at=AT, since=AT - 300, ended_at=AT - 300 if phase is Phase.UNKNOWN else None,
    )  # fmt: skip


def case(**parts: Any) -> Evidence:
    """A cluster that is well but for these; with ``etcd`` and ``alerts`` only where they are given."""
    known: dict[str, Any] = {"cluster": cluster(), "now": AT, "machines": machines(), "pods": (pod("web"),)}
    if "alerts" in parts:
        parts.setdefault("pipeline", LIVING)
    return Evidence(**{**known, **parts})
