"""Which parts of which clusters are watched: by tables."""

from msgspec.structs import replace

from fleetui.model.cluster import Health
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health.answers import Answers
from fleetui.model.health.coverage import PARTS, QUERIES, Cover, CoverageRow, Covered, Heard, coverage, unlabelled
from fleetui.model.health.fleet_figures import FleetFigure
from fleetui.model.health.series import Point, Reply, Vector
from fleetui.model.table.columns_coverage import COVERAGE
from fleetui.observe.panel_boards import judge_coverage, judge_fleet
from tests.model.health.panel_answers import NOW, answers, vector

REPLY = Reply("s", 0.0, 1.0)
REFUSED = Fault(FaultKind.TIMEOUT, "query timed out", "too slow", "raise the timeout")


def heard(counts: dict[str, dict[tuple[str, str], float]], **faults: Fault) -> Heard:
    """``counts``: by query, by (cluster, job)."""
    replies: dict[str, Vector | Fault] = {}
    for query in QUERIES:
        points = [
            Point({key: text for key, text in (("cluster", name), ("job", job)) if text}, value, 1.0)
            for (name, job), value in counts.get(query.id, {}).items()
        ]
        replies[query.id] = Vector(tuple(points), REPLY)
    return Heard("s", {**replies, **{name.replace("__", ":"): fault for name, fault in faults.items()}})


def cell(told: Heard, part: str, name: str = "c1") -> Covered:
    return next(row for row in coverage([told], [name]) if row.cluster == name).cell(part)


def test_what_is_scraped_and_what_is_not() -> None:
    told = heard({"has:etcd": {("c1", ""): 3}, "targets": {("c1", "kube-etcd"): 3}})
    assert (cell(told, "etcd").cover, cell(told, "etcd").level) == (Cover.SCRAPED, Health.CALM)
    missing = cell(told, "node")
    assert (missing.cover, missing.level) == (Cover.MISSING, Health.WARNING)
    assert "node exporter" in missing.fix
    assert (cell(told, "traces").cover, cell(told, "traces").level) == (Cover.MISSING, Health.UNKNOWN)


def test_a_target_that_gives_nothing_is_not_the_same_as_none() -> None:
    told = heard({"targets": {("c1", "node-exporter"): 12}, "down": {("c1", "node-exporter"): 12}})
    found = cell(told, "node")
    assert (found.cover, found.level) == (Cover.DOWN, Health.BROKEN)
    assert "12 targets, 12 down" in found.detail


def test_some_targets_down() -> None:
    told = heard(
        {"has:node": {("c1", ""): 10}, "targets": {("c1", "node-exporter"): 12}, "down": {("c1", "node-exporter"): 2}}
    )
    found = cell(told, "node")
    assert (found.cover, found.detail, found.level) == (Cover.PARTLY, "2 of 12 targets are down", Health.WARNING)


def test_an_unanswered_question_is_unknown_and_not_missing() -> None:
    told = heard({}, has__etcd=REFUSED)
    found = cell(told, "etcd")
    assert (found.cover, found.level, found.fix) == (Cover.UNKNOWN, Health.UNKNOWN, "raise the timeout")


def test_every_cluster_of_the_roster_and_of_the_sources_has_a_row() -> None:
    told = heard({"targets": {("known", "x"): 1, ("", "stray"): 4}, "has:ksm": {("other", ""): 1}})
    rows = coverage([told], ["listed"])
    assert [row.cluster for row in rows] == ["known", "listed", "other"]
    assert all([each.part for each in row.cells] == [part.id for part in PARTS] for row in rows)
    assert unlabelled([told]) == {"stray": 4}


def test_a_cluster_of_which_nothing_arrives_is_silent_and_no_exporter_is_advised() -> None:
    rows = coverage([heard({"targets": {("c1", "x"): 1}})], ["c1", "gone"])
    silent = next(row for row in rows if row.cluster == "gone")
    assert (silent.silent, silent.level, silent.word) == (True, Health.BROKEN, "unheard")
    assert {cell.cover for cell in silent.cells} == {Cover.SILENT}
    assert "install" not in silent.fix
    assert "is its Prometheus alive" in silent.fix
    assert not any(cell.fix for cell in silent.cells)
    assert COVERAGE.first is not None
    assert min(rows, key=COVERAGE.first) is silent
    assert replace(silent, last_heard="for 47m").word == "unheard for 47m"


def test_silence_is_dated_by_what_a_source_remembers() -> None:
    told = answers({"availability": {"c1": 1.0}})
    last = vector(({"cluster": "gone"}, NOW - 2_820))
    found = dict(judge_coverage([Answers("s", {**told.replies, "last": last})], frozenset({"c1", "gone"}), NOW))
    assert isinstance(found["gone"], CoverageRow)
    assert found["gone"].word == "unheard for 47m"


def test_silence_has_one_age_on_every_board() -> None:
    """Also where a source still has a sample of before and remembers a later one."""
    told, gone = answers({"availability": {"c1": 1.0}}), answers({"availability": {"gone": 1.0}}, age_s=3_600)
    replies = {"seen": gone.replies["seen"], "last": vector(({"cluster": "gone"}, NOW - 2_820))}
    both, here = [told, Answers("s", replies)], frozenset({"c1", "gone"})
    debug = dict(judge_fleet("debug")(both, here, NOW))["silent"]
    matrix = dict(judge_coverage(both, here, NOW))["gone"]
    assert isinstance(debug, FleetFigure)
    assert isinstance(matrix, CoverageRow)
    assert debug.word == matrix.word


def test_partly_and_unanswered_are_not_called_missing() -> None:
    whole = {f"has:{part.id}": {("c1", ""): 3.0} for part in PARTS if part.needed}
    node = {"targets": {("c1", "node-exporter"): 12.0}, "down": {("c1", "node-exporter"): 2.0}}
    (partly,) = coverage([heard({**whole, **node})], ["c1"])
    assert partly.word == "1 of 4 partly"
    (unheard,) = coverage([heard({}, **{f"has__{part.id}": REFUSED for part in PARTS})], ["c1"])
    assert (unheard.silent, unheard.level, unheard.word) == (False, Health.UNKNOWN, "4 of 4 unanswered")


def test_two_sources_add_up() -> None:
    told = [heard({"has:node": {("c1", ""): 1}}), heard({"has:etcd": {("c1", ""): 3}})]
    (row,) = coverage(told, [])
    assert (row.cell("node").cover, row.cell("etcd").cover) == (Cover.SCRAPED, Cover.SCRAPED)


def test_short_retention_and_too_many_series_are_noted() -> None:
    targets: dict[tuple[str, str], float] = {("c1", "x"): 1, ("c2", "x"): 1}
    told = heard({"targets": targets, "old": {("c2", ""): 9}, "series": {("c1", ""): 600_000, ("c2", ""): 100}})
    rows = {row.cluster: row.notes for row in coverage([told], ["c1", "c2"])}
    assert rows["c2"] == ()
    assert [note.split(":")[0] for note in rows["c1"]] == ["600,000 series", "nothing older than 7d"]
    unanswered = coverage([heard({}, old=REFUSED)], ["c1"])
    assert unanswered[0].notes == (), "nobody said how old its data is"
