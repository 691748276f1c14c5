"""The node exporters of a demo cluster: how busy its machines are through the day, how full, and what they draw."""

from collections.abc import Iterator
from random import Random

from fleetui.simulate.course import Counter, Course, Recorded, Steady, Wave
from fleetui.simulate.demo_scrape import Scraped, since
from fleetui.simulate.objects import Node
from fleetui.simulate.series_store import SCRAPE_S, Series, Silence

NODE_EXPORTER = "node-exporter"
UNSEEN = frozenset({"edge-accra-01"})
"""Nobody has installed a node exporter there."""
USED = {"ci-north-1": 0.74, "ml-north-1": 0.58, "prod-east-1": 0.64, "data-north-1": 0.6, "sandbox-north-1": 0.12}
FULL_DISKS = {"ci1-wk-g-04": 0.87}
"""Image layers that nobody prunes."""
POWERED = ("prod-east-1", "pci-east-1", "dr-west-1", "nonprod-west-1")
"""In racks whose feeds are metered."""
IDLE_W, BUSY_W = 120.0, 300.0
RACK_BUDGET_W = 7_000.0
NOISE = 0.08


class Machine:
    """One machine's series: made once, and silent while it is."""

    def __init__(self, of: Scraped, node: Node) -> None:
        self.place = Silence(offset_s=of.chance.uniform(0, SCRAPE_S), within=of.place)
        self.lost_at: float | None = None
        chance = Random(f"{of.name}/{node.name}")  # noqa: S311 - looks, no secrets
        usual = USED.get(of.name, 0.5 if of.name.startswith("edge-") else 0.58)
        used = min(0.95, max(0.05, usual * chance.uniform(1 - NOISE, 1 + NOISE)))
        busy = Wave(used, swing=min(0.25, 0.9 / used - 0.92), phase=of.phase, ripple=0.02)
        self.series = tuple(_series(of, node, busy, chance, self.place))

    def see(self, node: Node, now: float) -> None:
        """A machine of which the node controller has heard nothing is not scraped either."""
        condition = node.ready_condition
        if condition is not None and condition.status == "Unknown":
            self.lost_at = condition.since
            self.place.begin(condition.since)
        else:
            self.lost_at = None
            self.place.end(now)

    def known_before(self) -> Recorded:
        """Of ``up``, when it is told for the first time."""
        return Recorded() if self.lost_at is None else since(0.0, self.lost_at, 1.0)


def _series(of: Scraped, node: Node, busy: Wave, chance: Random, place: Silence) -> Iterator[Series]:
    def series(name: str, course: Course, **labels: str) -> Series:
        return of.series(NODE_EXPORTER, name, course, place, instance=f"{node.name}:9100", **labels)

    if of.name in UNSEEN:
        return
    whole = Wave(1.0, swing=0.0, ripple=0.0)
    yield series("node_uname_info", Steady(1.0), nodename=node.name, release=node.hardware.kernel)
    yield series("node_cpu_seconds_total", Less(whole, busy), mode="idle", cpu="0")
    yield series("node_cpu_seconds_total", Counter(busy), mode="user", cpu="0")
    memory = float(node.hardware.memory)
    yield series("node_memory_MemTotal_bytes", Steady(memory))
    free = memory * (0.45 - 0.1 * chance.random())
    yield series("node_memory_MemAvailable_bytes", Wave(free, swing=0.1, phase=chance.random(), ripple=0.01))
    disk = {"device": "/dev/nvme0n1p2", "fstype": "ext4", "mountpoint": "/"}
    share = FULL_DISKS.get(node.name, chance.uniform(0.25, 0.6))
    yield series("node_filesystem_size_bytes", Steady(float(node.hardware.storage)), **disk)
    left = Wave(node.hardware.storage * (1 - share), swing=0.02, phase=chance.random(), ripple=0.005)
    yield series("node_filesystem_avail_bytes", left, **disk)
    if of.name in POWERED:
        watts = Wave(IDLE_W + (BUSY_W - IDLE_W) * busy.average, swing=0.05, phase=of.phase, ripple=0.02)
        yield series("ipmi_dcmi_power_consumption_watts", watts)


class Less(Counter):
    """What is left of a whole beside what a wave takes: the idle time of a processor."""

    def __init__(self, whole: Wave, taken: Wave) -> None:
        super().__init__(whole)
        self._taken = taken

    def grew(self, start: float, end: float) -> float:
        return super().grew(start, end) - self._taken.grew(start, end)


def rack_budgets(of: Scraped) -> Iterator[Series]:
    if of.name in POWERED:
        for rack in of.plan.site.racks:
            share = sum(of.plan.racks) / SITE_MACHINES[of.plan.site.region]
            yield of.series("rules", "fleet_rack_power_budget_watts", Steady(RACK_BUDGET_W * share), rack=rack)


SITE_MACHINES = {"east": 81, "west": 69}
"""All that stand in the racks of a site: each cluster has its part of the budget."""
