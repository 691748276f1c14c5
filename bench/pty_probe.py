"""Runs a full-screen program in a terminal and measures it from outside: `python -m bench.pty_probe -- COMMAND`.

The probe answers what programs ask of a terminal (device attributes, colours, synchronized output), so that none waits
for a time-out, and stamps every read in a thread of its own, so that looking at the screen delays no measurement.
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bench.screen import Screen

SIZE = (160, 50)  # columns, rows
QUIET = 0.03  # seconds without a byte that end the answer to a key
TRUECOLOR = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
KEYS = {"enter": "\r", "esc": "\x1b", "down": "\x1b[B", "up": "\x1b[A", "tab": "\t", "end": "\x1b[F", "home": "\x1b[H"}


@dataclass(frozen=True)
class Read:
    """One read from the terminal: `at` is monotonic seconds."""

    at: float
    data: bytes


@dataclass(frozen=True)
class Act:
    """What a key brought: seconds to the first and last byte of the answer (None: no answer), and its bytes."""

    first: float | None
    last: float | None
    size: int


class NotSeenError(AssertionError):
    """What was waited for did not come; the text shows the screen."""


class Probe:
    """A program in a terminal of `size` (columns, rows), from its start until `close`."""

    def __init__(self, argv: list[str], *, env: Mapping[str, str], size: tuple[int, int] = SIZE) -> None:
        self.screen = Screen(*size)
        self.reads: list[Read] = []
        self._fed = 0
        self._master, slave = pty.openpty()
        _set_size(slave, size)
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(env),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  # a controlling terminal, for resize signals
        )
        os.close(slave)
        self._answers = Screen(*size)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, keys: str) -> float:
        """Type; returns when, in monotonic seconds."""
        at = time.monotonic()
        if keys:
            os.write(self._master, keys.encode())
        return at

    def wait_for(
        self, seen: str | Callable[[Screen], bool], *, within: float = 60, since: float | None = None
    ) -> float:
        """Seconds from the start (or from `since`) to the read after which the screen shows it. Raises NotSeenError."""
        shows = seen if callable(seen) else lambda screen: seen in screen.text
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            for read in self._look():
                if shows(self.screen):
                    return read.at - (self.started if since is None else since)
            if shows(self.screen):
                return 0.0
            if not self.alive:
                raise NotSeenError(
                    f"ended with {self._process.returncode} before it showed {seen!r}:\n{self.screen.text}"
                )
            time.sleep(0.002)
        raise NotSeenError(f"did not show {seen!r} within {within} s:\n{self.screen.text}")

    def act(self, keys: str, *, quiet: float = QUIET, within: float = 5) -> Act:
        """Type, and wait until the program has answered and been quiet for `quiet` seconds."""
        before = len(self.reads)
        at = self.send(keys)
        while time.monotonic() - at < within:
            reads = self.reads[before:]
            if reads and time.monotonic() - reads[-1].at >= quiet:
                break
            time.sleep(0.001)
        reads = self.reads[before:]
        if not reads:
            return Act(None, None, 0)
        return Act(reads[0].at - at, reads[-1].at - at, sum(len(read.data) for read in reads))

    def settle(self, *, quiet: float = 0.5, within: float = 60) -> None:
        """Wait until nothing has been written for `quiet` seconds. Raises NotSeenError."""
        deadline = time.monotonic() + within
        while time.monotonic() - (self.reads[-1].at if self.reads else self.started) < quiet:
            if time.monotonic() > deadline:
                raise NotSeenError(f"never quiet for {quiet} s")
            time.sleep(0.01)
        self._look_all()

    def bytes_during(self, seconds: float) -> int:
        """Bytes written over the next `seconds`."""
        before = len(self.reads)
        time.sleep(seconds)
        return sum(len(read.data) for read in self.reads[before:])

    def show(self) -> str:
        """The screen as it is now."""
        self._look_all()
        return self.screen.text

    def resize(self, columns: int, rows: int) -> None:
        self._look_all()
        self.screen.resize(columns, rows)
        _set_size(self._master, (columns, rows))

    def wait_stopped(self, *, within: float = 10) -> None:
        """Wait until the kernel says that the program is stopped. Raises NotSeenError."""
        deadline = time.monotonic() + within
        while Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            if time.monotonic() > deadline:
                raise NotSeenError(f"not stopped within {within} s")
            time.sleep(0.002)

    def close(self) -> None:
        """End the program: SIGHUP as a terminal does, then SIGKILL."""
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
            if not self.alive:
                break
            os.killpg(self._process.pid, number)
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                continue
        self.hang_up()

    def hang_up(self) -> None:
        """The terminal goes, as when a connection is lost; of its signal only the session's leader hears. Again does
        nothing."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._thread.join()
        os.close(self._master)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _look_all(self) -> None:
        for _ in self._look():
            pass

    def _look(self) -> Iterator[Read]:
        while self._fed < len(self.reads):
            read = self.reads[self._fed]
            self._fed += 1
            self.screen.feed(read.data)
            yield read

    def _collect(self) -> None:
        while not self._closing.is_set():
            if not select.select([self._master], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:  # the program has closed its side
                return
            self.reads.append(Read(time.monotonic(), data))
            self._reply(data)

    def _reply(self, data: bytes) -> None:
        if b"\x1b" not in data or not any(mark in data for mark in (b"c", b"n", b"$p", b"?\x07", b"?\x1b\\", b"q")):
            return
        for query in _queries(data):
            if answer := reply_to(query):
                os.write(self._master, answer)


def _queries(data: bytes) -> list[bytes]:
    """What `data` asks. Each program writes a query in one piece, so no state is kept between reads."""
    screen = Screen(4, 2)
    screen.feed(data)
    return screen.queries


_REPLIES = {
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[0c": b"\x1b[?62;22c",
    b"\x1b[>c": b"\x1b[>41;388;0c",
    b"\x1b[>0c": b"\x1b[>41;388;0c",
    b"\x1b[5n": b"\x1b[0n",
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[>q": b"\x1bP>|probe(1)\x1b\\",
    b"\x1b[>0q": b"\x1bP>|probe(1)\x1b\\",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # synchronized output: known, and not set
}


def reply_to(query: bytes) -> bytes:
    """What a modern terminal answers; empty where it would stay silent."""
    if query in _REPLIES:
        return _REPLIES[query]
    if query.startswith(b"\x1b]10;"):
        return b"\x1b]10;rgb:d0d0/d0d0/d0d0\x1b\\"
    if query.startswith(b"\x1b]11;"):
        return b"\x1b]11;rgb:1010/1010/1010\x1b\\"
    if query.endswith(b"$p"):
        return query[:-2] + b";0$y"  # a mode that it does not know
    return b""


def _set_size(descriptor: int, size: tuple[int, int]) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))


def main() -> None:
    """Run a command, type `--keys` one by one, and print what each brought and the screen at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--for", dest="seen", default="", help="text to wait for before typing")
    parser.add_argument("--keys", default="", help=f"keys, by spaces; names: {' '.join(KEYS)}")
    parser.add_argument("--seconds", type=float, default=2, help="then wait so long")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    with Probe(options.command, env=os.environ | TRUECOLOR) as probe:
        if options.seen:
            print(f"{options.seen!r} after {probe.wait_for(options.seen) * 1000:.0f} ms")
        for key in options.keys.split():
            act = probe.act(KEYS.get(key, key), quiet=0.2)
            print(f"{key}: last byte {(act.last or 0) * 1000:.1f} ms, {act.size} bytes")
        time.sleep(options.seconds)
        sys.stdout.write(probe.show() + "\n")


if __name__ == "__main__":
    main()
