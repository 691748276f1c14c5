"""Durations as operators write and read them."""

import pytest

from fleetui.model.duration import age_text, format_duration, parse_duration, silence_text, took_text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("90", 90), ("1.5", 1.5), ("30s", 30), ("5m", 300), ("2h", 7200), ("3d", 259_200), ("1w", 604_800),
     ("1h30m", 5400), (" 2H ", 7200), ("1.5h", 5400)],
)  # fmt: skip
def test_parses(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "5x", "1h-3m", "five", "1h 30m", "-3s"])
def test_refuses_with_the_fix(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration: write 30s"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0s"), (0, "0s"), (119.9, "119s"), (120, "2m"), (7199, "119m"), (7200, "2h"), (172_799, "47h"),
     (172_800, "2d"), (86_400 * 400, "400d")],
)  # fmt: skip
def test_formats_coarsely(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "<5s"), (4.9, "<5s"), (5, "5s"), (43, "40s"), (59.9, "55s"), (60, "1m"), (7200, "2h"), (None, "?")],
)
def test_a_silence_is_told_in_steps_of_seconds(seconds: float | None, said: str) -> None:
    now = 1_800_000_000.0
    assert silence_text(None if seconds is None else now - seconds, now) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.5, "0s"), (59.9, "59s"), (60, "1m"), (114, "1m"), (120, "2m"), (7200, "2h")]
)
def test_what_took_a_minute_is_told_as_an_age_is(seconds: float, said: str) -> None:
    assert took_text(seconds) == said
    assert seconds < 60 or age_text(1000.0, 1000.0 + seconds) == said
