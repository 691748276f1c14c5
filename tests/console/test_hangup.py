"""A console whose terminal is gone ends, also where nobody sends it a signal and its event loop hangs."""

import os
import pty
import signal
import subprocess
import sys

import pytest

STUCK = """
import queue, signal, sys
from fleetui.console import hangup
if "ignore" in sys.argv:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
hangup.watch()
full = queue.Queue(1)
full.put("as Textual's writer")
print("stuck", file=sys.stderr, flush=True)
full.put("whose thread is dead")
"""


@pytest.mark.parametrize(("words", "status"), [((), -signal.SIGHUP), (("ignore",), 128 + signal.SIGHUP)])
def test_it_ends_with_its_terminal_and_not_before(words: tuple[str, ...], status: int) -> None:
    terminal, own = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", STUCK, *words], stdin=own, stdout=own, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        os.close(own)
        try:
            assert process.stderr is not None
            assert process.stderr.readline() == b"stuck\n"
            os.write(terminal, b"keys are no end")
            assert process.poll() is None
            os.close(terminal)
            assert process.wait(timeout=60) == status
        finally:
            process.kill()
