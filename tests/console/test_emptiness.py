"""An empty table says why it is empty and what to do, and never 0 of what nobody knows."""

import msgspec
import pytest

from fleetui.console.app import FleetApp
from fleetui.console.emptiness import Wanted, all_hidden, none_there
from fleetui.console.glyphs import UNICODE
from fleetui.console.ink import plain
from fleetui.console.inspector import fleet_lines
from fleetui.console.page import Page
from fleetui.console.views import View
from fleetui.model.cluster import Cluster, Feed
from fleetui.model.freshness import Source, Trust
from fleetui.model.table.view import Counts
from tests.console.samples import EXPIRED, FORBIDDEN, NOON, cluster, fill, machine
from tests.console.test_table_keys import grid, said, started
from tests.console.waiting import until
from tests.console.world import World

NEVER = cluster("edge-lima-02", "edge", 12, trust=Trust.SILENT, fault=EXPIRED, last_contact=None, feeds=())
REFUSED = cluster("pci-east", "prod", 18, feeds=(Feed("pods", Trust.SILENT, Source.PUSHED, None, FORBIDDEN),))
READING = cluster("prod-east-2", "prod", 300, feeds=(Feed("pods", Trust.CONNECTING, Source.PUSHED, NOON),))
ANSWERED = cluster("prod-west-1", "prod", 0, feeds=(Feed("pods", Trust.LIVE, Source.PUSHED, NOON, complete=True),))
IDLE = cluster("dr-west", "prod", 3, trust=Trust.IDLE, feeds=())
CONNECTING = cluster("edge-rome-01", "edge", 3, trust=Trust.CONNECTING, feeds=())


def words(*clusters: Cluster, place: str = "", cells: int = 120) -> str:
    wanted = Wanted("pods", "pods", clusters, place)
    return "\n".join(plain(said) for said in none_there(wanted, now=NOON, glyphs=UNICODE, cells=cells))


@pytest.mark.parametrize(
    ("clusters", "told"),
    [
        ((), ("no cluster is configured", "KUBECONFIG", "fleetui demo")),
        ((NEVER,), ("pods of edge-lima-02 are not known", EXPIRED.word, EXPIRED.detail, "→ renew", "last seen: never")),
        ((msgspec.structs.replace(NEVER, last_contact=NOON - 372),), ("last seen: 6m ago",)),
        ((REFUSED,), ('cannot list resource "pods"', "ask for list and watch on pods", "last seen: now, it answers")),
        ((READING,), ("reading the pods of prod-east-2",)),
        ((IDLE,), ("dr-west is not connected", "^r connects it")),
        ((CONNECTING,), ("has not answered yet",)),
        ((ANSWERED,), ("no pods on wk-1", "not a fault")),
        ((ANSWERED, ANSWERED), ("no pods on wk-1", "not a fault")),
        (
            (NEVER, REFUSED, READING, ANSWERED, CONNECTING, IDLE),
            ("no pods are known yet", "edge-lima-02  cert expired 2h ago  → renew", "pci-east  403 pods", "1 reading",
             "1 answered: no pods", "1 connecting", "1 not connected"),
        ),
    ],
)  # fmt: skip
def test_each_reason_has_its_words(clusters: tuple[Cluster, ...], told: tuple[str, ...]) -> None:
    text = words(*clusters, place="on wk-1")
    for part in told:
        assert part in text
    assert ("not a fault" in text) is ("not a fault" in told), "only an answer is an answer"


def test_many_faults_are_named_a_few_and_counted() -> None:
    many = [msgspec.structs.replace(NEVER, name=f"edge-{number}") for number in range(20)]
    assert "and 12 more" in words(*many)


def test_words_keep_to_a_narrow_screen() -> None:
    for clusters in ((), (NEVER,), (NEVER, REFUSED)):
        assert all(len(text) <= 76 for text in words(*clusters, cells=76).splitlines())


def test_what_a_filter_hides_is_not_gone() -> None:
    counts = Counts(shown=0, total=54, unknown=2)
    lines = all_hidden("machines", counts, query="status=Odd", faults=False, settled=True)
    text = "\n".join(map(plain, lines))
    assert "none of 54 machines matches  /status=Odd" in text
    assert "cannot tell of 2" in text
    assert "esc clears the filter" in text
    looking = all_hidden("machines", counts, query="status=Odd", faults=False, settled=False)
    assert "none" not in plain(looking[0])


def test_of_no_clusters_there_is_nothing_to_sum_up() -> None:
    assert [plain(said) for said in fleet_lines((), now=NOON, glyphs=UNICODE, cells=40) if said] == ["Fleet"]


def body(app: FleetApp) -> str:
    return "\n".join(grid(app).render_line(y).text.strip() for y in range(grid(app).size.height))


@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
async def test_a_cluster_that_never_answered_shows_its_fault_where_the_machines_would_be(size: tuple[int, int]) -> None:
    world = fill(World())
    world.fleet.put(NEVER)
    async with world.app(view=View("machines", cluster="edge-lima-02")).run_test(size=size) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: "cert expired" in body(app))
        assert EXPIRED.remedy in " ".join(body(app).split())
        assert "last seen: never" in body(app)
        assert size[0] == 80 or "? machines" in said(app, "where")
        await pilot.press("ctrl+r")
        assert world.fleet.connected == [frozenset({"edge-lima-02"})]

        world.fleet.put(machine("wk-1", "edge-lima-02"))
        await until(pilot, lambda: "wk-1" in body(app))
        assert "cert expired" not in body(app)
        assert size[0] == 80 or "1 machine " in said(app, "where")


async def test_the_reason_is_said_anew_when_it_is_another() -> None:
    world = fill(World())
    async with world.app(view=View("machines", cluster="edge-rome-01")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: "has not answered yet" in body(app))
        world.fleet.put(msgspec.structs.replace(NEVER, name="edge-rome-01"))
        await until(pilot, lambda: "cert expired" in body(app))
        live = cluster("edge-rome-01", "edge", 0)
        world.fleet.put(live)
        await until(pilot, lambda: "no machines in edge-rome-01" in body(app))
        await until(pilot, lambda: "0 machines" in said(app, "where"))
        await until(pilot, lambda: "0 of 0 ready" in app.frame.query_one("#inspector", Page).text)


@pytest.mark.parametrize(
    ("view", "told"),
    [
        (View("fleet"), "no cluster is configured"),
        (View("machines"), "no cluster is configured"),
        (View("pods", cluster="gone"), "there is no cluster gone"),
        (View("operations"), "no operation yet"),
    ],
)
async def test_an_empty_screen_says_why(view: View, told: str) -> None:
    world = World()
    async with world.app(view=view).run_test(size=(80, 24)) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: told in body(app))


async def test_a_filter_that_hides_all_says_so_and_esc_gives_all_back() -> None:
    world = fill(World())
    async with world.app(view=View("machines", query="nosuchname")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: "none of 54 machines matches  /nosuchname" in body(app))
        await pilot.press("escape")
        await until(pilot, lambda: "none of" not in body(app))
