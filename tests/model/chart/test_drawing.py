"""A chart as lines: what is not known is not drawn, what matters survives a terminal without colours and glyphs."""

from datetime import UTC
from math import inf, nextafter

import msgspec
import pytest

from fleetui.model.chart.canvas import Spans, runs
from fleetui.model.chart.chart import MOST_CURVES, Chart
from fleetui.model.chart.curve import Value
from fleetui.model.chart.drawing import Look, draw, picture
from fleetui.model.chart.etcd_subjects import ETCD
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health.threshold import Threshold
from tests.model.chart.samples import WRITES, chart, of

LOOK = Look(cells=80, lines=20, zone=UTC)
PLAIN = Look(cells=60, lines=16, zone=UTC, ascii=True, letters=True)
HALF_GONE: list[Value] = [0.2] * 20 + [None] * 20 + [0.2] * 20


def texts(lines: tuple[Spans, ...]) -> list[str]:
    return ["".join(text for text, _ in spans) for spans in lines]


def shown(found: Chart, look: Look = LOOK, cursor: int | None = None) -> list[str]:
    return texts(picture(draw(found, look), cursor=cursor))


def test_nothing_is_drawn_over_a_gap() -> None:
    drawing = draw(chart(of(HALF_GONE)), LOOK)
    third = drawing.cells // 3
    middle = [text[third + 2 : 2 * third - 2] for text in texts(drawing.canvas)]
    assert {sign for text in middle for sign in text} == {" "}
    assert any(sign != " " for text in texts(drawing.canvas) for sign in text[:third])


def test_runs_end_at_gaps_and_a_lone_value_is_one() -> None:
    assert list(runs([1.0, None, 2.0, 3.0, None])) == [(0, [1.0]), (2, [2.0, 3.0])]


@pytest.mark.parametrize("look", [LOOK, PLAIN, Look(cells=160, lines=44), Look(cells=40, lines=8)])
@pytest.mark.parametrize("curves", [1, 3])
def test_it_fits_its_place(look: Look, curves: int) -> None:
    found = shown(chart(*(of([0.1 * n] * 61, name=f"cp-{n}") for n in range(1, curves + 1))), look)
    assert len(found) <= max(look.lines, 7 + curves)
    assert {len(line) for line in found if "│" in line or "|" in line} == {look.cells}
    assert max(len(line) for line in found) <= look.cells


@pytest.mark.parametrize(
    ("amber", "red", "said"),
    [
        (nextafter(0.0, inf), nextafter(0.0, inf), "limit above 0"),
        (inf, 5.0, "limit from 5"),
        (inf, inf, ""),
        (3.0, 5.0, "limit from 3"),
    ],
)
def test_a_limit_is_said_in_numbers_that_somebody_wrote(amber: float, red: float, said: str) -> None:
    limit = Threshold("value", "", amber=amber, red=red, source="its rule")
    subject = msgspec.structs.replace(WRITES, limit=limit, unit="")
    known = chart(of([0.9] * 61))
    request = msgspec.structs.replace(known.request, subject=subject)
    found = "\n".join(shown(msgspec.structs.replace(known, request=request)))
    assert (f"{said} (its rule)" in found) if said else ("limit" not in found)


def test_the_limit_is_a_line_at_its_height_and_a_sentence() -> None:
    found = shown(chart(of([0.9] * 61)))
    limits = [n for n, line in enumerate(found) if "╌╌╌" in line]
    assert len(limits) == 1, "red is four times as high, and would flatten what there is"
    assert "1 s" in found[limits[0]]
    assert any("limit from 1 s (SLO of Kubernetes" in line for line in found)


def test_curves_are_told_apart_without_colours() -> None:
    found = shown(chart(of([0.9] * 61, name="cp-a"), of([0.1] * 61, name="cp-b")), PLAIN)
    assert all(line.isascii() for line in found)
    assert any("aaaa" in line for line in found)
    assert any("bbbb" in line for line in found)
    assert [line.split() for line in found if line.startswith((" a ", " b "))] == [
        ["a", "cp-a", "900", "ms"], ["b", "cp-b", "100", "ms"],
    ]  # fmt: skip


def test_the_legend_says_the_values_under_the_cursor_and_of_a_gap_that_there_is_none() -> None:
    found = chart(of([*[0.2] * 60, 3.0]), of([0.5] * 30 + [None] * 31, name="cp-b"))
    at_the_end, inside = shown(found), shown(found, cursor=40)
    assert any("cp-a  3 s" in line for line in at_the_end)
    assert any("cp-b  500 ms  ended 31m before" in line for line in at_the_end)
    assert any("cp-a  200 ms" in line for line in inside)
    assert any("cp-b  no sample" in line for line in inside)


def test_the_cursor_stands_on_its_moment_from_top_to_bottom() -> None:
    drawing = draw(chart(of([0.2] * 61)), LOOK)
    before, after = texts(picture(drawing)), texts(picture(drawing, cursor=30))
    column = len(drawing.labels[0]) + 1 + round(30 / 60 * (drawing.cells - 1))
    differ = {
        x for old, new in zip(before, after, strict=True) for x in range(len(new)) if old[x : x + 1] != new[x : x + 1]
    }
    assert differ == {column}
    lit = [spans for spans in picture(drawing, cursor=30) if any(style == "mark" for _, style in spans)]
    assert len(lit) == len(drawing.canvas)


def test_what_is_beyond_its_limit_says_so_in_the_legend_by_a_style_too() -> None:
    styles = {text.strip(): style for spans in picture(draw(chart(of([4.5] * 61)), LOOK)) for text, style in spans}
    assert styles["4.5 s"] == "danger"


def test_more_curves_than_letters_are_counted_and_the_worst_are_drawn() -> None:
    found = chart(*(of([0.01 * n] * 5, name=f"cp-{n:02}") for n in range(1, MOST_CURVES + 4)))
    assert found.left_out == 3
    assert found.names[0] == f"cp-{MOST_CURVES + 3:02}"
    assert any("3 more curves are not drawn" in line for line in shown(found))


def test_a_test_for_equality_has_its_line() -> None:
    assert any("╌╌╌" in line for line in shown(chart(of([0.0, 1.0, 0.0]), subject=ETCD["up"])))


FAULT = Fault(FaultKind.REFUSED, "refused", "nothing listens at 10.0.0.1:9090", "start it")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, "central has no sample"),
        ({"asked": ()}, "no source of metrics is asked"),
        ({"faults": (("central", FAULT),)}, "central: refused: nothing listens"),
        ({"partial": "store-2 is down"}, "central answers in part: store-2 is down"),
    ],
)
def test_without_a_curve_it_says_why(more: dict[str, object], why: str) -> None:
    found = chart(of([None, None]), **more)
    assert found.curves == ()
    assert why in found.why_none[0]
    assert found.why_none[1]
    assert draw(found, LOOK).canvas == ()


def test_the_same_figure_of_two_clusters_is_named_by_what_differs() -> None:
    first, second = of([1.0], name="x"), of([2.0], name="x")
    second.labels["cluster"] = "prod-2"
    assert chart(first, second, subject=WRITES).names == ("prod-2", "prod-1")
