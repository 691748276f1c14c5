"""The console on a real terminal of the test's own: a process behind a pty."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from types import TracebackType

from fleetui.console.terminal import choose

DEADLINE_S = 60.0

PROGRAM = """
from tests.console.samples import fill
from tests.console.world import World
fill(World()).app().run(mouse=False)
"""


class Terminal:
    """Starts the program; ``read_until`` collects what it sends. Ends the process it started, and no other."""

    def __init__(self, program: str = PROGRAM, *, columns: int = 120, rows: int = 30) -> None:
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": os.getcwd()}
        environment.update(choose(environment).settings)
        self.sent = b""
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.execve(sys.executable, [sys.executable, "-c", program], environment)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._master)

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def read_until(self, wanted: bytes) -> bytes:
        """What came up to and with ``wanted``; it is taken out of what was sent."""
        deadline = time.monotonic() + DEADLINE_S
        while wanted not in self.sent:
            assert time.monotonic() < deadline, f"{wanted!r} did not come; the end was {self.sent[-300:]!r}"
            if select.select([self._master], [], [], 0.1)[0]:
                self.sent += os.read(self._master, 65_536)
        before, _, self.sent = self.sent.partition(wanted)
        return before + wanted

    def text(self, data: bytes) -> str:
        """Without control sequences."""
        return re.sub(rb"\x1b\[[0-9;?<>=]*[A-Za-z]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)", b"", data).decode(
            "utf-8", "replace"
        )

    def wait_stopped(self) -> None:
        """Until the process has stopped, as a shell sees it."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            pid, status = os.waitpid(self.pid, os.WUNTRACED | os.WNOHANG)
            if pid == self.pid and os.WIFSTOPPED(status):
                return
            assert time.monotonic() < deadline, "it did not stop"
            if select.select([self._master], [], [], 0.05)[0]:
                self.sent += os.read(self._master, 65_536)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def mode(self) -> int:
        """The terminal's local flags."""
        return int(termios.tcgetattr(self._master)[3])
