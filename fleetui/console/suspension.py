"""Stopped and continued: the shell gets its terminal back whole; after ``fg`` everything is painted and judged anew.

A stop may also come unasked (``kill -STOP``, a debugger). Nothing can be restored before it; what is certain is that it
is over when SIGCONT comes, and that nobody knows what the terminal shows by then.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from textual.app import App, SuspendNotSupported

Continued = Callable[[], None]
"""Told when the process runs again and the terminal is ours."""


def stop_process(app: App[int], continued: Continued) -> None:
    """Returns after the process was continued. Raises ValueError where nothing can be suspended.

    The terminal is restored before the signal, and SIGSTOP is what stops: Textual's own handler of SIGTSTP would enter
    and leave application mode a second time. The whole process group stops, as the shell expects of a job.
    """
    try:
        with app.suspend(), _minded(app, continued):
            os.killpg(os.getpgrp(), signal.SIGSTOP)
    except SuspendNotSupported as error:
        raise ValueError("this terminal cannot suspend") from error
    continued()


def mind_continuation(app: App[int], continued: Continued) -> None:
    """From now on an unasked stop is mended when it ends. In place of Textual's handler (8.2.8): that one enters
    application mode without having left it, which clears the screen and paints nothing, reads the keys with two
    threads, and takes the raw terminal for the one to give back at the end."""
    if app._driver is not None and app._driver.can_suspend:
        asyncio.get_running_loop().add_signal_handler(signal.SIGCONT, partial(_mend, app, continued))


def _mend(app: App[int], continued: Continued) -> None:
    with app.suspend():
        pass  # application mode is left and entered: the terminal's state is known again
    continued()


@contextmanager
def _minded(app: App[int], continued: Continued) -> Iterator[None]:
    """The continuation that ends this block is the block's own."""
    asyncio.get_running_loop().remove_signal_handler(signal.SIGCONT)
    try:
        yield
    finally:
        mind_continuation(app, continued)
