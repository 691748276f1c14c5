"""The etcd behind the demo's clusters: most are well, a few have what an operator has to find."""

from collections.abc import Callable, Mapping
from random import Random

from fleetui.ports.clock import Clock
from fleetui.simulate.demo_build import control_plane_names
from fleetui.simulate.demo_clusters import PLANS, Plan
from fleetui.simulate.etcd_cluster import SimulatedEtcd
from fleetui.simulate.etcd_gateway import EtcdGateways

GIB = 1 << 30
QUOTA = 8 * GIB
"""What etcd's documentation calls the usual maximum."""
USUAL_QUOTA = 2 * GIB
"""What etcd takes when nobody says otherwise."""
WRITES_PER_S = 5.0
HIDDEN = frozenset({"edge-bergen-01", "edge-accra-01", "edge-perth-01"})
"""Nobody has given this console a way to their etcd."""


def _thin(etcd: SimulatedEtcd) -> None:
    """Its last member is down: the next loss is fatal."""
    etcd.members[-1].alive = False


def _full(etcd: SimulatedEtcd) -> None:
    """The database has reached its quota, which nobody has raised, and most of it is holes and history."""
    etcd.quota = USUAL_QUOTA
    for member in etcd.members:
        member.db_size, member.db_in_use = etcd.quota, etcd.quota // 4
    etcd.alarms.add((etcd.members[0].id, "NOSPACE"))


def _mixed(etcd: SimulatedEtcd) -> None:
    """An upgrade that nobody has finished."""
    etcd.members[-1].version = "3.5.21"


def _slow(etcd: SimulatedEtcd) -> None:
    etcd.members[1].fsync_s = 0.045


STORIES: Mapping[str, Callable[[SimulatedEtcd], None]] = {
    "pci-east-1": _thin,
    "edge-lima-02": _thin,
    "data-north-1": _full,
    "nonprod-west-1": _mixed,
    "ml-north-1": _slow,
}


class DemoEtcds:
    """One simulated etcd for each cluster that has one here, each member on a port of its own on loopback."""

    def __init__(self, *, seed: int, clock: Clock) -> None:
        self._etcds = {plan.name: demo_etcd(plan, seed) for plan in PLANS if plan.name not in HIDDEN}
        self._gateways = {name: EtcdGateways(etcd, clock) for name, etcd in self._etcds.items()}
        self.endpoints: dict[str, tuple[str, ...]] = {}
        """By cluster, once started: also of the members that are down."""

    @property
    def etcds(self) -> Mapping[str, SimulatedEtcd]:
        """By cluster: what happens in them, for whoever watches them otherwise."""
        return self._etcds

    async def start(self) -> None:
        """All are up at first, so that each has an address; then the stories begin."""
        for name, gateways in self._gateways.items():
            etcd = self._etcds[name]
            await gateways.start()
            self.endpoints[name] = tuple(member.client_url for member in etcd.members)
            STORIES.get(name, _well)(etcd)
            await gateways.refresh()

    async def stop(self) -> None:
        for gateways in self._gateways.values():
            await gateways.stop()


def _well(_: SimulatedEtcd) -> None:
    """Nothing is wrong."""


def demo_etcd(plan: Plan, seed: int) -> SimulatedEtcd:
    """That of one cluster, well."""
    chance = Random(f"{seed}/etcd/{plan.name}")  # noqa: S311 - looks, no secrets
    etcd = SimulatedEtcd(control_plane_names(plan), quota=QUOTA, cluster_id=chance.getrandbits(48))
    etcd.writes_per_s = WRITES_PER_S
    etcd.term = chance.randint(2, 40)
    etcd.index = etcd.revision = chance.randint(2_000_000, 90_000_000)
    size = chance.randint(200 << 20, 3 * GIB)
    for member in etcd.members:
        member.applied = etcd.index
        member.db_in_use, member.db_size = int(size * 0.7), size
        member.peer_url = f"https://{member.name}:2380"
    return etcd
