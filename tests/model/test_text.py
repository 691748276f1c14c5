"""Foreign text is harmless after ``clean``."""

import pytest

from fleetui.model.text import MAX_CELL, REPLACEMENT, clean, clean_lines


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b]0;owned\x07", f"{REPLACEMENT}]0;owned{REPLACEMENT}"),
        ("\x1b[2Jgone", f"{REPLACEMENT}[2Jgone"),
        ("\x9b31m", f"{REPLACEMENT}31m"),
        ("abc\u202edcba", f"abc{REPLACEMENT}dcba"),
        ("zero\u200bwidth\ufeff", f"zero{REPLACEMENT}width{REPLACEMENT}"),
        ("two\nlines\tand\rmore", "two lines and more"),
        ("\udc80lone", f"{REPLACEMENT}lone"),
        ("\u3164filler", f"{REPLACEMENT}filler"),
        ("[red]markup[/red]", "[red]markup[/red]"),
        ("prod-東京", "prod-東京"),
    ],
)
def test_hostile_text_is_harmless(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


def test_a_megabyte_costs_one_cell() -> None:
    cleaned = clean("x" * 1_000_000)
    assert len(cleaned) == MAX_CELL
    assert cleaned.endswith("…")


def test_stacked_marks_are_cut() -> None:
    assert clean("a" + "\u0301" * 50) == "a" + "\u0301" * 2


def test_lines_stay_lines() -> None:
    assert clean_lines("a\x1b\nb") == f"a{REPLACEMENT}\nb"
