"""What a real API server remembers: who changed what, without a single value of a secret, and what it may not tell."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from fleetui.clients.kube.connect import Connector
from fleetui.clients.kube.reader import KubeReader
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.incident.past import MAY_NOT, Happened, Told
from tests.bed import objects
from tests.bed.cluster import BedCluster
from tests.contracts.worlds import until

pytestmark = pytest.mark.bed

HIDDEN = "aHVudGVyMi1TZXNhbWU="
PLACE = "past"


async def reading(kubeconfig: Path) -> AsyncIterator[KubeReader]:
    connector = Connector((kubeconfig,), clock=SystemClock(), chance=SystemChance())
    reader = connector.open_reader(connector.contexts.current, name="real")
    yield reader
    await reader.close()
    await connector.close()


@pytest.fixture
async def reader(bed_cluster: BedCluster) -> AsyncIterator[KubeReader]:
    async for one in reading(bed_cluster.kubeconfig):
        yield one


@pytest.fixture
async def limited(bed_cluster: BedCluster) -> AsyncIterator[KubeReader]:
    async for one in reading(bed_cluster.kubeconfig_for("nodes-only")):
        yield one


def fill(bed: BedCluster) -> None:
    """A release, a secret, a workload, what happened to them."""
    api, core = bed.api(), f"/api/v1/namespaces/{PLACE}"
    api.create("/api/v1/namespaces", objects.namespace(PLACE))
    applied = {"kubectl.kubernetes.io/last-applied-configuration": f'{{"data":{{"p":"{HIDDEN}"}}}}'}
    api.create(f"{core}/secrets", {"metadata": {"name": "db", "annotations": applied}, "data": {"p": HIDDEN}})
    labels = {"owner": "helm", "name": "web", "version": "7", "status": "deployed"}
    release = {"metadata": {"name": "sh.helm.release.v1.web.v7", "labels": labels}, "data": {"release": HIDDEN}}
    api.create(f"{core}/secrets", release)
    api.create("/api/v1/nodes", objects.node("past-1"))
    api.create(objects.workloads_in(PLACE), objects.deployment("web", replicas=0))
    for number, (kind, level) in enumerate([("Pod", "Warning"), ("Pod", "Normal"), ("Node", "Normal")]):
        api.create(f"{core if kind == 'Pod' else '/api/v1/namespaces/default'}/events", event(number, kind, level))


def event(number: int, kind: str, level: str) -> dict[str, object]:
    place = {"namespace": PLACE} if kind == "Pod" else {}
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {
        "metadata": {"name": f"past-{number}"},
        "involvedObject": {"kind": kind, "name": f"past-{number}", **place},
        "reason": "Tried",
        "message": "again\nand again",
        "type": level,
        "count": 4,
        "firstTimestamp": now,
        "lastTimestamp": now,
        "source": {"component": "tester"},
    }


def said(told: Told, place: str = PLACE) -> set[tuple[str, str, str, str]]:
    return {(one.kind, one.place, one.text, one.who) for one in told.said if one.place.startswith(place)}


async def test_a_real_cluster_tells_its_past_without_its_secrets(
    bed_cluster: BedCluster, reader: KubeReader, limited: KubeReader
) -> None:
    since = time.time() - 60
    await asyncio.to_thread(fill, bed_cluster)

    async def edited() -> Told | None:
        """Until the second of the edit is another than that of the creation."""
        path = f"{objects.workloads_in(PLACE)}/web?fieldManager=kubectl-edit"
        spec = {"spec": {"revisionHistoryLimit": int(time.time()) % 1000 + 1}}
        await asyncio.to_thread(bed_cluster.api().patch, path, spec)
        told = await reader.changes(since=since)
        return told if ("Deployment", f"{PLACE}/web", "edited", "kubectl-edit") in said(told) else None

    told = await until(edited, within_s=60.0)
    found = {(kind, place, text.partition("-")[0]) for kind, place, text, _ in said(told)}
    assert {
        ("Deployment", f"{PLACE}/web", "made"),
        ("Deployment", f"{PLACE}/web", "rolls out web"),
        ("Helm release", f"{PLACE}/web", "revision 7 deployed"),
        ("Secret", f"{PLACE}/db", "made"),
        ("Node", "past-1", "joined"),
    } <= found
    assert told.lacks == ()
    assert HIDDEN not in msgspec.json.encode(told).decode()
    ours = {one for one in said(await reader.events(since=since)) if one[3] == "tester"}
    assert ours == {
        ("Pod", f"{PLACE}/past-0", "Tried: again and again", "tester"),
        ("Node", "past-2", "Tried: again and again", "tester"),
    }
    await only_nodes(limited, since)


async def only_nodes(limited: KubeReader, since: float) -> None:
    """What may not be listed is named, and the rest is told."""
    told, events = await limited.changes(since=since), await limited.events(since=since)
    assert {one.kind for one in told.said} == {"Node"}
    assert {lack.what for lack in told.lacks} >= {"secrets", "deployments", "configmaps"}
    assert {lack.why for lack in (*told.lacks, *events.lacks)} == {MAY_NOT}
    assert [lack.what for lack in events.lacks] == ["events"]
    assert isinstance(told.said[0], Happened)
