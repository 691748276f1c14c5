"""The marked rows: ranges, what hides them, in which order an action meets them."""

from typing import Any

from fleetui.console.marks import Marks
from fleetui.model.table.columns_machine import MACHINES
from fleetui.model.table.filter import parse
from fleetui.model.table.view import View
from tests.model.table.rows import NOW, delta, machine

NAMES = "abcdef"


def uid(name: str) -> str:
    return f"eu-1/uid-{name}"


def shown() -> tuple[View[Any], Marks]:
    view: View[Any] = View(MACHINES, now=NOW)
    view.apply(delta(*map(machine, NAMES), reset=True))
    while not view.settled:
        view.advance()
    return view, Marks(view)


def names(rows: tuple[Any, ...]) -> str:
    return "".join(row.name for row in rows)


def test_a_range_goes_from_the_last_mark_to_the_cursor_whichever_is_above() -> None:
    view, marks = shown()
    marks.toggle(uid("e"))
    marks.add_range(uid("c"), at=view.index_of(uid("c")) or 0)
    assert names(marks.rows()) == "cde"
    marks.add_range(uid("a"), at=0)
    assert names(marks.rows()) == "abcde", "the range before it began the next"


def test_without_a_mark_a_range_is_the_line_of_the_cursor() -> None:
    _, marks = shown()
    marks.add_range(uid("c"), at=2)
    assert names(marks.rows()) == "c"


def test_clearing_forgets_where_a_range_begins() -> None:
    _, marks = shown()
    marks.toggle(uid("a"))
    marks.clear()
    marks.add_range(uid("d"), at=3)
    assert names(marks.rows()) == "d"


def test_what_the_filter_hides_comes_last_and_is_told() -> None:
    view, marks = shown()
    marks.add_shown(uid("a"))
    view.refine(parse("name~[df]", MACHINES))
    while not view.settled:
        view.advance()
    assert names(marks.rows()) == "dfabce"
    assert names(marks.hidden()) == "abce"
    assert marks.ids == set(map(uid, NAMES))


def test_marks_go_with_their_rows_and_with_a_reset_that_lacks_them() -> None:
    view, marks = shown()
    marks.add_shown(None)
    gone = delta(removes=(uid("b"),))
    view.apply(gone)
    assert marks.drop(gone)
    assert not marks.drop(delta(removes=("eu-1/uid-unknown",)))
    assert marks.drop(delta(machine("a"), machine("c"), reset=True))
    assert marks.ids == {uid("a"), uid("c")}
    assert not marks.drop(delta(machine("a"), machine("c"), reset=True))
    assert marks.remove([uid("a"), "eu-1/uid-unknown"])
    assert not marks.remove([uid("a")])
    assert bool(marks)
    assert uid("c") in marks


def test_a_range_over_a_headline_marks_the_rows_alone() -> None:
    view, marks = shown()
    view.apply(delta(machine("g", cluster="us-1")))
    view.arrange(by="cluster")
    while not view.settled:
        view.advance()
    marks.toggle(uid("f"))
    at = view.index_of("us-1/uid-g")
    assert at is not None
    marks.add_range("us-1/uid-g", at=at)
    assert marks.ids == {uid("f"), "us-1/uid-g"}
    assert at - (view.index_of(uid("f")) or 0) == 2, "the headline of the other cluster stands between"
