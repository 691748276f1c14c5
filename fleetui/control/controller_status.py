"""Whether a controller works for this store, for consoles: looked at from outside, without touching its lock."""

from pathlib import Path

import msgspec

from fleetui.control.controller_lock import SILENT_AFTER_S, Status, read_status
from fleetui.control.holder import is_alive
from fleetui.model.duration import format_duration


class ControllerStatus(msgspec.Struct, frozen=True):
    """What can be known of the controller of one state directory."""

    pid: int | None = None
    """Of the living process; None when there is none, or none that this host can see."""
    running: bool = False
    """It lives and takes work; False also while it ends."""
    host: str = ""
    version: str = ""
    started: float | None = None
    seen: float | None = None
    """Its last heartbeat, or the last of the one before; None when there never was a controller here."""
    ending: str = ""
    """``idle``, ``stopped``, ``crashed``; empty when it was killed, or still runs."""

    def silent(self, now: float) -> bool:
        """It lives, but has not gone round for a while: stopped with SIGSTOP, or stuck in the disk."""
        return self.pid is not None and self.seen is not None and now - self.seen > SILENT_AFTER_S

    def complaint(self, now: float) -> str:
        """One plain sentence for when work waits and nobody does it; empty when a controller is at work."""
        if self.seen is None:
            return "no controller has run here yet"
        age = format_duration(now - self.seen)
        if self.pid is None or not self.running:
            return f"no controller, paused since {age} ({self.ending or 'killed'})"
        return f"the controller (pid {self.pid}) has been silent for {age}" if self.silent(now) else ""


def controller_status(state_dir: Path) -> ControllerStatus:
    """Costs one small file and one look into /proc."""
    status = read_status(state_dir)
    return ControllerStatus() if status is None else _seen_from_outside(status)


def _seen_from_outside(status: Status) -> ControllerStatus:
    alive = is_alive(status.holder)
    return ControllerStatus(
        pid=status.holder.pid if alive else None,
        running=alive and status.running,
        host=status.holder.host,
        version=status.version,
        started=status.started,
        seen=status.seen,
        ending=status.ending,
    )
