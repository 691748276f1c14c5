"""Hostile text: what reaches a terminal from any field that a cluster controls."""

import unicodedata

import pytest

from fleetui.model.text import ELLIPSIS, REPLACEMENT, clean, clean_block, clean_message

R = REPLACEMENT


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        pytest.param("node-1", "node-1", id="plain"),
        pytest.param("", "", id="empty"),
        pytest.param("\x1b[2J\x1b]0;owned\x07", f"{R}[2J{R}]0;owned{R}", id="escape sequences"),
        pytest.param("a\x9b31mb\x90c", f"a{R}31mb{R}c", id="C1: CSI and DCS of one character"),
        pytest.param("a\x7fb\x00c\tb\r\nd", f"a{R}b{R}c{R}b{R}{R}d", id="DEL, NUL, tab, line end"),
        pytest.param("[red]markup[/] & <b>", "[red]markup[/] & <b>", id="markup is text"),
        pytest.param("a\u202egpj.exe\u2066b\u2069", f"a{R}gpj.exe{R}b{R}", id="bidi controls"),
        pytest.param("a\u200bb\u200dc\ufeffd\u2060e\u00adf", f"a{R}b{R}c{R}d{R}e{R}f", id="zero width"),
        pytest.param("web-\u05d0\u0627\u0661", f"web-{R}{R}{R}", id="right-to-left letters and digits"),
        pytest.param("a\u2028b\u2029c\x85d", f"a{R}b{R}c{R}d", id="line and paragraph separators"),
        pytest.param("a\ue000b\U000f0000c\u0378d\ud800e", f"a{R}b{R}c{R}d{R}e", id="private, unassigned, surrogate"),
        pytest.param("tag\U000e0041", f"tag{R}", id="tag characters"),
        pytest.param("a\ufe0fb\U000e0101c", f"a{R}b{R}c", id="variation selectors"),
        pytest.param("a\u3164\u115f\u2800b", f"a{R}{R}{R}b", id="letters that draw nothing"),
        pytest.param("e\u0301 zalgo" + "\u0300" * 50 + "!", "e\u0301 zalgo\u0300\u0300!", id="stacked marks"),
        pytest.param("\u0301a", f"{R}a", id="a mark that would sit on the cell before"),
        pytest.param("\u1100" + "\u1161" * 9, "\u1100\u1161\u1161", id="stacked Hangul vowels"),
        pytest.param("a\u00a0b\u3000c", "a b c", id="other blanks"),
        pytest.param("größe-東京-ñ", "größe-東京-ñ", id="honest other scripts stay"),
        pytest.param("deploy ✗ ▲ 🚀", "deploy ✗ ▲ 🚀", id="symbols stay"),
    ],
)
def test_clean(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A)])
def test_no_control_survives_anywhere(code: int) -> None:
    text = f"a{chr(code)}b"
    for shown in (clean(text), clean_block(text).replace("\n", "").replace("    ", R), clean_message(f"{text} ")):
        assert all(unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp") for char in shown)


def test_every_character_that_survives_keeps_the_order_and_draws_something() -> None:
    for code in range(0x110000):
        for char in clean(f"x{chr(code)}")[1:]:
            assert unicodedata.bidirectional(char) not in ("R", "AL", "AN", "RLE", "LRE", "RLO", "LRO", "RLI", "PDI")
            assert char == R or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


@pytest.mark.parametrize("char", ["a", "\x1b", "ü", "e\u0301", "\u0300"])
def test_a_megabyte_is_cut_to_the_limit(char: str) -> None:
    shown = clean(char * 1_000_000, limit=40)
    assert len(shown) <= 40
    assert shown == clean(char * 1_000, limit=40)


def test_the_cut_is_marked() -> None:
    assert clean("abcdef", limit=4) == "abc" + ELLIPSIS
    assert clean("abcd", limit=4) == "abcd"


def test_a_message_becomes_one_line() -> None:
    assert clean_message("first\n\n  second\t\x1b[31mthird ") == f"first second {R}[31mthird"


def test_a_block_keeps_its_lines_and_only_those() -> None:
    assert clean_block("a: 1\n\tb: \x1b[2J\r\nc\u2028d") == f"a: 1\n    b: {R}[2J{R}\nc{R}d"
    assert [len(line) for line in clean_block("x" * 9 + "\ny", line_limit=5).split("\n")] == [5, 1]
