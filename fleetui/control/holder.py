"""Who a process is, so that another one can tell whether it still lives: a pid alone is soon another program's."""

import os
import socket
from pathlib import Path

import msgspec


class Holder(msgspec.Struct, frozen=True):
    """One process of one boot of one host. Its text is the holder of claims and locks."""

    host: str
    pid: int
    boot_id: str
    start: str
    """The kernel's start time of the process, clock ticks since boot."""

    def __str__(self) -> str:
        return f"{self.host}/{self.pid}/{self.boot_id[:8]}/{self.start}"


def this_process() -> Holder:
    pid = os.getpid()
    return Holder(host=socket.gethostname(), pid=pid, boot_id=boot_id(), start=start_of(pid))


def is_alive(holder: Holder) -> bool:
    """Whether exactly this process still runs here; False for one of another host or an earlier boot.

    A zombie is dead: it holds no lock and writes nothing.
    """
    if holder.boot_id != boot_id():
        return False
    return bool(holder.start) and start_of(holder.pid) == holder.start


def boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def start_of(pid: int) -> str:
    """proc(5), /proc/PID/stat, field 22; empty when there is no such process, or only its zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ""
    # The second field is the program's name in parentheses, and may hold both spaces and parentheses.
    fields = stat.rpartition(")")[2].split()
    state, start = fields[0], fields[19]
    return "" if state in "ZXx" else start
