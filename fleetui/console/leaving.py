"""The ways out: to the shell and back, and for good. Operations go on in the controller either way."""

from collections.abc import Callable

from fleetui.console.host import LeavingHost

INTERRUPT_S = 3.0
"""Within this time a second ctrl-c leaves."""


class Leaving:
    """Implements ``command.LeavingFace``."""

    def __init__(self, host: LeavingHost, *, suspend: Callable[[], None]) -> None:
        """``suspend`` returns after the process was continued; raises ValueError where nothing can be suspended."""
        self._host = host
        self._suspend = suspend
        self._interrupted = float("-inf")

    def suspend(self) -> None:
        self._suspend()

    def interrupt(self) -> None:
        now = self._host.session.clock.monotonic()
        if now - self._interrupted < INTERRUPT_S:
            self.quit()
        self._interrupted = now
        self._host.say("press ctrl-c again to leave; operations go on in the controller", "warn")

    def quit(self) -> None:
        self._host.exit(0)
