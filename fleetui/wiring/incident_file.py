"""Where incidents are kept."""

from pathlib import Path

from fleetui.clients.incident_file import IncidentFile
from fleetui.control.file_lock import FileLockedError, lock_exclusively
from fleetui.control.state_dir import prepare_state_dir
from fleetui.ports.incidents import JournalError
from fleetui.ports.store import StoreError
from fleetui.wiring.session import Session

PATIENCE_S = 5.0
"""For another console that writes: it takes milliseconds unless it was stopped in the middle."""


def journal(session: Session) -> IncidentFile:
    """Opened when it is first written to."""
    return IncidentFile(session.paths.state_dir, lock=_lock, prepare=_prepare)


def _prepare(directory: Path) -> Path:
    """What keeps the directory from being used is an error of the journal: whoever writes to it knows no other."""
    try:
        return prepare_state_dir(directory)
    except StoreError as error:
        raise JournalError(str(error)) from error


def _lock(descriptor: int, path: Path) -> None:
    try:
        lock_exclusively(descriptor, path, patience_s=PATIENCE_S)
    except FileLockedError as error:
        raise JournalError(f"{error}; {error.remedy}") from error
