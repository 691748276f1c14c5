"""Tables in the documents: each in its own place, with what is around it left as it was, and a missed bound told."""

from pathlib import Path

import pytest

from bench import boards, delays
from bench.boards import Cost
from bench.section import put
from tests.drills.delays import SLACK, Bound, Delay, told

TEXT = "before\n<!-- a: begin -->\nold\n<!-- a: end -->\nbetween\n<!-- b: begin -->\n<!-- b: end -->\nafter\n"


def test_a_table_takes_the_place_of_the_old_one_alone(tmp_path: Path) -> None:
    file = tmp_path / "figures.md"
    file.write_text(TEXT)
    put("new", file, name="a")
    put("first", file, name="b")
    assert file.read_text() == (
        "before\n<!-- a: begin -->\nnew\n<!-- a: end -->\nbetween\n<!-- b: begin -->\nfirst\n<!-- b: end -->\nafter\n"
    )
    with pytest.raises(ValueError, match="no place for c"):
        put("lost", file, name="c")


def test_a_delay_is_told_in_its_own_units_and_held_to_its_bound() -> None:
    bound = Bound(4, "scrape", 1.0, 2.0, "an asking")
    assert (bound.seconds, bound.text) == (6.0, "4 scrapes + an asking")
    late = Delay("slow disk", "scraped", "fsync 255 ms", bound.text, bound.seconds, took_s=7.0, period_s=1.0)
    poll = Bound(1, "poll", 5.0)
    soon = Delay("killed", "direct", "can lose 0", poll.text, poll.seconds, took_s=2.5, period_s=5.0)
    *_, first, second = delays.table([late, soon]).splitlines()
    assert first == (
        "| slow disk | scraped | fsync 255 ms | 7.0 s | 7.0 scrapes | 4 scrapes + an asking: 6 s | **missed** |"
    )
    assert second == "| killed | direct | can lose 0 | 2.5 s | 0.5 polls | 1 poll: 5 s | held |"


def test_a_drill_fails_at_three_times_its_bound(capsys: pytest.CaptureFixture[str]) -> None:
    bound = Bound(1, "poll", 5.0)
    told("killed", "direct", "can lose 0", SLACK * 5.0, bound)
    assert '"took_s": 15.0' in capsys.readouterr().out
    with pytest.raises(AssertionError, match="meant are 1 poll"):
        told("killed", "direct", "can lose 0", SLACK * 5.0 + 0.1, bound)


def test_a_board_that_asks_more_of_more_clusters_or_takes_too_long_is_told() -> None:
    cost = Cost(29, first_s=0.5, least_s=0.1, most_s=0.2)
    slow = Cost(29, first_s=3.0, least_s=2.1, most_s=3.0)
    more = Cost(500, first_s=0.5, least_s=0.1, most_s=0.2)
    told = list(boards.lines({"a": cost, "b": cost, "c": cost}, {"a": cost, "b": slow, "c": more}))
    assert [line.split("|")[-2].strip() for line in told[2:]] == ["held", "**missed**", "**missed**"]
