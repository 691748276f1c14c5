"""What a process and its children cost, read from /proc."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """`rss` and `pss` in bytes, summed over the tree; `cpu` in seconds since its start."""

    rss: int
    pss: int
    cpu: float


def cost_of(pid: int) -> Cost:
    """The cost of `pid` and its living descendants."""
    tree = [pid, *descendants(pid)]
    memory = [_memory(each) for each in tree]
    return Cost(sum(rss for rss, _ in memory), sum(pss for _, pss in memory), sum(_cpu(each) for each in tree))


def load_of(pid: int, seconds: float) -> float:
    """The share of one core used over `seconds`: 0.02 is two per cent."""
    before, started = cost_of(pid).cpu, time.monotonic()
    time.sleep(seconds)
    return (cost_of(pid).cpu - before) / (time.monotonic() - started)


def descendants(pid: int) -> list[int]:
    try:
        children = [
            int(child)
            for thread in Path(f"/proc/{pid}/task").iterdir()
            for child in (thread / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return children + [below for child in children for below in descendants(child)]


def _memory(pid: int) -> tuple[int, int]:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    return kilobytes.get("Rss", 0) * 1024, kilobytes.get("Pss", 0) * 1024


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK
