"""The probe sees what a terminal would show, however the bytes are cut."""

import pytest

from bench.screen import Screen


def shown(*pieces: bytes, size: tuple[int, int] = (10, 3)) -> list[str]:
    screen = Screen(*size)
    for piece in pieces:
        screen.feed(piece)
    return screen.lines


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        pytest.param(b"one\r\ntwo", ["one", "two", ""], id="lines"),
        pytest.param(b"\x1b[2;3Hhere", ["", "  here", ""], id="go"),
        pytest.param(b"abcdef\x1b[1;3H\x1b[K", ["ab", "", ""], id="erase to the end"),
        pytest.param(b"abc\x1b[2J", ["", "", ""], id="erase all"),
        pytest.param(b"abcdefghijkl", ["abcdefghij", "kl", ""], id="wrap"),
        pytest.param(b"1\r\n2\r\n3\r\n4", ["2", "3", "4"], id="scroll"),
        pytest.param("日本x".encode(), ["日本x", "", ""], id="wide"),
        pytest.param(b"\x1b[38;2;1;2;3mred\x1b[m", ["red", "", ""], id="colour is no text"),
        pytest.param(
            b"\x1b[?2026hx\x1b[?2026l\x1b]0;title\x07\x1bP>|name\x1b\\y", ["xy", "", ""], id="modes and strings"
        ),
        pytest.param(b"abc\x1b[2D\x1b[Xz", ["azc", "", ""], id="back, erase, write"),
        pytest.param(b"old\x1b[?1049hnew", ["new", "", ""], id="other screen"),
    ],
)
def test_shows(data: bytes, lines: list[str]) -> None:
    assert shown(data) == lines
    assert shown(*(data[at : at + 1] for at in range(len(data)))) == lines


def test_collects_what_is_asked() -> None:
    screen = Screen(10, 3)
    asked = [b"\x1b[c", b"\x1b[>c", b"\x1b[6n", b"\x1b[?2026$p", b"\x1b]11;?\x07"]
    screen.feed(b"text" + b"\x1b[1mbold".join(asked))
    assert screen.queries == asked
