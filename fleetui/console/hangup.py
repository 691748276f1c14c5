"""A terminal that is gone ends the console, whoever was told of it.

A lost connection sends SIGHUP to the session's leader, which tells its jobs if it is a shell. ``make``, ``sudo`` and
wrappers tell nobody: the console would find its writes refused, wait for ever for the thread that made them, and read
the end of its input as fast as it can.
"""

import os
import select
import signal
from threading import Thread

GONE = select.POLLHUP | select.POLLERR


def watch(descriptor: int = 0) -> None:
    """Beside the event loop, which may hang on the terminal itself. Costs nothing until the terminal goes."""
    Thread(target=_until_gone, args=(descriptor,), name="terminal's end", daemon=True).start()


def _until_gone(descriptor: int) -> None:
    poll = select.poll()
    poll.register(descriptor, 0)  # both are told unasked
    ((_, event),) = poll.poll()
    if event & GONE:
        os.kill(os.getpid(), signal.SIGHUP)  # as it would have been told by a shell
        os._exit(128 + signal.SIGHUP)  # told, and made to ignore it (nohup): there is still nothing left to do here
