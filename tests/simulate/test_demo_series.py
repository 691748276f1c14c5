"""The demo's store answers what the boards ask, and what it answers tells the demo's stories."""

import pytest

from fleetui.model.cluster import Health
from fleetui.model.health import controlplane
from fleetui.model.health.coverage import Cover
from fleetui.model.health.fleet_figures import FleetFigure
from fleetui.model.health.panel_board import panel_board
from fleetui.model.health.promql import Scope
from fleetui.model.health.replication import Replica
from fleetui.model.health.replication_board import replication_board
from fleetui.model.health.replication_reading import Link
from fleetui.model.health.silent import LAST
from fleetui.model.health.slo import Call
from fleetui.model.health.slo_board import SloRow, slo_board
from fleetui.model.table.columns_board import worst_text
from fleetui.observe.panel_boards import judge_coverage, judge_fleet
from fleetui.simulate.demo_clusters import PLANS
from fleetui.simulate.demo_control_plane import control_plane
from fleetui.simulate.demo_scrape import Scraped
from fleetui.simulate.promql_evaluate import evaluate
from tests.simulate.demo_store import NOW, DemoStore, boards, kinds

NAMES = frozenset(plan.name for plan in PLANS)
ABSENT_KINDS = frozenset({"mongodb", "nomad", "openfaas", "patroni", "slurm", "varnish"})
"""Kinds of which the demo has none: their rows would only make the list longer."""
ABSENT = {
    "rules": "nobody has loaded a rule set",
    "bootstrap-cp": "no control-plane machine is of the last day",
    "failing": "every member reaches the others",
    "etcd-learner/rows": "no member is a learner",
    "mysql/link": "its only mysqld are Galera's, which replicate otherwise",
    "mysql/seconds": "as its link",
    "mysql/figure:io-error": "as its link",
    "mysql/figure:sql-error": "as its link",
    "mysql/figure:hit-ratio": "its exporters run without that collector",
    "mysql/figure:connections": "its exporters run without that collector",
}
"""What the demo has no series of, and why."""


@pytest.fixture(scope="module")
def store() -> DemoStore:
    return DemoStore()


@pytest.mark.parametrize("name", boards())
def test_every_query_of_a_board_is_answered_or_has_its_reason(store: DemoStore, name: str) -> None:
    board = boards()[name]
    silent = {query.id for query in board.every if not store.ask(board, query).points}
    unasked = {id_ for id_ in silent if id_.partition("/")[0] in ABSENT_KINDS}
    assert silent - unasked == {query.id for query in board.every} & ABSENT.keys()


def test_no_kind_is_called_absent_that_has_series(store: DemoStore) -> None:
    board = boards()["replication"]
    markers = {point.label("__name__") for point in store.ask(board, board.queries[0]).points}
    assert {kind.name for kind in kinds() if kind.marker not in markers} == ABSENT_KINDS


@pytest.fixture(scope="module")
def promises(store: DemoStore) -> dict[tuple[str, str], SloRow]:
    rows = slo_board([store.answers("slo")], NAMES, now=store.at)
    return {(row.cluster, row.objective): row for row in rows}


def test_budgets_burn_where_the_stories_say(promises: dict[tuple[str, str], SloRow]) -> None:
    paging = {key for key, row in promises.items() if row.call is Call.PAGE}
    assert paging == {
        ("data-north-1", "api-errors"), ("data-north-1", "api-writes"), ("edge-turku-01", "availability"),
    }  # fmt: skip
    assert promises["edge-turku-01", "availability"].word.startswith("gone in")
    assert promises["prod-east-1", "app-errors"].call is Call.TICKET
    assert promises["sandbox-north-1", "app-errors"].word == "low traffic"
    assert promises["dr-west-1", "availability"].word == "kept"


def test_figures_are_missed_where_the_stories_say(promises: dict[tuple[str, str], SloRow]) -> None:
    slow, expires = promises["ml-north-1", "scheduling"], promises["pci-east-1", "credentials"]
    assert (slow.word, expires.word) == ("missed", "missed")
    assert slow.value is not None
    assert slow.value > 30
    assert expires.value == pytest.approx(20, abs=0.1)
    assert promises["data-north-1", "cap-disk"].word == "full in 12 d"
    assert promises["prod-east-1", "cap-cpu"].level is Health.CALM
    broken = promises["prod-east-1", "replication"]
    assert (broken.level, broken.word, broken.value) == (Health.BROKEN, "link broken", None), "it has no seconds"


@pytest.mark.parametrize("clusters", [NAMES, frozenset({"prod-east-1", "pci-east-1"})])
def test_a_broken_replica_link_is_broken_on_the_board_whatever_the_others_lag(
    store: DemoStore, clusters: frozenset[str]
) -> None:
    lag = dict(judge_fleet("debug")([store.answers("debug")], clusters, store.at))["replication"]
    assert isinstance(lag, FleetFigure)
    assert (lag.level, lag.word, lag.value) == (Health.BROKEN, "1 link broken", None)
    assert worst_text(lag).startswith("prod-east-1 link broken")


def test_a_cluster_that_sends_nothing_is_unknown(promises: dict[tuple[str, str], SloRow]) -> None:
    for name in ("edge-perth-01", "edge-quito-01"):
        assert promises[name, "availability"].level is Health.UNKNOWN
        assert promises[name, "availability"].value is None


def test_what_a_full_etcd_refused_ends_with_its_alarm_and_the_burn_falls_with_its_windows() -> None:
    store = DemoStore(clusters=frozenset({"data-north-1"}))

    def refused(window: str) -> float:
        every, bad = (f"sum(rate(apiserver_request_total{match}[{window}]))" for match in ("", '{code="500"}'))
        ((_, share),) = evaluate(f"{bad} / {every}", store.series, store.at)  # type: ignore[misc]
        return float(share)

    burning = refused("5m")
    etcd = store.etcds["data-north-1"]
    for member in etcd.members:
        etcd.defragment(member)
    etcd.alarms.clear()
    store.pass_s(400.0)
    assert burning > 0.1
    assert refused("5m") < 0.001, "nothing is refused any more"
    assert 0.05 < refused("30m") < burning, "the longer window still remembers"


@pytest.fixture(scope="module")
def replicas(store: DemoStore) -> dict[tuple[str, str, str], Replica]:
    found = replication_board(kinds(), [store.answers("replication")], now=store.at)
    return {(row.cluster, row.kind, row.instance): row for row in found.values()}


def test_a_broken_link_is_never_in_step(replicas: dict[tuple[str, str, str], Replica]) -> None:
    broken = replicas["prod-east-1", "postgres", "db-2:9187"]
    assert (broken.link, broken.level, broken.lag_s) == (Link.BROKEN, Health.BROKEN, None)
    assert replicas["prod-east-1", "postgres", "db-0:9187"].word == "slot filling"
    assert replicas["prod-east-1", "postgres", "db-1:9187"].word == "in step"


def test_who_lags_stands_still_or_is_short_of_copies(replicas: dict[tuple[str, str, str], Replica]) -> None:
    words = {instance: row.word for (_, _, instance), row in replicas.items()}
    assert words["postgres-2:9187"] == "lagging"
    assert (words["audit"], words["events"], words["orders"]) == ("stalled", "lagging", "in step")
    assert (words["10.26.1.41:9121"], words["10.26.2.41:9121"]) == ("primary", "in step")
    kinds_and_words = {(kind, row.word) for (_, kind, _), row in replicas.items()}
    assert {
        ("kafka-brokers", "copies missing"), ("galera", "not synced"), ("cassandra", "compactions wait"),
        ("ceph", "HEALTH_WARN"), ("edge-probe", "certificate expires"),
    } <= kinds_and_words  # fmt: skip


def test_the_control_planes_tell_their_worst(store: DemoStore) -> None:
    rows = panel_board(
        controlplane.PANELS, [store.answers("controlplane")], NAMES, now=store.at, needed=controlplane.NEEDED
    )
    words = {row.cluster: row.word.partition(" ")[0] for row in rows}
    assert words["data-north-1"] == "5xx"
    assert words["ml-north-1"] == "writes"
    assert words["nonprod-west-1"] == "SERVFAIL"
    assert words["edge-cadiz-01"] == "not"  # not Ready 1
    assert words["dr-west-1"] == "within"


def test_what_is_not_scraped_is_said(store: DemoStore) -> None:
    covered = dict(judge_coverage([store.answers("coverage")], NAMES, store.at))
    said = {(name, part): row.cell(part).cover for name, row in covered.items() for part in ("ksm", "node", "etcd")}
    assert said["edge-accra-01", "node"] is Cover.MISSING
    assert said["edge-accra-01", "etcd"] is Cover.MISSING
    assert said["edge-oslo-01", "ksm"] is Cover.DOWN
    assert said["pci-east-1", "etcd"] is Cover.PARTLY
    assert said["edge-cadiz-01", "node"] is Cover.PARTLY
    assert said["prod-east-1", "ksm"] is Cover.SCRAPED
    assert any("series" in note for note in covered["prod-east-1"].notes)


def test_the_same_seed_tells_the_same_story() -> None:
    def told(seed: int) -> list[float | None]:
        return [series.course.at(NOW) for series in control_plane(Scraped(PLANS[0], seed=seed, began=NOW - 2_820))]

    assert told(1) == told(1)
    assert told(1) != told(2)


def test_a_cluster_is_silent_since_one_moment_whenever_a_board_asks(store: DemoStore) -> None:
    asked = Scope().fill(LAST)
    told = set()
    for minutes in range(3, 50, 3):
        found = evaluate(asked, store.series, store.at - 2_400 + minutes * 60)
        assert not isinstance(found, float)
        told |= {value for labels, value in found if dict(labels)["cluster"] == "edge-perth-01"}
    assert max(told) - min(told) < 60, "the rungs of the question are closer than what an answer looks back"


def test_a_lost_machine_is_lost_since_its_moment(store: DemoStore) -> None:
    asked = 'kube_node_status_condition{node="cadiz1-wk-a-05",condition="Ready",status="true"}'
    values = {}
    for ago_s in (0, 7_000, 8_000):
        ((_, values[ago_s]),) = evaluate(asked, store.series, store.at - ago_s)  # type: ignore[misc]
    assert values == {0: 0.0, 7_000: 0.0, 8_000: 1.0}
