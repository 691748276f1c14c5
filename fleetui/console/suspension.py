"""ctrl-z done right: the shell gets its terminal back whole; after ``fg`` everything is painted and judged anew."""

import os
import signal
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
        with app.suspend():
            os.killpg(os.getpgrp(), signal.SIGSTOP)
    except SuspendNotSupported as error:
        raise ValueError("this terminal cannot suspend") from error
    app.continued()
