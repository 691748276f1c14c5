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

IDENTIFY_S = 3.0
"""For the question whose rows they are, asked of who has just answered."""

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
    lead to one cluster and answered whole the first in ``readers`` has its rows.

    ``waiting`` holds meanwhile the names of those that have not answered.
    """
    names = sorted(readers)
    unanswered = set[str]() if waiting is None else waiting
    unanswered.update(names)

    async def ask(name: str) -> _Said[R]:
        try:
            return await _one(readers[name], kind, row_type, timeout_s=timeout_s, alone=len(readers) == 1)
        finally:
            unanswered.discard(name)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(name)) for name in names]
    answers = {name: task.result() for name, task in zip(names, tasks, strict=True)}
    aliases = _aliases({name: answers[name].uid for name in readers})
    return Collected(
        rows=tuple(row for name, said in answers.items() if name not in aliases for row in said.rows),
        faults=tuple((name, said.fault) for name, said in answers.items() if said.fault is not None),
        aliases=tuple(sorted(aliases.items())),
    )


class _Said(msgspec.Struct, Generic[R]):
    """By one context."""

    rows: list[R] = msgspec.field(default_factory=list)
    fault: Fault | None = None
    uid: str = ""
    """Of the cluster; empty when it is not known."""


def _aliases(uids: Mapping[str, str]) -> dict[str, str]:
    """Which contexts lead to a cluster that an earlier one leads to: the same kube-system, as in the live picture."""
    owners: dict[str, str] = {}
    found = {name: owners.setdefault(uid, name) for name, uid in uids.items() if uid}
    return {name: owner for name, owner in found.items() if owner != name}


async def _one(
    open_reader: Callable[[], ClusterReader], kind: Kind, row_type: type[R], *, timeout_s: float, alone: bool
) -> _Said[R]:
    said: _Said[R] = _Said()
    try:
        reader = open_reader()
    except ClusterError as error:
        said.fault = error.fault
        return said
    try:
        async with asyncio.timeout(timeout_s):
            async for page in reader.list_all(kind, preview=False):
                said.rows.extend(item for item in page.items if isinstance(item, row_type))
        if not alone:
            said.uid = await _uid(reader)
    except ClusterError as error:
        said.fault = error.fault
    except TimeoutError:
        said.fault = reader.held_up or timed_out(timeout_s)
    finally:
        with suppress(ClusterError):
            await reader.close()
    return said


async def _uid(reader: ClusterReader) -> str:
    """Empty without an answer: then the rows are its own, for none is left out because of what is not known."""
    with suppress(ClusterError, TimeoutError):
        async with asyncio.timeout(IDENTIFY_S):
            return (await reader.identify()).uid
    return ""


def fault_lines(faults: Sequence[tuple[str, Fault]]) -> list[str]:
    """For standard error: whose answer is missing, why, and what to do about it."""
    return [_fault_line(name, fault) for name, fault in faults]


def _fault_line(name: str, fault: Fault) -> str:
    word = fault.word if fault.word != name else ""
    why = "; ".join(filter(None, (fault.detail, fault.remedy)))
    return ": ".join(filter(None, (name, word, why)))
