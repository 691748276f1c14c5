"""The view against a naive one: sort and filter everything after every step, and compare."""

import random
from typing import Any

import pytest

from fleetui.model.freshness import Trust
from fleetui.model.machine import Machine
from fleetui.model.picture import row_id
from fleetui.model.table import view as view_module
from fleetui.model.table.column import natural
from fleetui.model.table.columns_cluster import CLUSTERS
from fleetui.model.table.columns_machine import MACHINES, machine_health
from fleetui.model.table.filter import parse
from fleetui.model.table.order import Entry
from fleetui.model.table.section import FoldLine, GroupLine, RowLine, fold_id, group_id
from fleetui.model.table.sorting import CALM, RANKS, Sort
from fleetui.model.table.view import View
from tests.model.table.rows import HOUR, NOW, cluster, delta, machine, random_machine


def names(view: View[Any]) -> list[str]:
    return [line.row.name for line in view.window(0, 10_000) if isinstance(line, RowLine)]


def naive(rows: dict[str, Machine], text: str, sort: Sort, *, faults_only: bool = False) -> tuple[list[str], int]:
    """Ids in order, and how many the filter cannot tell of."""
    wanted = parse(text, MACHINES)
    column = MACHINES.column(sort.column) if sort.column else None
    judged = {
        key: wanted.matches(Entry((), key, row, "", MACHINES.haystack(row), 0), NOW)
        for key, row in rows.items()
        if not faults_only or RANKS[machine_health(row)] != CALM
    }
    shown = [key for key, verdict in judged.items() if verdict]
    shown.sort(key=lambda key: (natural(rows[key].name), key))
    if column is None:
        shown.sort(key=lambda key: RANKS[machine_health(rows[key])])
    else:
        known = [key for key in shown if column.sort_key(rows[key]) is not None]
        unknown = [key for key in shown if column.sort_key(rows[key]) is None]
        known.sort(key=lambda key: column.sort_key(rows[key]), reverse=sort.descending)
        shown = known + unknown
    return shown, sum(verdict is None for verdict in judged.values())


FILTERS = (
    "",
    "wk-1",
    "status=NotReady",
    "age>20h",
    "!age>20h @eu-*",
    "version>=1.35 or -l pool=gpu",
    "nothing-like-it",
)
SORTS = (
    Sort(),
    Sort("name"),
    Sort("name", True),
    Sort("age"),
    Sort("age", True),
    Sort("status", True),
    Sort("version"),
)


@pytest.mark.parametrize("seed", range(12))
def test_random_changes_equal_sorting_and_filtering_anew(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small slices, so that deltas, filters and orders arrive in the middle of unfinished work."""
    monkeypatch.setattr(view_module, "PLACED_PER_SLICE", 40)
    monkeypatch.setattr(view_module, "REPLACED_PER_SLICE", 60)
    monkeypatch.setattr(view_module, "SCANNED_PER_SLICE", 50)
    chance = random.Random(seed)
    rows: dict[str, Machine] = {}
    text, sort, faults_only = "", Sort(), False
    view = View(MACHINES, now=NOW, folding=bool(seed % 2))

    for step in range(120):
        action = chance.random()
        if action < 0.6:
            upserts = [random_machine(chance, chance.randrange(400)) for _ in range(chance.choice((1, 5, 150)))]
            unique = {row_id(row): row for row in upserts}
            removes = tuple(chance.sample(sorted(rows), min(len(rows), chance.randrange(8))))
            removes = tuple(key for key in removes if key not in unique)
            reset = step > 0 and chance.random() < 0.05
            rows = {} if reset else {key: row for key, row in rows.items() if key not in removes}
            rows |= unique
            view.apply(delta(*unique.values(), removes=() if reset else removes, reset=reset))
        elif action < 0.75:
            text, faults_only = chance.choice(FILTERS), chance.random() < 0.3
            view.refine(parse(text, MACHINES), faults_only=faults_only)
        elif action < 0.85:
            sort = chance.choice(SORTS)
            view.arrange(sort)
        else:
            view.advance()
        if chance.random() < 0.3:
            view.settle()
            check(view, rows, text, sort, faults_only=faults_only)
    view.settle()
    check(view, rows, text, sort, faults_only=faults_only)


def check(view: View[Machine], rows: dict[str, Machine], text: str, sort: Sort, *, faults_only: bool) -> None:
    expected, unknown = naive(rows, text, sort, faults_only=faults_only)
    if view.folding:  # the calm come after those in trouble, whatever the order
        expected.sort(key=lambda key: RANKS[machine_health(rows[key])] == CALM)
    assert [row_id(row) for row in view.rows()] == expected
    assert view.counts.total == len(rows)
    assert (view.counts.shown, view.counts.unknown) == (len(expected), unknown)
    lines = view.window(0, len(rows) + 10)
    assert len(view) == len(lines)
    for at, line in enumerate(lines):
        assert view.index_of(line.id) == at


def test_changes_name_rows_in_place_and_tell_moves_apart() -> None:
    view = View(MACHINES, now=NOW)
    view.apply(delta(machine("a"), machine("b"), machine("c")))

    same_place = view.apply(delta(machine("b", version="v1.36.0")))
    moved = view.apply(delta(machine("c", status="NotReady")))
    gone = view.apply(delta(removes=("eu-1/uid-a",)))

    assert (same_place.rows, same_place.moved) == ({"eu-1/uid-b"}, False)
    assert moved.moved
    assert gone.moved
    assert names(view) == ["c", "b"]


def test_names_with_numbers_sort_as_people_count() -> None:
    view = View(MACHINES, now=NOW, sort=Sort("name"))
    view.apply(delta(machine("wk-10"), machine("wk-9"), machine("wk-100")))

    assert names(view) == ["wk-9", "wk-10", "wk-100"]
    view.arrange(Sort("name", descending=True))
    assert names(view) == ["wk-100", "wk-10", "wk-9"]


def test_descending_puts_the_longer_of_two_names_first() -> None:
    view = View(MACHINES, now=NOW, sort=Sort("name", descending=True))
    view.apply(delta(machine("wk"), machine("wk-a"), machine("v")))

    assert names(view) == ["wk-a", "wk", "v"]


@pytest.mark.parametrize("descending", [False, True])
def test_unknown_sorts_last_both_ways(descending: bool) -> None:
    view = View(MACHINES, now=NOW, sort=Sort("age", descending))
    view.apply(delta(machine("unknown", created=None), machine("old", created=NOW - HOUR), machine("new")))

    assert names(view) == (["old", "new", "unknown"] if descending else ["new", "old", "unknown"])


def test_rows_of_which_the_filter_cannot_tell_are_counted() -> None:
    view = View(MACHINES, now=NOW)
    view.apply(delta(machine("a", created=None), machine("b", created=NOW - 3 * HOUR)))

    view.refine(parse("age>2h", MACHINES))
    before = view.counts.unknown
    view.apply(delta(machine("a", created=NOW - 4 * HOUR)))

    assert before == 1
    assert (view.counts.unknown, names(view)) == (0, ["a", "b"])


def test_a_filter_on_ages_looks_again_as_time_passes() -> None:
    view = View(MACHINES, now=NOW)
    view.apply(delta(machine("a", created=NOW - HOUR)))
    view.refine(parse("age>2h", MACHINES))

    assert names(view) == []
    view.tick(NOW + 2 * HOUR)
    assert names(view) == ["a"]


def test_a_wrong_order_changes_nothing() -> None:
    view = View(MACHINES, now=NOW, sort=Sort("name"))
    view.apply(delta(machine("a")))

    with pytest.raises(ValueError, match="no column 'colour'"):
        view.arrange(Sort("colour"))
    with pytest.raises(ValueError, match="cannot group by 'mood'"):
        view.arrange(by="mood")
    assert (view.sort, view.grouping, names(view)) == (Sort("name"), "", ["a"])


def fleet(**health: Any) -> View[Any]:
    """Six calm clusters of prod, one broken one of stage, one without an environment."""
    view = View(CLUSTERS, now=NOW, folding=True)
    calm = [cluster(f"prod-{number}", environment="prod") for number in range(6)]
    view.apply(delta(*calm, cluster("stage-1", environment="stage", trust=Trust.SILENT), cluster("lab")))
    return view


def test_groups_with_trouble_come_first_and_the_nameless_last() -> None:
    view = fleet()
    view.arrange(by="environment")

    groups = [line for line in view.window(0, 50) if isinstance(line, GroupLine)]

    assert [(group.label, group.rows) for group in groups] == [("stage", 1), ("prod", 6), ("", 1)]
    assert [(health.value, count) for health, count in groups[0].counts] == [("broken", 1)]
    assert groups[1].counts == ()


def test_trouble_brings_its_group_to_the_top() -> None:
    view = View(CLUSTERS, now=NOW)
    view.apply(delta(cluster("a", environment="dev"), cluster("b", environment="prod")))
    view.arrange(by="environment")

    view.apply(delta(cluster("b", environment="prod", trust=Trust.SILENT)))

    assert [line.label for line in view.window(0, 9) if isinstance(line, GroupLine)] == ["prod", "dev"]


def test_the_calm_fold_and_unfold() -> None:
    view = fleet()
    folded = view.window(0, 50)

    assert [type(line) for line in folded] == [RowLine, FoldLine]
    assert folded[1] == FoldLine(fold_id(""), "", 7, False)
    assert view.index_of("prod-3") is None
    assert view.stands_for("prod-3") == fold_id("")

    assert view.toggle(fold_id(""))
    assert len(view) == 9
    assert view.index_of("prod-3") is not None
    assert not view.toggle("prod-3")


def test_nothing_stands_for_a_row_that_the_filter_hides() -> None:
    view = fleet()
    view.arrange(by="environment")

    view.refine(parse("stage", CLUSTERS))

    assert view.stands_for("prod-3") is None
    assert not view.is_coming("prod-3")


def test_a_row_whose_turn_has_not_come_is_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "REPLACED_PER_SLICE", 2)
    view = fleet()

    view.arrange(Sort("name"))

    assert not view.is_coming("stage-1")
    assert view.is_coming("prod-5")
    view.settle()
    assert not view.is_coming("prod-5")
    assert not view.is_coming("nobody")


def test_a_row_that_recovers_joins_the_fold() -> None:
    view = fleet()

    view.apply(delta(cluster("stage-1", environment="stage")))

    assert [type(line) for line in view.window(0, 50)] == [FoldLine]
    assert view.counts.shown == 8


def test_a_filter_shows_what_is_folded() -> None:
    view = fleet()

    view.refine(parse("prod-", CLUSTERS))

    assert len(names(view)) == 6
    assert not any(isinstance(line, FoldLine) for line in view.window(0, 50))


def test_faults_only_hides_the_calm() -> None:
    view = fleet()

    view.refine(parse("", CLUSTERS), faults_only=True)

    assert names(view) == ["stage-1"]


def test_a_closed_group_stays_closed_in_another_order() -> None:
    view = fleet()
    view.arrange(by="environment")
    view.toggle(group_id("prod"))

    view.arrange(Sort("name"))

    lines = view.window(0, 50)
    prod = next(line for line in lines if isinstance(line, GroupLine) and line.label == "prod")
    assert not prod.open
    assert view.stands_for("prod-3") == group_id("prod")


def test_grouping_by_label() -> None:
    view = View(MACHINES, now=NOW)
    view.apply(delta(machine("a", labels=(("pool", "gpu"),)), machine("b")))

    view.arrange(by="label:pool")

    assert [line.label for line in view.window(0, 9) if isinstance(line, GroupLine)] == ["gpu", ""]


def test_a_reset_forgets_every_row() -> None:
    view = View(MACHINES, now=NOW)
    view.apply(delta(machine("a"), machine("b")))

    view.apply(delta(machine("c"), reset=True))

    assert names(view) == ["c"]
    assert view.row("eu-1/uid-a") is None


def test_a_reset_leaves_what_is_still_there_at_its_place() -> None:
    """A relist must not empty the screen."""
    view = View(MACHINES, now=NOW)
    rows = [machine(f"wk-{number}") for number in range(6)]
    view.apply(delta(*rows))

    same = view.apply(delta(*rows, reset=True))
    less = view.apply(delta(*rows[1:], machine("wk-9"), reset=True))

    assert not same.moved
    assert less.moved
    assert names(view) == ["wk-1", "wk-2", "wk-3", "wk-4", "wk-5", "wk-9"]


def test_a_large_reset_keeps_showing_rows_while_it_is_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "PLACED_PER_SLICE", 10)
    view = View(MACHINES, now=NOW)
    rows = [machine(f"wk-{number}") for number in range(50)]
    view.apply(delta(*rows))
    view.settle()

    view.apply(delta(*rows, reset=True))

    assert not view.settled
    assert len(view) == 50


def test_a_row_that_the_filter_looked_at_last_is_judged_again_when_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of a scan: the row at its edge belongs to what was looked at."""
    monkeypatch.setattr(view_module, "SCANNED_PER_SLICE", 1)
    view = View(MACHINES, now=NOW, sort=Sort("name"))
    wanted = [f"m{number:05}" for number in range(view_module.PLACED_PER_SLICE)]
    view.apply(delta(*map(machine, wanted)))
    view.refine(parse("status=Ready", MACHINES))
    assert not view.settled
    edge = names(view)[-1]

    view.apply(delta(machine(edge, status="NotReady")))

    view.settle()
    wanted.remove(edge)
    assert names(view) == wanted
