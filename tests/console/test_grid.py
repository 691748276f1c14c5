"""The grid: what it paints, what the cursor and the marks hold on to, what it tells."""

import asyncio
import random
from typing import Any

import pytest
from textual.geometry import Region
from textual.widget import Widget

from fleetui.console import grid_attention
from fleetui.console.glyphs import ASCII
from fleetui.console.grid_cursor import Grip
from fleetui.console.grid_messages import MarksChanged, RowChosen, RowRested, Settled, SortChanged
from fleetui.model.cluster import Cluster
from fleetui.model.freshness import Trust
from fleetui.model.table import view as view_module
from fleetui.model.table.columns_cluster import CLUSTERS
from fleetui.model.table.sorting import Sort
from fleetui.model.table.view import Change, View
from tests.console.grid_bed import GridApp, showing, theme
from tests.console.waiting import until
from tests.model.table.rows import HOUR, NOW, cluster, delta, machine, random_machine


def uid(name: str) -> str:
    return f"eu-1/uid-{name}"


LETTERS = [machine(letter * 3) for letter in "abcdefghijklmnopqrstuvwxyz"]


async def test_paints_the_window() -> None:
    rows = [machine("wk-2", status="NotReady", version="v1.35.4", created=NOW - 5 * HOUR), machine("wk-1")]
    async with showing(*rows) as (app, _):
        heading, first, second = app.lines[:3]

        assert heading.split() == ["NAME", "STATUS", "CLUSTER", "OPERATION", "ROLES", "VERSION", "AGE", "IP"]
        assert first.split() == ["▸✖", "wk-2", "NotReady", "eu-1", "–", "–", "v1.35.4", "5h", "?"]
        assert second.split()[:3] == ["wk-1", "Ready", "eu-1"]
        assert heading.index("STATUS") == first.index("NotReady") == second.index("Ready")
        assert app.lines[3:] == [""] * 9


async def test_all_that_differs_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each telling costs as much as painting some cells."""
    async with showing(*LETTERS) as (app, _):
        told: list[int] = []
        monkeypatch.setattr(app.grid, "refresh", lambda *regions: told.append(len(regions)))
        app.grid.set_filter("z")

        assert len(told) == 1
        assert told[0] > 1


@pytest.mark.parametrize("look", ["dark", "ansi-16"])
async def test_its_lines_are_what_textual_would_make_of_them(look: str) -> None:
    """Of the heading, of rows with and without trouble, marked, under the cursor, and of the empty lines below."""
    rows = [machine("wk-2", status="NotReady"), *LETTERS[:5]]
    async with showing(*rows, look=look) as (app, pilot):
        await pilot.press("j")
        app.grid.toggle_mark()
        await pilot.pause()
        grid = app.grid
        for crop in (grid.size.region, Region(0, 3, grid.size.width, 2), Region(7, 0, 30, grid.size.height)):
            assert grid.render_lines(crop) == Widget.render_lines(grid, crop)


async def test_the_heading_shows_the_order() -> None:
    async with showing(*LETTERS[:3]) as (app, _):
        app.grid.sort_by("name", descending=True)

        assert "NAME ↓" in app.lines[0]
        assert app.names == ["ccc", "bbb", "aaa"]
        assert app.grid.view.sort == Sort("name", descending=True)


async def test_sorting_goes_round() -> None:
    async with showing(*LETTERS[:3]) as (app, pilot):
        sorts = []
        for _ in range(3):
            app.grid.sort_by("NAME")
            sorts.append(app.grid.view.sort)
        await pilot.pause()

        assert sorts == [Sort("name"), Sort("name", descending=True), Sort()]
        assert [message.sort for message in app.heard_of(SortChanged)] == sorts
        with pytest.raises(ValueError, match="no column 'mood'"):
            app.grid.sort_by("mood")


async def test_the_cursor_stays_on_its_row_whatever_the_table_does() -> None:
    async with showing(*LETTERS[2:9]) as (app, pilot):
        await pilot.press("j", "j")
        assert app.grid.cursor == uid("eee")

        app.grid.apply(delta(machine("aaa"), machine("bbb")))
        assert app.grid.cursor == uid("eee")
        assert app.lines[5].startswith(" ▸  eee")

        app.grid.apply(delta(removes=(uid("ccc"),)))
        assert app.lines[4].startswith(" ▸  eee")

        app.grid.sort_by("name", descending=True)
        assert app.grid.cursor == uid("eee")

        app.grid.apply(delta(machine("eee", status="NotReady"), machine("zzz", status="NotReady")))
        assert app.grid.cursor_row is not None
        assert app.grid.cursor_row.status == "NotReady"


@pytest.mark.parametrize("seed", range(4))
async def test_the_cursor_and_the_marks_hold_on_under_random_changes(seed: int) -> None:
    chance = random.Random(seed)
    rows = [random_machine(chance, number) for number in range(60)]
    async with showing(*rows) as (app, pilot):
        for key in chance.choices(("j", "k", "ctrl+d", "G", "g"), k=5):
            await pilot.press(key)
        app.grid.toggle_mark()
        app.grid.toggle_mark()
        kept, marks = app.grid.cursor, app.grid.marks
        assert kept is not None
        safe = {kept, *marks}

        for _ in range(30):
            changed = [random_machine(chance, chance.randrange(90)) for _ in range(6)]
            unsafe = [f"{row.cluster}/{row.uid}" for row in chance.sample(rows, 5)]
            app.grid.apply(delta(*changed, removes=tuple(key for key in unsafe if key not in safe)))
            assert app.grid.cursor == kept
            assert app.grid.marks == marks
            assert sum(line[1:2] == "▸" for line in app.lines) == 1


async def test_while_a_table_arrives_the_cursor_stays_at_the_top(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows arrive page by page: whoever has had no time to look looks at the top of the table."""
    monkeypatch.setattr(grid_attention, "SEEN_S", 60.0)
    async with showing(machine("mmm")) as (app, _):
        app.grid.apply(delta(machine("aaa")))
        assert app.grid.cursor == uid("aaa")
        assert app.grid.grip is Grip.FRESH


async def test_what_a_hand_has_put_under_the_cursor_has_not_slipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter that hides the cursor's row puts another there, and whoever has typed it looks at that."""
    monkeypatch.setattr(grid_attention, "SEEN_S", 60.0)
    async with showing(*LETTERS[:3]) as (app, pilot):
        await pilot.press("j")
        app.grid.set_filter("!bbb")
        assert app.grid.cursor != uid("bbb")
        assert not app.grid.slipped
        kept = app.grid.cursor
        assert kept is not None
        app.grid.apply(delta(removes=(kept,)))
        assert app.grid.slipped


async def test_from_the_first_key_on_the_cursor_holds_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_attention, "SEEN_S", 60.0)
    async with showing(*LETTERS[:3]) as (app, pilot):
        await pilot.press("x")  # any key: this one does nothing
        app.grid.apply(delta(machine("bad", status="NotReady")))
        assert app.names[0] == "bad"
        assert app.grid.cursor == uid("aaa")


async def test_what_has_been_on_screen_for_a_moment_keeps_the_cursor_without_any_key() -> None:
    async with showing(*LETTERS[:3]) as (app, pilot):
        await until(pilot, lambda: app.grid.grip is Grip.SEEN)
        app.grid.apply(delta(machine("bad", status="NotReady")))
        assert app.names[0] == "bad"
        assert app.grid.cursor == uid("aaa")
        assert not app.grid.slipped


async def test_a_table_that_nobody_has_touched_goes_on_showing_its_top() -> None:
    async with showing(*LETTERS[:3]) as (app, pilot):
        await until(pilot, lambda: app.grid.grip is Grip.SEEN)
        bad = [machine(f"bad-{number:02d}", status="NotReady") for number in range(40)]
        app.grid.apply(delta(*bad))
        assert app.grid.cursor == uid("bad-00")
        assert app.names[0] == "bad-00"
        assert app.grid.slipped


async def test_a_row_that_came_under_the_cursor_by_itself_takes_a_moment_to_be_seen() -> None:
    async with showing(*LETTERS[:3]) as (app, pilot):
        await pilot.press("j")
        app.grid.apply(delta(removes=(uid("bbb"),)))
        assert app.grid.cursor == uid("ccc")
        assert app.grid.slipped
        await pilot.press("k")
        assert app.grid.slipped, "a key typed ahead counts from the row that was there before"
        await until(pilot, lambda: not app.grid.slipped)

        app.grid.apply(delta(removes=(uid("aaa"),)))
        assert app.grid.slipped
        await pilot.click(app.grid, offset=(6, 1))
        assert not app.grid.slipped, "whoever points means what is there"


async def test_a_long_sort_does_not_take_the_cursor_from_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "REPLACED_PER_SLICE", 50)
    rows = [machine(f"wk-{number:04d}") for number in range(400)]
    async with showing(*rows) as (app, pilot):
        app.grid.go_to(uid("wk-0300"))
        app.grid.sort_by("name", descending=True)
        assert app.grid.cursor == uid("wk-0300")
        assert app.grid.slipped, "nothing acts on a row that is not on the screen"
        await until(pilot, lambda: app.grid.view.settled)
        assert app.grid.cursor == uid("wk-0300")
        assert not app.grid.slipped
        assert any(line.startswith(" ▸  wk-0300") for line in app.lines)


async def test_a_row_that_becomes_calm_leaves_the_cursor_on_the_fold() -> None:
    async with showing(*FLEET, view=fleet_view()) as (app, pilot):
        await pilot.press("g")
        assert app.grid.cursor == "edge"
        app.grid.apply(delta(cluster("zeta", trust=Trust.SILENT), cluster("edge", environment="edge")))
        assert app.lines[2].split() == ["▸", "▸", "7", "calm"]
        assert app.grid.targets() == ()
        assert app.grid.slipped


async def test_the_row_stays_where_the_eye_is() -> None:
    async with showing(*LETTERS[1:]) as (app, pilot):
        await pilot.press("G", "k", "k", "k")
        before = app.lines

        app.grid.apply(delta(machine("aaa"), machine("aab")))

        assert app.grid.cursor == uid("www")
        assert app.lines == before


async def test_trouble_that_comes_in_on_top_is_seen() -> None:
    async with showing(*LETTERS) as (app, pilot):
        await pilot.press("j")

        app.grid.apply(delta(machine("bad", status="NotReady")))

        assert app.names[0] == "bad"
        assert app.grid.cursor == uid("bbb")


async def test_a_row_that_goes_leaves_the_cursor_at_its_place() -> None:
    async with showing(*LETTERS[:4]) as (app, pilot):
        await pilot.press("j")
        app.grid.apply(delta(removes=(uid("bbb"),)))
        assert app.grid.cursor == uid("ccc")

        app.grid.apply(delta(removes=(uid("ccc"), uid("ddd"))))
        assert app.grid.cursor == uid("aaa")

        app.grid.apply(delta(removes=(uid("aaa"),)))
        assert (app.grid.cursor, app.grid.cursor_row, app.grid.targets()) == (None, None, ())


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        ("G", "zzz"),
        ("G g", "aaa"),
        ("end home", "aaa"),
        ("j j k", "bbb"),
        ("ctrl+f", "kkk"),
        ("pagedown pageup", "aaa"),
        ("ctrl+d", "fff"),
        ("ctrl+d ctrl+d ctrl+u", "fff"),
        ("k", "aaa"),
    ],
)
async def test_keys_that_move(keys: str, row: str) -> None:
    async with showing(*LETTERS) as (app, pilot):
        await pilot.press(*keys.split())

        assert app.grid.cursor == uid(row)
        assert any(line.startswith(f" ▸  {row}") for line in app.lines)


async def test_marks_survive_filters_and_are_what_an_action_is_about() -> None:
    async with showing(*LETTERS[:6]) as (app, pilot):
        assert [row.name for row in app.grid.targets()] == ["aaa"]
        await pilot.press("j")
        app.grid.toggle_mark()
        await pilot.press("j")
        app.grid.toggle_mark()

        app.grid.set_filter("ddd")

        assert app.grid.marks == {uid("bbb"), uid("ddd")}
        assert [row.name for row in app.grid.targets()] == ["ddd", "bbb"]
        app.grid.set_filter("")
        assert [line[0] for line in app.lines[1:7]] == [" ", "▌", " ", "▌", " ", " "]
        app.grid.apply(delta(removes=(uid("bbb"),)))
        assert app.grid.marks == {uid("ddd")}
        app.grid.clear_marks()
        await pilot.pause()
        assert [len(message.marks) for message in app.heard_of(MarksChanged)] == [1, 2, 1, 0]


async def test_a_range_of_marks() -> None:
    async with showing(*LETTERS[:8]) as (app, pilot):
        await pilot.press("j")
        app.grid.toggle_mark()
        await pilot.press("j", "j")

        app.grid.mark_range()

        assert app.grid.marks == {uid(name) for name in ("bbb", "ccc", "ddd", "eee")}


async def test_a_filter_shows_its_first_screenful_at_once_and_says_what_it_cannot_tell() -> None:
    rows = [machine("old", created=NOW - 3 * HOUR), machine("new"), machine("unknown", created=None)]
    async with showing(*rows) as (app, _):
        result = app.grid.set_filter("age>2h")

        assert app.names == ["old"]
        assert (result.counts.shown, result.counts.total, result.counts.unknown) == (1, 3, 1)


async def test_a_filter_on_ages_means_the_age_at_which_it_is_asked() -> None:
    async with showing(machine("born-now", created=NOW)) as (app, _):
        assert app.grid.set_filter("age>2h").counts.shown == 0

        app.time = NOW + 3 * HOUR

        assert app.grid.set_filter("age>2h").counts.shown == 1
        assert app.names == ["born-now"]


async def test_a_mistaken_filter_leaves_the_one_before_it() -> None:
    async with showing(*LETTERS[:3]) as (app, _):
        app.grid.set_filter("bbb")

        result = app.grid.set_filter("stauts=Ready")

        assert result.error is not None
        assert "status" in result.error.suggestions
        assert app.names == ["bbb"]


async def test_long_work_is_done_in_slices_and_keys_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "PLACED_PER_SLICE", 50)
    rows = [machine(f"wk-{number}") for number in range(2_000)]
    async with showing() as (app, pilot):
        app.grid.apply(delta(*rows, reset=True))
        assert app.grid.view.counts.total == 50

        await pilot.press("j")
        await until(pilot, lambda: app.grid.view.settled)
        await until(pilot, lambda: bool(app.heard_of(Settled)))

        assert len(app.heard_of(Settled)) == 1
        assert app.grid.view.counts.total == 2_000
        assert app.heard_of(Settled)[0].counts.shown == 2_000


async def test_what_a_filter_found_first_is_painted_before_it_looks_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "SCANNED_PER_SLICE", 600)
    rows = [machine(f"wk-{number:05}") for number in range(5_000)]
    async with showing(*rows) as (app, pilot):
        await until(pilot, lambda: app.grid.view.settled)
        seen: list[str] = []
        settled = asyncio.Event()
        view, advance, display = app.grid.view, app.grid.view.advance, app._display

        def slice_of_work() -> Change:
            seen.append("slice")
            change = advance()
            if view.settled:
                settled.set()
            return change

        def paint(*painted: Any) -> None:
            seen.append("paint")
            display(*painted)

        monkeypatch.setattr(view, "advance", slice_of_work)
        monkeypatch.setattr(app, "_display", paint)

        app.grid.set_filter("wk-0001")
        await asyncio.wait_for(settled.wait(), 30)  # not with the pilot: it wakes the screen

        assert seen[:3] == ["slice", "paint", "slice"]
        assert seen.count("slice") > 3


async def test_tells_where_the_cursor_is_once_it_rests() -> None:
    async with showing(*LETTERS[:5]) as (app, pilot):
        await until(pilot, lambda: app.heard_of(RowRested))
        app.heard.clear()
        await pilot.press("j", "j")
        app.grid.choose()
        await until(pilot, lambda: app.heard_of(RowRested))
        assert [message.row.name for message in app.heard_of(RowRested)] == ["ccc"]
        assert [message.row_id for message in app.heard_of(RowChosen)] == [uid("ccc")]

        app.grid.apply(delta(machine("ccc", version="v1.36.0")))
        await until(pilot, lambda: len(app.heard_of(RowRested)) == 2)
        assert app.heard_of(RowRested)[-1].row.version == "v1.36.0"


def fleet_view() -> View[Cluster]:
    return View(CLUSTERS, now=NOW, folding=True)


FLEET = [
    *(cluster(f"prod-{number}", environment="prod") for number in range(6)),
    cluster("edge", environment="edge", trust=Trust.SILENT),
]


async def test_the_calm_are_one_line_that_opens() -> None:
    async with showing(*FLEET, view=fleet_view()) as (app, pilot):
        assert "edge" in app.lines[1]
        assert app.lines[2].split() == ["▸", "6", "calm"]

        await pilot.press("j")
        app.grid.choose()

        assert app.lines[2].split() == ["▸", "▾", "6", "calm"]
        assert [line.split()[0] for line in app.lines[3:9]] == [f"prod-{number}" for number in range(6)]
        assert app.grid.cursor_row is None
        assert app.grid.targets() == ()


async def test_folding_takes_the_cursor_to_the_line_that_hides_its_row() -> None:
    async with showing(*FLEET, view=View(CLUSTERS, now=NOW)) as (app, pilot):
        await pilot.press("j", "j")

        app.grid.set_folding(True)

        assert app.lines[2].split() == ["▸", "▸", "6", "calm"]


async def test_groups_have_headlines_with_their_trouble() -> None:
    async with showing(*FLEET, view=View(CLUSTERS, now=NOW)) as (app, _):
        app.grid.group_by("environment")

        assert app.lines[1].split() == ["▸▾", "edge", "1", "cluster", "✖", "1", "broken"]
        assert app.lines[3].split() == ["▾", "prod", "6", "clusters"]


async def test_a_column_appears_with_its_source() -> None:
    async with showing(cluster("a"), view=View(CLUSTERS, now=NOW)) as (app, _):
        assert "ENV" not in app.lines[0]

        app.grid.apply(delta(cluster("b", environment="prod")))

        assert "ENV" in app.lines[0]
        assert "prod" in app.lines[2]


async def test_a_column_whose_source_the_filter_hides_appears_as_well() -> None:
    async with showing(cluster("a"), view=View(CLUSTERS, now=NOW)) as (app, _):
        app.grid.set_filter("name=a")

        app.grid.apply(delta(cluster("b", environment="prod")))

        assert app.names == ["a"]
        assert "ENV" in app.lines[0]


async def test_columns_grow_with_their_texts() -> None:
    async with showing(machine("short")) as (app, _):
        name = "a-name-that-is-rather-long.example.internal"

        app.grid.apply(delta(machine(name)))

        assert name in app.lines[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("payments-and-billing-production-01", "payments-and-billing-production-02"),
        ("ip-10-0-12-31.eu-west-1.compute.internal", "ip-10-0-12-32.eu-west-1.compute.internal"),
    ],
)
async def test_names_that_do_not_fit_stay_different(one: str, other: str) -> None:
    """Two names that look alike on screen are how the wrong machine is drained."""
    async with showing(machine(one), machine(other), size=(44, 6)) as (app, _):
        assert all("…" in name for name in app.names)
        assert len(set(app.names)) == 2


async def test_rows_of_a_cluster_that_is_not_live_look_stale() -> None:
    async with showing(machine("a"), machine("b", cluster="us-1")) as (app, _):
        app.grid.set_distrusted({"us-1": NOW - 372})

        assert [line[2] for line in app.lines[1:3]] == [" ", "◐"]
        assert ["Ready 6m ago" in line for line in app.lines[1:3]] == [False, True]
        app.grid.set_distrusted({"us-1": None})
        assert "Ready once" in app.lines[2]
        app.grid.set_distrusted({})
        assert "ago" not in app.lines[2]
        assert "once" not in app.lines[2]
        assert [line[2] for line in app.lines[1:3]] == [" ", " "]


async def test_its_own_signs_are_ascii_where_the_locale_is() -> None:
    """What others write is spelled for every widget at once, behind them all (``test_ascii``)."""
    rows = [machine("wk-1", status="NotReady"), machine("wk-2", operation="drain by zoe")]
    async with showing(*rows, glyphs=ASCII) as (app, _):
        app.grid.toggle_mark()
        app.grid.sort_by("name")

        assert app.lines[0].startswith("    NAME ^ ")
        assert [line[:4] for line in app.lines[1:3]] == ["* x ", " >~ "]


@pytest.mark.parametrize("size", [(80, 24), (160, 50), (40, 6)])
async def test_every_line_is_as_wide_as_the_screen_and_right_after_a_resize(size: tuple[int, int]) -> None:
    rows = [machine(f"wk-{number}", cluster="名前-cluster", operation="drain by ana") for number in range(90)]
    async with showing(*rows, size=(120, 30)) as (app, pilot):
        await pilot.press("G")
        await pilot.resize_terminal(*size)
        await pilot.pause()

        assert {app.grid.render_line(y).cell_length for y in range(size[1])} == {size[0]}
        assert app.lines[-1].startswith(" ▸~ wk-89")


async def test_the_mouse_sorts_moves_and_scrolls() -> None:
    async with showing(*LETTERS) as (app, pilot):
        await pilot.click(app.grid, offset=(6, 3))
        assert app.grid.cursor == uid("ccc")
        await pilot.click(app.grid, offset=(6, 3), times=2)
        assert [message.row_id for message in app.heard_of(RowChosen)] == [uid("ccc")]
        await pilot.click(app.grid, offset=(6, 0))
        assert app.grid.view.sort == Sort("name")


async def test_ages_are_said_anew_when_time_has_passed() -> None:
    async with showing(machine("a", created=NOW)) as (app, _):
        assert "<1m" in app.lines[1]

        app.time = NOW + 2 * HOUR
        app.grid.tick()

        assert "2h" in app.lines[1]


async def test_another_theme_is_worn_at_once() -> None:
    async with showing(machine("a", status="NotReady")) as (app, pilot):
        before = [segment.style for segment in app.grid.render_line(1)]
        app.wear(theme("ansi-16"))
        await pilot.pause()

        assert [segment.style for segment in app.grid.render_line(1)] != before


async def test_a_relist_keeps_the_cursor_and_the_marks_of_what_is_still_there() -> None:
    async with showing(*LETTERS[:6]) as (app, pilot):
        await pilot.press("j")
        app.grid.toggle_mark()
        app.grid.toggle_mark()

        app.grid.apply(delta(*LETTERS[2:9], reset=True))

        assert app.grid.cursor == uid("ddd")
        assert app.grid.marks == {uid("ccc")}
        assert app.lines[1].startswith("▌   ccc")


def test_a_grid_can_be_made_without_an_app() -> None:
    assert GridApp().grid.cursor is None
