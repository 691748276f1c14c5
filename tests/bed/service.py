"""What the real programs of the bed have in common: a folder, loopback ports that stay theirs, processes, an end."""

import atexit
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self, TypeVar

from tests.bed.ports import Port
from tests.bed.process import Process

T = TypeVar("T")
START_WITHIN = 60.0  # seconds; two or three on an idle machine
_LIVE: "weakref.WeakSet[Service]" = weakref.WeakSet()


class ServiceError(RuntimeError):
    """A program of the bed did not do what the bed needs; the text carries the end of its log."""


class Service:
    """Some processes that belong together, ready when the constructor returns; `close` ends them.

    Subclasses start their processes in `start_all`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix=f"fleetui-bed-{name}-"))
        self.processes: dict[str, Process] = {}
        self._ports: dict[str, Port] = {}
        _LIVE.add(self)
        try:
            self.start_all()
        except BaseException:
            self.close()
            raise

    def start_all(self) -> None:
        """Start every process and return when they are ready."""
        raise NotImplementedError

    def port_of(self, purpose: str = "http") -> int:
        """The port of that purpose: reserved at the first call, then always the same, also while nobody listens."""
        if purpose not in self._ports:
            self._ports[purpose] = Port()
        return self._ports[purpose].number

    def run(self, part: str, argv: list[object], env: Mapping[str, str] | None = None) -> Process:
        """Start `argv` as `part`, in a home of its own and without proxies: all traffic is loopback."""
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8", **(env or {})}
        process = Process([str(arg) for arg in argv], self.folder / f"{part}.log", clean)
        self.processes[part] = process
        process.start()
        return process

    def until(
        self, attempt: Callable[[], T | None], what: str, *, part: str | None = None, within: float = START_WITHIN
    ) -> T:
        """The first answer of `attempt` that is not None.

        Raises ServiceError with `what` after `within` seconds, or as soon as the process `part` has ended.
        """
        deadline = time.monotonic() + within
        while (found := attempt()) is None:
            if part is not None and not self.processes[part].alive:
                raise ServiceError(f"{part} of {self.name} ended\n{self.processes[part].tail()}")
            if time.monotonic() > deadline:
                log = self.processes[part].tail() if part else ""
                raise ServiceError(f"{self.name}: not within {within:g} s: {what}\n{log}")
            time.sleep(0.02)
        return found

    def close(self) -> None:
        """End every process and remove every file. May be called twice."""
        for process in reversed(self.processes.values()):
            process.kill()
        for port in self._ports.values():
            port.release()
        shutil.rmtree(self.folder, ignore_errors=True)
        _LIVE.discard(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@atexit.register
def _close_all() -> None:
    for service in list(_LIVE):
        service.close()
