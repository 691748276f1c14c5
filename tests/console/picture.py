"""A small terminal: what the bytes that were sent leave on the screen. Knows what Textual sends, and refuses the rest.

It erases to the default ground whatever the background is, as GNU screen does: nobody may rely on more.
"""

import re
from typing import NamedTuple

from rich.cells import cell_len

_SEQUENCE = re.compile(r"\x1b\[([?<>=]?)([\d;]*)([A-Za-z])|\x1b\].*?\x1b\\|[\r\n]|[^\x1b\r\n]+", re.DOTALL)
_ENDS = {"22": {"1", "2"}, "23": {"3"}, "24": {"4", "21"}, "25": {"5", "6"}, "27": {"7"}, "28": {"8"}, "29": {"9"}}


class Ink(NamedTuple):
    attributes: frozenset[str] = frozenset()
    color: str = ""
    background: str = ""


class Spot(NamedTuple):
    """One cell as an eye sees it: of a blank only what shows on a blank."""

    char: str
    ink: Ink


BLANK = Spot(" ", Ink())


class Picture:
    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.rows = [[BLANK] * width for _ in range(height)]
        self.ink = Ink()
        self._x = self._y = 0

    @property
    def text(self) -> list[str]:
        return ["".join(spot.char for spot in row) for row in self.rows]

    def send(self, output: str) -> None:
        for found in _SEQUENCE.finditer(output):
            private, numbers, final = found.groups()
            if final is None:
                self._plain(found[0])
            elif not private:
                self._control(numbers, final)

    def _plain(self, text: str) -> None:
        if text == "\r":
            self._x = 0
        elif text == "\n":
            self._y = min(self._y + 1, self.height - 1)
        elif not text.startswith("\x1b"):
            for char in text:
                self._put(char)

    def _put(self, char: str) -> None:
        size = cell_len(char)
        self._halve(self._x)
        self._halve(self._x + size)
        for at, shown in enumerate((char, "")[:size]):
            if self._x + at < self.width:
                self.rows[self._y][self._x + at] = _seen(shown, self.ink)
        self._x += size

    def _halve(self, x: int) -> None:
        """A wide character of which one half is overwritten is gone: both halves are blank."""
        row = self.rows[self._y]
        if 0 < x < self.width and row[x].char == "":
            row[x - 1], row[x] = _seen(" ", row[x - 1].ink), _seen(" ", row[x].ink)

    def _control(self, numbers: str, final: str) -> None:
        if final == "H":
            y, _, x = numbers.partition(";")
            self._y, self._x = int(y or 1) - 1, int(x or 1) - 1
        elif final == "K":
            assert numbers in ("", "0")
            self._halve(self._x)
            self.rows[self._y][self._x :] = [BLANK] * (self.width - self._x)
        elif final == "m":
            self._style(numbers.split(";"))
        else:
            raise AssertionError(f"unexpected sequence ESC [ {numbers} {final}")

    def _style(self, codes: list[str]) -> None:
        left = iter(codes)
        for code in left:
            attributes, color, background = self.ink
            if code in ("", "0"):
                attributes, color, background = Ink()
            elif code in ("38", "48"):
                kind = next(left)
                value = ";".join([code, kind, *(next(left) for _ in range(3 if kind == "2" else 1))])
                color, background = (value, background) if code == "38" else (color, value)
            elif code in _ENDS:
                attributes -= _ENDS[code]
            elif code == "39" or (code[0] in "39" and len(code) == 2):
                color = "" if code == "39" else code
            elif code == "49" or (code[0] == "4" and len(code) == 2) or code.startswith("10"):
                background = "" if code == "49" else code
            else:
                attributes |= {code}
            self.ink = Ink(attributes, color, background)


def _seen(char: str, ink: Ink) -> Spot:
    if char == " " and not ink.attributes & {"4", "7", "9", "21"}:
        return Spot(char, Ink(background=ink.background))
    return Spot(char, ink)
