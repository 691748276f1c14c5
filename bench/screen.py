"""The text that a terminal would show: enough of a VT to find words in what full-screen programs write.

Colours and attributes are ignored; cursor movement, erasing, scrolling and wide characters are not.
"""

import re
import unicodedata
from collections.abc import Callable

_TOKEN = re.compile(
    rb"\x1b\[(?P<csi>[0-?]*[ -/]*[@-~])"
    rb"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    rb"|\x1b[PX^_](?P<string>.*?)\x1b\\"
    rb"|\x1b(?P<esc>[ -/]*[0-OQ-WYZ\\`-~])"
    rb"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f])"
    rb"|(?P<text>[^\x00-\x1f\x7f]+)",
    re.DOTALL,
)


class Screen:
    """Feed it bytes as they come; `lines` is what is seen. `queries` collects what the program asks of its terminal."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.queries: list[bytes] = []
        self._cells = self._blank()
        self._x = self._y = 0
        self._rest = b""

    @property
    def lines(self) -> list[str]:
        return ["".join(row).rstrip() for row in self._cells]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def cursor(self) -> tuple[int, int]:
        """(row, column), from one, as a cursor position report says it."""
        return self._y + 1, self._x + 1

    def feed(self, data: bytes) -> None:
        data = self._rest + data
        at = 0
        while at < len(data):
            found = _TOKEN.match(data, at)
            if found is None or (found.end() == len(data) and _unfinished(found)):
                break
            self._take(found)
            at = found.end()
        self._rest = data[at:]

    def resize(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._cells, self._x, self._y = self._blank(), 0, 0

    def _take(self, found: re.Match[bytes]) -> None:
        kind = found.lastgroup
        if kind == "text":
            self._write(found["text"].decode("utf-8", "replace"))
        elif kind == "csi":
            self._csi(found["csi"].decode("latin-1"), found[0])
        elif kind == "control":
            self._control(found["control"])
        elif kind == "osc" and found["osc"].endswith(b";?"):
            self.queries.append(found[0])
        elif kind == "esc" and found["esc"] == b"c":
            self._cells, self._x, self._y = self._blank(), 0, 0

    def _write(self, text: str) -> None:
        for character in text:
            width = _width(character)
            if width == 0:
                continue
            if self._x + width > self.columns:
                self._x = 0
                self._down()
            self._cells[self._y][self._x] = character
            if width == 2 and self._x + 1 < self.columns:
                self._cells[self._y][self._x + 1] = ""
            self._x += width

    def _control(self, control: bytes) -> None:
        if control == b"\r":
            self._x = 0
        elif control == b"\n":
            self._down()
        elif control == b"\b":
            self._x = max(0, self._x - 1)
        elif control == b"\t":
            self._x = min(self.columns - 1, (self._x // 8 + 1) * 8)

    def _csi(self, body: str, whole: bytes) -> None:
        final = body[-1]
        if final in "cn" or body.endswith("$p") or body in ("?u", ">q", ">0q"):
            self.queries.append(whole)
            return
        if body[0] in "<=>":
            return  # keyboard protocols and the like
        private = body[0] == "?"
        numbers = [int(part) if part.isdigit() else 0 for part in body[:-1].lstrip("?").split(";")]
        if private:
            if 1049 in numbers:
                self._cells, self._x, self._y = self._blank(), 0, 0
            return
        act = self._acts().get(final)
        if act is not None:
            act(numbers)

    def _acts(self) -> dict[str, Callable[[list[int]], None]]:
        return {
            "H": self._go,
            "f": self._go,
            "A": lambda n: self._move(0, -max(1, n[0])),
            "B": lambda n: self._move(0, max(1, n[0])),
            "C": lambda n: self._move(max(1, n[0]), 0),
            "D": lambda n: self._move(-max(1, n[0]), 0),
            "G": lambda n: self._move(max(1, n[0]) - 1 - self._x, 0),
            "d": lambda n: self._move(0, max(1, n[0]) - 1 - self._y),
            "J": self._erase_display,
            "K": self._erase_line,
            "X": lambda n: self._clear(self._y, self._x, self._x + max(1, n[0])),
            "S": lambda n: self._scroll(max(1, n[0])),
        }

    def _go(self, numbers: list[int]) -> None:
        row, column = [*numbers, 1][:2] if len(numbers) > 1 else (numbers[0], 1)
        self._y = min(max(row, 1), self.rows) - 1
        self._x = min(max(column, 1), self.columns) - 1

    def _move(self, right: int, down: int) -> None:
        self._x = min(max(self._x + right, 0), self.columns - 1)
        self._y = min(max(self._y + down, 0), self.rows - 1)

    def _down(self) -> None:
        if self._y + 1 < self.rows:
            self._y += 1
        else:
            self._scroll()

    def _scroll(self, lines: int = 1) -> None:
        self._cells = [*self._cells[lines:], *self._blank()[: min(lines, self.rows)]]

    def _erase_display(self, numbers: list[int]) -> None:
        first, last = {0: (self._y + 1, self.rows), 1: (0, self._y)}.get(numbers[0], (0, self.rows))
        for row in range(first, last):
            self._clear(row, 0, self.columns)
        if numbers[0] < 2:
            self._erase_line(numbers)

    def _erase_line(self, numbers: list[int]) -> None:
        first, last = {0: (self._x, self.columns), 1: (0, self._x + 1)}.get(numbers[0], (0, self.columns))
        self._clear(self._y, first, last)

    def _clear(self, row: int, first: int, last: int) -> None:
        last = min(last, self.columns)
        self._cells[row][first:last] = [" "] * max(0, last - first)

    def _blank(self) -> list[list[str]]:
        return [[" "] * self.columns for _ in range(self.rows)]


def _unfinished(found: re.Match[bytes]) -> bool:
    """Does the token end inside a character? (An escape sequence that is not whole is no token at all.)"""
    if found.lastgroup == "text":
        try:
            found["text"].decode()
        except UnicodeDecodeError as error:
            return error.reason == "unexpected end of data"
    return False


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
