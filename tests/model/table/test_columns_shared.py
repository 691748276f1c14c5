"""Columns that several tables have: what they say of a row, and how what is late or unknown looks."""

from types import SimpleNamespace
from typing import Any

import pytest

from fleetui.model.cluster import Health
from fleetui.model.table.columns_shared import (
    sampled_column,
    sampled_field,
    source_column,
    verdict_column,
    why_column,
    word_column,
    words_column,
)

NOW = 1_000_000.0
SOURCE = source_column("Who says so.", late=lambda row, _: row.late, sign=lambda _: "scraped", priority=5)


def row(**said: Any) -> Any:
    usual = {
        "source": "central",
        "sample_at": NOW - 300,
        "late": False,
        "level": Health.CALM,
        "reason": "",
        "word": "ok",
    }
    return SimpleNamespace(**usual | said)


@pytest.mark.parametrize(
    ("said", "text", "style"),
    [
        ({}, "central", "muted"),
        ({"late": True}, "central 5m", "stale"),
        ({"source": "", "sample_at": None}, "?", "unknown"),
        ({"sample_at": None}, "central", "unknown"),
        ({"source": "", "late": True}, "?", "unknown"),
    ],
)
def test_a_source_says_its_age_once_it_is_late_and_nobody_is_a_question_mark(
    said: dict[str, Any], text: str, style: str
) -> None:
    assert SOURCE.style is not None
    assert (SOURCE.text(row(**said), NOW), SOURCE.style(row(**said), NOW)) == (text, style)
    assert SOURCE.value(row(**said)) == (row(**said).source or None)


def test_a_sample_says_its_age_and_without_one_a_question_mark() -> None:
    column, field = sampled_column(), sampled_field()
    assert (column.text(row(), NOW), column.text(row(sample_at=None), NOW)) == ("5m", "?")
    assert (column.value(row()), column.value(row(sample_at=None))) == (NOW - 300, None)
    assert (field.value(row(sample_at=0.0)), field.value(row(sample_at=None))) == ("1970-01-01T00:00:00Z", None)


def test_a_reason_is_faint_where_all_is_calm_and_its_text_may_be_less_than_its_value() -> None:
    column = why_column("Why.", text=lambda one: "" if one.reason == one.word else one.reason)
    bad = row(level=Health.BROKEN, reason="3 down")
    assert column.style is not None
    assert (column.style(row(), NOW), column.style(bad, NOW)) == ("faint", "muted")
    assert (column.text(bad, NOW), column.text(row(reason="ok"), NOW), column.value(row(reason="ok"))) == (
        "3 down",
        "",
        "ok",
    )
    assert why_column("Why.").text(bad, NOW) == "3 down"


def test_a_verdict_wears_the_colour_of_its_level() -> None:
    column = verdict_column("The verdict.", least=4, most=8)
    assert column.style is not None
    assert (column.style(row(level=Health.BROKEN), NOW), column.style(row(), NOW)) == ("danger", "")


def test_words_are_the_rows_attribute_or_what_a_function_says_of_it() -> None:
    usual = {"doc": "D.", "least": 4, "most": 8, "priority": 1}
    deep = word_column("a", "tags.owner", unknown="?", **usual)  # type: ignore[arg-type]
    owned, orphan = row(tags=SimpleNamespace(owner="ana")), row(tags=SimpleNamespace(owner=""))
    assert (deep.text(owned, NOW), deep.text(orphan, NOW), deep.value(orphan)) == ("ana", "?", "")
    assert (deep.attribute, word_column("a", "word", **usual).attribute) == ("", "word")  # type: ignore[arg-type]
    made = word_column("a", lambda one: one.word * 2, **usual)  # type: ignore[arg-type]
    assert (made.text(row(), NOW), made.value(row()), made.attribute) == ("okok", "okok", "")


def test_several_words_are_compared_one_by_one_and_none_is_said() -> None:
    column = words_column("a", "who", doc="D.", least=4, most=8, priority=1, nothing="–")
    assert (column.text(row(who=("a", "b")), NOW), column.value(row(who=("a", "b")))) == ("a,b", "a,b")
    assert (column.text(row(who=()), NOW), column.value(row(who=()))) == ("–", "")
