"""The demo's clusters as data: who owns them, where their machines stand, what is wrong with them.

The first four are the 150 machines of a company with two sites 5 ms apart that must survive the loss of one: PCI and
production in the east on racks A-C (27 each), disaster recovery and non-production in the west on racks D-F (23 each).
"""

import msgspec

from fleetui.model.cluster import Tags
from fleetui.model.drain import Taint
from fleetui.simulate.objects import NO_SCHEDULE, Hardware
from fleetui.simulate.trouble import Trouble

GIB = 2**30
SERVER = Hardware(cpu_m=31_000, memory=126 * GIB, system_cpu_m=1_000, system_memory=2 * GIB)
"""A 1U machine of 300 W."""
GPU_SERVER = Hardware(cpu_m=63_000, memory=508 * GIB, system_cpu_m=1_000, system_memory=4 * GIB, gpus=4)
GPU_TAINT = Taint(key="nvidia.com/gpu", value="present", effect=NO_SCHEDULE)
MASTER = Hardware(cpu_m=7_000, memory=30 * GIB, system_cpu_m=1_000, system_memory=2 * GIB)
BOX = Hardware(
    cpu_m=7_500, memory=30 * GIB, system_cpu_m=500, system_memory=2 * GIB, os_image="Flatcar Container Linux 4230.2.3",
    kernel="6.6.95-flatcar", runtime="containerd://1.7.23",
)  # fmt: skip
"""What stands at an edge site."""


class Site(msgspec.Struct, frozen=True):
    region: str
    room: str
    row: str
    racks: tuple[str, ...]


EAST = Site("east", "hall-1", "row-3", ("A", "B", "C"))
WEST = Site("west", "hall-2", "row-1", ("D", "E", "F"))
NORTH = Site("north", "hall-5", "row-2", ("G", "H", "J"))


def _edge(place: str) -> Site:
    return Site(place, "closet", "wall", (f"{place}-1",))


class Plan(msgspec.Struct, frozen=True):
    """One cluster. ``prefix`` begins the names of its machines, so that they are unique in the fleet."""

    name: str
    prefix: str
    site: Site
    racks: tuple[int, ...]
    """Machines in each rack of the site."""
    version: str
    tags: Tags
    catalogue: str
    """Which workloads run there: a key of ``demo_workloads.CATALOGUES``."""
    gpus: int = 0
    """How many of its machines have GPUs."""
    purpose: str = "general"
    kubelets: str = ""
    """When they lag behind the API server."""
    control_planes: int = 3
    hardware: Hardware = SERVER
    age_days: float = 300.0
    busy: float = 1.0
    """How much happens in it; 1 is an event every half minute for ten machines."""


PLANS = (
    Plan(
        "prod-east-1", "pe1", EAST, (21, 21, 21), "v1.35.4",
        Tags("prod", "commerce", "team-platform", "#oncall-platform", "gold", (), (("site", "east"),), favourite=True),
        "production", gpus=10, age_days=412,
    ),
    Plan(
        "pci-east-1", "pci", EAST, (6, 6, 6), "v1.35.4",
        Tags("prod", "payments", "team-pay", "#oncall-pay", "gold", ("pci",), (("site", "east"),), favourite=True),
        "pci", purpose="pci", age_days=398, busy=0.6,
    ),
    Plan(
        "dr-west-1", "dr1", WEST, (13, 13, 12), "v1.35.4",
        Tags("dr", "commerce", "team-platform", "#oncall-platform", "gold", (), (("site", "west"),)),
        "recovery", age_days=377, busy=0.4,
    ),
    Plan(
        "nonprod-west-1", "np1", WEST, (10, 10, 11), "v1.36.3",
        Tags("nonprod", "commerce", "team-platform", "#platform", "bronze", (), (("site", "west"),)),
        "nonprod", kubelets="v1.35.4", age_days=377, busy=1.6,
    ),
    Plan(
        "mgmt-north-1", "mg1", NORTH, (2, 2, 1), "v1.36.3",
        Tags("management", "platform", "team-platform", "#oncall-platform", "gold", (), (("site", "north"),)),
        "management", age_days=260, busy=0.5,
    ),
    Plan(
        "platform-north-1", "pf1", NORTH, (4, 4, 4), "v1.36.1",
        Tags("prod", "platform", "team-platform", "#oncall-platform", "silver", (), (("site", "north"),)),
        "platform", age_days=260,
    ),
    Plan(
        "data-north-1", "da1", NORTH, (5, 5, 5), "v1.34.6",
        Tags("prod", "data", "team-data", "#oncall-data", "gold", (), (("site", "north"),)),
        "data", purpose="storage", age_days=510, busy=0.3,
    ),
    Plan(
        "ml-north-1", "ml1", NORTH, (4, 4, 4), "v1.35.2",
        Tags("prod", "data", "team-ml", "#ml-infra", "silver", (), (("site", "north"),)),
        "learning", gpus=6, age_days=190,
    ),
    Plan(
        "ci-north-1", "ci1", NORTH, (4, 4, 4), "v1.36.1",
        Tags("nonprod", "tooling", "team-devex", "#devex", "bronze", (), (("site", "north"),)),
        "runners", age_days=120, busy=3.0,
    ),
    Plan(
        "sandbox-north-1", "sb1", NORTH, (2, 1, 1), "v1.36.3",
        Tags("nonprod", "tooling", "team-devex", "#devex", "bronze", (), (("site", "north"),)),
        "sandbox", control_planes=1, age_days=33,
    ),
    *(
        Plan(
            f"edge-{place}-{number:02}", f"{place}{number}", _edge(place), (machines,), version,
            Tags("edge", region, "team-stores", "#oncall-stores", "silver", (), (("site", place),)),
            "store", hardware=BOX, control_planes=1 if machines < 4 else 3, age_days=640, busy=0.7,
        )
        for place, number, machines, version, region in (
            ("lima", 2, 4, "v1.34.6", "americas"), ("quito", 1, 3, "v1.34.6", "americas"),
            ("oslo", 1, 4, "v1.35.2", "europe"), ("bergen", 1, 3, "v1.35.2", "europe"),
            ("turku", 1, 3, "v1.34.6", "europe"), ("cadiz", 1, 5, "v1.35.2", "europe"),
            ("accra", 1, 3, "v1.34.2", "africa"), ("perth", 1, 4, "v1.34.6", "pacific"),
            ("kyoto", 1, 5, "v1.35.4", "asia"), ("osaka", 1, 4, "v1.35.4", "asia"),
        )
    ),
)  # fmt: skip

EXPIRED = frozenset({"edge-lima-02"})
"""Their kubeconfig holds a token the server no longer takes."""
NOT_LISTENING = frozenset({"edge-perth-01"})
"""Nothing answers at their address."""


def troubles(name: str) -> Trouble:
    """What is wrong with the way to a cluster from the start."""
    match name:
        case "edge-quito-01":
            return Trouble(hang=True)
        case "edge-turku-01":
            return Trouble(slow_s=1.4)
        case "sandbox-north-1":
            return Trouble(forbidden=frozenset({"pods", "poddisruptionbudgets"}))
    return Trouble()


class Outage(msgspec.Struct, frozen=True):
    """A line that goes down again and again: seconds of simulated life."""

    cluster: str
    first_s: float
    down_s: float
    up_s: float


OUTAGES = (Outage("edge-bergen-01", first_s=75, down_s=50, up_s=240),)
