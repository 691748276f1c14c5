"""One list from every cluster at once: each has its own time, its own failure, and costs the others nothing."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

import msgspec

from fleetui.cli.settle import timed_out
from fleetui.model.fault import ClusterError, Fault
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.ports.reader import ClusterReader, Kind

R = TypeVar("R", Machine, Pod)

Readers = Mapping[str, Callable[[], ClusterReader]]
"""By display name; opening one may raise ClusterError (a kubeconfig entry that cannot be used)."""


class Collected(msgspec.Struct, Generic[R], frozen=True):
    rows: tuple[R, ...]
    faults: tuple[tuple[str, Fault], ...]
    """(cluster, what was wrong); its rows, if any came, are incomplete."""
    aliases: tuple[tuple[str, str], ...] = ()
    """(cluster, the one that it is): two contexts that lead to one cluster, whose rows are there once."""


async def collect(
    readers: Readers, kind: Kind, row_type: type[R], *, timeout_s: float, waiting: set[str] | None = None
) -> Collected[R]:
    """All rows of a kind, in the order of the clusters' names. Never raises for a cluster's sake. Of two contexts that
    lead to one cluster the first in ``readers`` that answered whole has its rows.

    ``waiting`` holds meanwhile the names of those that have not answered.
    """
    names = sorted(readers)
    unanswered = set[str]() if waiting is None else waiting
    unanswered.update(names)

    async def ask(name: str) -> tuple[list[R], Fault | None]:
        try:
            return await _one(readers[name], kind, row_type, timeout_s=timeout_s)
        finally:
            unanswered.discard(name)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(name)) for name in names]
    answers = {name: task.result() for name, task in zip(names, tasks, strict=True)}
    whole_first = sorted(readers, key=lambda name: answers[name][1] is not None)
    aliases = _aliases({name: answers[name][0] for name in whole_first})
    return Collected(
        rows=tuple(row for name, (rows, _) in answers.items() if name not in aliases for row in rows),
        faults=tuple((name, fault) for name, (_, fault) in answers.items() if fault is not None),
        aliases=tuple(sorted(aliases.items())),
    )


def _aliases(found: Mapping[str, Sequence[Machine | Pod]]) -> dict[str, str]:
    """Which clusters are an earlier one: a UID is of one object in one cluster (Kubernetes: object names and IDs)."""
    if len(found) < 2:
        return {}
    owners: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for name, rows in found.items():
        for row in rows:
            owner = owners.setdefault(row.uid, name) if row.uid else name
            if owner != name:
                aliases[name] = owner
    return aliases


async def _one(
    open_reader: Callable[[], ClusterReader], kind: Kind, row_type: type[R], *, timeout_s: float
) -> tuple[list[R], Fault | None]:
    rows: list[R] = []
    try:
        reader = open_reader()
    except ClusterError as error:
        return rows, error.fault
    try:
        async with asyncio.timeout(timeout_s):
            async for page in reader.list_all(kind, preview=False):
                rows.extend(item for item in page.items if isinstance(item, row_type))
    except ClusterError as error:
        return rows, error.fault
    except TimeoutError:
        return rows, reader.held_up or timed_out(timeout_s)
    finally:
        with suppress(ClusterError):
            await reader.close()
    return rows, None


def fault_lines(faults: Sequence[tuple[str, Fault]]) -> list[str]:
    """For standard error: whose answer is missing, why, and what to do about it."""
    return [_fault_line(name, fault) for name, fault in faults]


def _fault_line(name: str, fault: Fault) -> str:
    word = fault.word if fault.word != name else ""
    why = "; ".join(filter(None, (fault.detail, fault.remedy)))
    return ": ".join(filter(None, (name, word, why)))
