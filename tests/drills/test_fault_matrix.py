"""Every fault at once, each before another cluster of one fleet: every row tells its own truth within ten seconds, the
one without a fault never moves, and all come back by themselves."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from fleetui.clients.kube.connect import Connector
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.cluster import Cluster
from fleetui.model.duration import parse_duration
from fleetui.model.freshness import Trust
from fleetui.model.machine import Machine
from fleetui.model.table.columns_cluster import CLUSTERS
from fleetui.observe.fleet import Fleet
from tests.bed import objects
from tests.bed.cluster import BedCluster
from tests.bed.faults import WATCHES
from tests.bed.proxy import FaultProxy

pytestmark = pytest.mark.bed

TRUTH_WITHIN_S = 10.0
BACK_WITHIN_S = 30.0
CALM = "calm"
WHO = r"/api/v1/namespaces/kube-system$"


@dataclass(frozen=True)
class Case:
    """One fault and what the row must say of it."""

    strike: Callable[[FaultProxy], object]
    state: str
    """In the STATE column."""
    trust: Trust
    remedy: str = ""
    """Words of the REMEDY column; without any there is nothing to do but to wait."""


CASES = {
    "refused": Case(FaultProxy.refuse, "refused", Trust.SILENT, "is the API server running?"),
    "frozen": Case(FaultProxy.freeze, "no answer", Trust.SILENT, "hangs or is overloaded"),
    "slow": Case(lambda proxy: proxy.delay(30), "no answer", Trust.SILENT, "hangs or is overloaded"),
    "error": Case(lambda proxy: proxy.answer(500), "500 InternalError", Trust.SILENT, "kubectl get --raw"),
    "throttled": Case(lambda proxy: proxy.answer(429), "429 throttled", Trust.LIVE, "sheds load"),
    "gone": Case(lambda proxy: proxy.answer(410), "410 expired", Trust.SILENT, "kubectl get --raw"),
    "no-watch": Case(lambda proxy: (proxy.answer(410, WATCHES), proxy.expire_watches()), "stale", Trust.STALE),
    "logged-out": Case(lambda proxy: proxy.answer(401), "401 unauthorized", Trust.SILENT, "new credentials"),
    "not-allowed": Case(lambda proxy: (proxy.answer(403), proxy.drop()), "403 nodes", Trust.STALE, "can-i list nodes"),
}


class Watched:
    """A fleet, with every trust that its rows ever showed."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.shown: dict[str, set[Trust]] = {}
        self._subscription = fleet.subscribe("clusters", self._look)
        self._subscription.take()

    def _look(self) -> None:
        for name, row in self._subscription.take().upserts:
            self.shown.setdefault(name, set()).add(row.trust)

    def row(self, name: str) -> Cluster:
        row = self.fleet.cluster(name)
        assert row is not None
        return row

    def cells(self, name: str) -> dict[str, str]:
        """The row as the Fleet screen and ``get clusters`` show it."""
        now = time.time()
        return {column.title: column.text(self.row(name), now) for column in CLUSTERS.columns}

    async def until(self, name: str, wanted: Callable[[Cluster], object], *, deadline: float, what: str) -> None:
        while not wanted(self.row(name)):
            assert time.monotonic() < deadline, f"{name}: not {what}: {self.row(name)}"
            await asyncio.sleep(0.02)

    async def live(self, *names: str, within: float = BACK_WITHIN_S) -> None:
        deadline = time.monotonic() + within
        for name in names:
            await self.until(name, is_well, deadline=deadline, what="live")

    def machines(self, cluster: str) -> set[str]:
        rows: list[Machine] = [row for _, row in self.fleet.subscribe("machines").take().upserts]
        return {row.name for row in rows if row.cluster == cluster}


def is_well(row: Cluster) -> bool:
    return row.trust is Trust.LIVE and row.fault is None and not any(feed.fault for feed in row.feeds)


@asynccontextmanager
async def watching(kubeconfigs: dict[str, Path]) -> AsyncIterator[Watched]:
    """All of them, live, each through a connector of its own."""
    fleet = Fleet(clock=SystemClock(), chance=SystemChance())
    connectors = {
        name: Connector((path,), clock=SystemClock(), chance=SystemChance()) for name, path in kubeconfigs.items()
    }
    for name, via in connectors.items():
        fleet.add(name, open_reader=lambda name=name, via=via: via.open_reader(name, name=name))
    watched = Watched(fleet)
    fleet.connect(kubeconfigs)
    running = asyncio.create_task(fleet.run())
    try:
        await watched.live(*kubeconfigs)
        watched.shown.clear()
        yield watched
    finally:
        running.cancel()
        await asyncio.wait({running})
        for via in connectors.values():
            await via.close()


@pytest.fixture(scope="module")
def matrix_bed() -> Iterator[BedCluster]:
    with BedCluster("matrix", controllers=False, kubelets=False) as bed:
        bed.api().create(objects.NODES, objects.node("n1"))
        yield bed


@pytest.fixture
def bed(matrix_bed: BedCluster) -> Iterator[BedCluster]:
    """With one node, before each test."""
    yield matrix_bed
    for node in matrix_bed.api().get(objects.NODES)["items"]:
        if node["metadata"]["name"] != "n1":
            matrix_bed.api().delete(f"{objects.NODES}/{node['metadata']['name']}")


def disguise(proxy: FaultProxy, number: int) -> None:
    """The API server behind this proxy seems to be a cluster of its own: another UID of the same length."""
    uid = proxy.cluster.api().get("/api/v1/namespaces/kube-system")["metadata"]["uid"]
    proxy.replace(uid.encode(), f"{number:08d}{uid[8:]}".encode(), WHO)


class Row:
    """The proxy before each cluster of the fleet."""

    def __init__(self, bed: BedCluster, names: list[str], stack: ExitStack) -> None:
        self.proxies = {name: stack.enter_context(FaultProxy(bed)) for name in names}
        for number, proxy in enumerate(self.proxies.values()):
            disguise(proxy, number)
        self._disguises = {name: proxy.faults for name, proxy in self.proxies.items()}

    @property
    def kubeconfigs(self) -> dict[str, Path]:
        return {name: proxy.kubeconfig_for(context=name) for name, proxy in self.proxies.items()}

    def mend(self, name: str) -> None:
        proxy = self.proxies[name]
        proxy.clear()
        proxy.faults = self._disguises[name]
        proxy.listen()


@pytest.fixture
def row(bed: BedCluster, request: pytest.FixtureRequest) -> Iterator[Row]:
    with ExitStack() as stack:
        yield Row(bed, request.param, stack)


@pytest.mark.parametrize("row", [[*CASES, CALM]], indirect=True, ids=["all"])
async def test_every_fault_at_once(bed: BedCluster, row: Row) -> None:
    async with watching(row.kubeconfigs) as watched:
        assert len({watched.row(name).uid for name in row.proxies}) == len(CASES) + 1
        struck = {name: (time.time(), time.monotonic()) for name in CASES}
        for name, case in CASES.items():
            await asyncio.to_thread(case.strike, row.proxies[name])
            struck[name] = time.time(), time.monotonic()
        for name, case in CASES.items():
            await watched.until(
                name,
                lambda _, name=name, case=case: (
                    (watched.cells(name)["STATE"], watched.row(name).trust) == (case.state, case.trust)
                ),
                deadline=struck[name][1] + TRUTH_WITHIN_S,
                what=f"{case.state!r}, {case.trust}",
            )
        for name, case in CASES.items():
            _check_row(watched, name, case, struck_at=struck[name][0])
        await _check_calm(watched, bed, since=max(at for at, _ in struck.values()))
        for name in CASES:
            await asyncio.to_thread(row.mend, name)
        await watched.live(*CASES)
        assert watched.shown[CALM] == {Trust.LIVE}
        for name in CASES:
            assert (watched.cells(name)["STATE"], watched.cells(name)["AGE"]) == ("live", "")


async def _check_calm(watched: Watched, bed: BedCluster, *, since: float) -> None:
    """While the others suffer: the cluster without a fault has answered ``since``, and what is new in it is seen."""
    await asyncio.to_thread(bed.api().create, objects.NODES, objects.node("born-meanwhile"))
    deadline = time.monotonic() + TRUTH_WITHIN_S
    await watched.until(CALM, lambda row: row.nodes_total == 2, deadline=deadline, what="with the new node")
    await watched.until(
        CALM, lambda row: (row.last_contact or 0.0) > since, deadline=deadline, what="heard of during the faults"
    )
    assert watched.shown[CALM] == {Trust.LIVE}


def shown_since(watched: Watched, name: str) -> bool:
    """Whether the age in the row is that of the last contact, by our clock; it is rounded down to five seconds."""
    last = watched.row(name).last_contact
    assert last is not None, name
    shown = watched.cells(name)["AGE"]
    age = 0.0 if shown == "<5s" else parse_duration(shown)
    return age <= time.time() - last < age + 6


def _check_row(watched: Watched, name: str, case: Case, *, struck_at: float) -> None:
    """The remedy, and an age that counts from before the fault: nothing was heard since."""
    cells, shown = watched.cells(name), watched.row(name)
    assert case.remedy in cells["REMEDY"], name
    assert bool(case.remedy) == bool(cells["REMEDY"]), name
    assert shown.nodes_total == 1, name
    assert shown.last_contact is not None, name
    if case.trust is Trust.SILENT:
        assert struck_at - 6 < shown.last_contact <= struck_at + 1, name
        assert shown_since(watched, name), name
        assert cells["NODES"] == "?/1", name


@pytest.mark.parametrize("row", [["cut"]], indirect=True, ids=["cut"])
async def test_a_watch_cut_in_the_middle_of_a_line_loses_nothing(bed: BedCluster, row: Row) -> None:
    proxy = row.proxies["cut"]
    async with watching(row.kubeconfigs) as watched:
        for name, clean in {"cut-1": False, "cut-2": True, "cut-3": False}.items():
            cut = proxy.cut(clean=clean)
            await asyncio.to_thread(bed.api().create, objects.NODES, objects.node(name))
            deadline = time.monotonic() + TRUTH_WITHIN_S
            await watched.until(
                "cut", lambda _, name=name: name in watched.machines("cut"), deadline=deadline, what=f"with {name}"
            )
            assert cut.struck == 1
        await watched.live("cut")
        assert watched.row("cut").nodes_total == 4
        assert Trust.SILENT not in watched.shown["cut"]


@pytest.mark.parametrize("row", [["expired"]], indirect=True, ids=["once"])
async def test_an_expired_watch_is_made_good_before_anyone_notices(bed: BedCluster, row: Row) -> None:
    proxy = row.proxies["expired"]
    async with watching(row.kubeconfigs) as watched:
        deadline = time.monotonic() + TRUTH_WITHIN_S
        await watched.until("expired", lambda _: proxy.open_watches == 1, deadline=deadline, what="watched")
        lists = proxy.seen("GET /api/v1/nodes?")
        proxy.expire_watches()
        await watched.until(
            "expired",
            lambda _: proxy.open_watches == 1 and proxy.seen("GET /api/v1/nodes?") >= lists + 2,
            deadline=time.monotonic() + TRUTH_WITHIN_S,
            what="listed and watched again",
        )
        await asyncio.to_thread(bed.api().create, objects.NODES, objects.node("after"))
        deadline = time.monotonic() + TRUTH_WITHIN_S
        await watched.until("expired", lambda row: row.nodes_total == 2, deadline=deadline, what="with the new node")
        assert watched.shown["expired"] == {Trust.LIVE}


SKEWS = {"ahead": 3600, "behind": -3600}


@pytest.mark.parametrize("row", [[*SKEWS, CALM]], indirect=True, ids=["an hour"])
async def test_a_wrong_clock_is_said_and_changes_no_age(bed: BedCluster, row: Row) -> None:
    async with watching(row.kubeconfigs) as watched:
        for name, skew in SKEWS.items():
            row.proxies[name].skew = skew
        deadline = time.monotonic() + TRUTH_WITHIN_S
        for name, skew in SKEWS.items():
            words = {f"{skew + off:+d}s" for off in (-1, 0, 1)}
            await watched.until(
                name,
                lambda _, name=name, words=words: watched.cells(name)["SKEW"] in words,
                deadline=deadline,
                what="skewed",
            )
            assert watched.cells(name)["AGE"] == ""
            await asyncio.to_thread(row.proxies[name].freeze)
        frozen_at, deadline = time.time(), time.monotonic() + TRUTH_WITHIN_S
        for name in SKEWS:
            await watched.until(name, lambda row: row.trust is Trust.SILENT, deadline=deadline, what="silent")
            assert shown_since(watched, name), "the age is our own clock's"
        await _check_calm(watched, bed, since=frozen_at)
        for name in SKEWS:
            await asyncio.to_thread(row.mend, name)
        await watched.live(*SKEWS)
        deadline = time.monotonic() + TRUTH_WITHIN_S
        for name in SKEWS:
            await watched.until(
                name, lambda _, name=name: watched.cells(name)["SKEW"] == "", deadline=deadline, what="in time again"
            )
        assert watched.shown[CALM] == {Trust.LIVE}


# -- credentials that are revoked, and renewed while nobody touches fleetui --------------------------------------------

ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts"
REVOKED_WITHIN_S = 15.0
"""The API server itself remembers a good token for ten seconds (kube-apiserver: authentication token cache)."""


class Account:
    """A service account whose tokens are revoked by its end."""

    def __init__(self, bed: BedCluster, name: str) -> None:
        self._api, self.name = bed.api(), name

    def token(self) -> str:
        """Of the account as it is now; made where it is not there."""
        self._api.create(ACCOUNTS, {"metadata": {"name": self.name}})
        subject = {"kind": "ServiceAccount", "name": self.name, "namespace": "default"}
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
        binding = {"metadata": {"generateName": "matrix-"}, "roleRef": role, "subjects": [subject]}
        self._api.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding)
        review = {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": {"expirationSeconds": 3600}}
        made = self._api.create(f"{ACCOUNTS}/{self.name}/token", review)
        return str(made["status"]["token"])

    def revoke(self) -> None:
        self._api.delete(f"{ACCOUNTS}/{self.name}")


def _plugin(folder: Path, token: Path) -> dict[str, object]:
    script = folder / "login"
    script.write_text(
        f"""#!/bin/sh
printf '{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{"token":"%s"}}}}' \
"$(cat {token})"
"""
    )
    script.chmod(0o700)
    api = "client.authentication.k8s.io/v1"
    return {"exec": {"apiVersion": api, "command": str(script), "interactiveMode": "Never"}}


WAYS = {"exec": "log in again; the plugin is: ", "file": "write a new token to ", "kubeconfig": "new credentials under"}
"""What the remedy says, by how the kubeconfig proves who we are."""


class Login:
    """One of ``WAYS`` in a kubeconfig of its own."""

    def __init__(self, bed: BedCluster, way: str, template: Path, folder: Path) -> None:
        folder.mkdir()
        self.account, self.kubeconfig = Account(bed, f"account-{way}"), folder / "kubeconfig"
        self._way, self._template, self._token, self._folder = way, template, folder / "token", folder
        self.renew()

    def renew(self) -> None:
        self._token.write_text(self.account.token())
        document = yaml.safe_load(self._template.read_text())
        document["users"][0]["user"] = self._user()
        self.kubeconfig.write_text(yaml.safe_dump(document))

    def _user(self) -> dict[str, object]:
        match self._way:
            case "exec":
                return _plugin(self._folder, self._token)
            case "file":
                return {"tokenFile": str(self._token)}
        return {"token": self._token.read_text()}


@pytest.mark.drill
@pytest.mark.parametrize("row", [[*WAYS, CALM]], indirect=True, ids=["all"])
async def test_credentials_revoked_and_renewed(bed: BedCluster, row: Row, tmp_path: Path) -> None:
    logins = {way: Login(bed, way, row.kubeconfigs[way], tmp_path / way) for way in WAYS}
    kubeconfigs = {way: login.kubeconfig for way, login in logins.items()}
    async with watching({**kubeconfigs, CALM: row.kubeconfigs[CALM]}) as watched:
        for login in logins.values():
            await asyncio.to_thread(login.account.revoke)
        revoked_at = time.time()
        deadline = time.monotonic() + REVOKED_WITHIN_S + TRUTH_WITHIN_S
        for way, remedy in WAYS.items():
            await watched.until(way, lambda row: row.trust is Trust.SILENT, deadline=deadline, what="logged out")
            cells = watched.cells(way)
            assert (cells["STATE"], cells["NODES"]) == ("401 unauthorized", "?/1")
            assert remedy in cells["REMEDY"]
        await _check_calm(watched, bed, since=revoked_at)
        for login in logins.values():
            await asyncio.to_thread(login.renew)
        await watched.live(*WAYS)
        assert watched.shown[CALM] == {Trust.LIVE}
    for login in logins.values():
        login.account.revoke()
