"""ctrl-z on a real terminal: the shell gets it back whole, and after ``fg`` everything is painted again."""

import os
import termios

from tests.console.stopped import Terminal

ALTERNATE_ON, ALTERNATE_OFF = b"\x1b[?1049h", b"\x1b[?1049l"
CURSOR_ON = b"\x1b[?25h"


def test_ctrl_z_stops_and_fg_paints_again() -> None:
    with Terminal() as terminal:
        terminal.read_until(ALTERNATE_ON)
        terminal.read_until(b"prod-east-1")
        terminal.read_until(b"help")
        assert not terminal.mode() & termios.ECHO
        terminal.type(b"\x1a")
        terminal.wait_stopped()
        left = terminal.sent
        assert ALTERNATE_OFF in left
        assert CURSOR_ON in left.partition(ALTERNATE_OFF)[0] + left
        assert terminal.mode() & termios.ECHO
        assert terminal.mode() & termios.ICANON
        terminal.sent = b""
        terminal.go_on()
        terminal.read_until(ALTERNATE_ON)
        painted = terminal.read_until(b"help")
        assert "prod-east-1" in terminal.text(painted)
        assert "23 clusters" in terminal.text(painted)
        assert not terminal.mode() & termios.ECHO
        terminal.type(b":machines\r")
        assert "wk-c-03" in terminal.text(terminal.read_until(b"wk-c-03"))
        os.kill(terminal.pid, 0)
