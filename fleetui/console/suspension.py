"""Stopped and continued: the shell gets its terminal back whole; after ``fg`` everything is painted and judged anew.

A stop may also come unasked (``kill -STOP``, a debugger). Nothing can be restored before it; what is certain is that it
is over when SIGCONT comes, and that nobody knows what the terminal shows by then.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

if TYPE_CHECKING:
    from fleetui.console.app import FleetApp


def stop_process(app: "FleetApp") -> None:
    """Returns after the process was continued. Raises ValueError where nothing can be suspended.

    The terminal is restored before the signal, and SIGSTOP is what stops: Textual's own handler of SIGTSTP would enter
    and leave application mode a second time. The whole process group stops, as the shell expects of a job.
    """
    try:
        with app.suspend(), _minded(app):
            os.killpg(os.getpgrp(), signal.SIGSTOP)
    except SuspendNotSupported as error:
        raise ValueError("this terminal cannot suspend") from error
    app.continued()


def mind_continuation(app: "FleetApp") -> None:
    """From now on an unasked stop is mended when it ends. In place of Textual's handler (8.2.8): that one enters
    application mode without having left it, which clears the screen and paints nothing, reads the keys with two
    threads, and takes the raw terminal for the one to give back at the end."""
    if app._driver is not None and app._driver.can_suspend:
        asyncio.get_running_loop().add_signal_handler(signal.SIGCONT, partial(_continued, app))


def _continued(app: "FleetApp") -> None:
    with app.suspend():
        pass  # application mode is left and entered: the terminal's state is known again
    app.continued()


@contextmanager
def _minded(app: "FleetApp") -> Iterator[None]:
    """The continuation that ends this block is the block's own."""
    asyncio.get_running_loop().remove_signal_handler(signal.SIGCONT)
    try:
        yield
    finally:
        mind_continuation(app)
