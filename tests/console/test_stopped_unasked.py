"""Stopped from outside and continued: the screen is whole again, keys are read once, the terminal is given back."""

import os
import signal
import termios
import time
from pathlib import Path

from tests.console.stopped import DEADLINE_S, Terminal


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def stop_and_go_on(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGSTOP)
    terminal.wait_stopped()
    terminal.go_on()
    terminal.read_until(b"\x1b[?1049l")  # what comes up to here was sent before the stop
    terminal.read_until(b"\x1b[?1049h")


def test_an_unasked_stop_leaves_a_whole_screen() -> None:
    with Terminal() as terminal:
        terminal.read_until(b"prod-east-1")
        terminal.type(b":pods\r")
        terminal.read_until(b"ledger-0")  # keys are answered: what starts beside the first frame has started
        terminal.type(b":fleet\r")
        terminal.read_until(b"23 clusters")
        before = threads(terminal.pid)
        for _ in range(2):
            stop_and_go_on(terminal)
            painted = terminal.text(terminal.read_until(b"help"))
            assert all(word in painted for word in ("READ-ONLY", "23 clusters", "prod-east-1", "edge-lima-02"))
        terminal.type(b":machines\r")
        terminal.read_until(b"wk-c-03")
        deadline = time.monotonic() + DEADLINE_S
        while threads(terminal.pid) != before:
            assert time.monotonic() < deadline, "the keys have more readers than before"
            time.sleep(0.01)


def test_after_it_the_terminal_is_given_back_as_it_was() -> None:
    with Terminal() as terminal:
        cooked = terminal.mode()
        assert cooked & termios.ECHO, "the program has not started yet"
        terminal.read_until(b"help")
        stop_and_go_on(terminal)
        terminal.read_until(b"filter")
        assert not terminal.mode() & termios.ECHO
        terminal.type(b":")
        terminal.read_until(b" :")
        terminal.type(b"q\r")
        terminal.read_until(b"\x1b[?1049l")
        deadline = time.monotonic() + DEADLINE_S
        while terminal.mode() != cooked:
            assert time.monotonic() < deadline, "the terminal was left raw"
            time.sleep(0.01)
