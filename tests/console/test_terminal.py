"""The decisions before Textual is imported."""

import pytest

from fleetui.console.terminal import choose

UTF8 = {"LANG": "en_US.UTF-8"}


@pytest.mark.parametrize(
    ("environ", "theme", "system"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "dark", None),
        ({"TERM": "xterm-256color"}, "dark", None),
        ({"TERM": "xterm"}, "ansi-16", "standard"),
        ({"TERM": "linux"}, "ansi-16", "standard"),
        ({"TERM": "tmux-256color", "TMUX": "x", "COLORTERM": "truecolor"}, "dark", None),
        # COLORTERM was inherited from the terminal outside; screen cannot keep its promise.
        ({"TERM": "screen", "STY": "1.pts", "COLORTERM": "truecolor"}, "ansi-16", "standard"),
        ({"TERM": "screen-256color", "STY": "1.pts", "COLORTERM": "truecolor"}, "dark", "256"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, "ansi-16", None),
    ],
)
def test_colours(environ: dict[str, str], theme: str, system: str | None) -> None:
    choice = choose(environ | UTF8)

    assert (choice.theme, choice.settings.get("TEXTUAL_COLOR_SYSTEM")) == (theme, system)


def test_an_empty_no_color_is_none() -> None:
    choice = choose({"TERM": "xterm-256color", "NO_COLOR": ""})

    assert choice.theme == "dark"
    assert choice.unset == ("NO_COLOR",)


@pytest.mark.parametrize(
    ("environ", "ascii_only"),
    [
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "de_DE.utf8"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, True),
        ({"LC_CTYPE": "en_GB.UTF-8", "LANG": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({}, False),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, True),
    ],
)
def test_glyphs_follow_the_locale(environ: dict[str, str], ascii_only: bool) -> None:
    assert choose({"TERM": "xterm-256color"} | environ).ascii is ascii_only


def test_what_the_operator_set_stays() -> None:
    choice = choose({"TERM": "xterm-256color", "ESCDELAY": "300", "TEXTUAL_ANIMATIONS": "full"})

    assert "ESCDELAY" not in choice.settings
    assert "TEXTUAL_ANIMATIONS" not in choice.settings
    assert choice.settings["TEXTUAL_SMOOTH_SCROLL"] == "0"


@pytest.mark.parametrize("term", ["", "dumb"])
def test_no_screen_without_a_terminal(term: str) -> None:
    assert not choose({"TERM": term}).usable
