"""One list from every cluster at once: one that fails or hangs costs the others nothing and is named."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fleetui.cli.collect import collect, fault_lines
from fleetui.cli.get import Printer
from fleetui.clients.system import SystemClock
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.machine import Machine
from fleetui.ports.reader import Identity, Kind, Page

EXPIRED = Fault(kind=FaultKind.UNAUTHORIZED, word="token expired", detail="401", remedy="log in again")


def machine(cluster: str, name: str) -> Machine:
    return Machine(uid=name, name=name, cluster=cluster, status="Ready")


class Pages:
    """A reader that gives pages, then perhaps fails or hangs."""

    held_up = None

    def __init__(
        self, cluster: str, *pages: list[str], fault: Fault | None = None, hang: bool = False, uid: str | None = None
    ) -> None:
        self.name, self.pages, self.fault, self.hang, self.closed = cluster, pages, fault, hang, False
        self.uid = cluster if uid is None else uid

    async def identify(self) -> Identity:
        if self.uid == "forbidden":
            raise ClusterError(EXPIRED)
        return Identity(uid=self.uid, version="v1.36.3")

    async def list_all(self, kind: Kind, *, preview: bool = True) -> AsyncIterator[Page]:
        for names in self.pages:
            yield Page(items=tuple(machine(self.name, name) for name in names), resource_version="1")
        if self.fault:
            raise ClusterError(self.fault)
        if self.hang:
            await asyncio.Event().wait()

    async def close(self) -> None:
        self.closed = True


async def gather(*readers: Pages, **more: Any) -> tuple[list[str], dict[str, str]]:
    openers: dict[str, Any] = {reader.name: (lambda reader=reader: reader) for reader in readers}
    found = await collect(openers | more, Kind.MACHINES, Machine, timeout_s=0.05)
    return [f"{row.cluster}/{row.name}" for row in found.rows], {name: fault.word for name, fault in found.faults}


async def test_rows_come_in_the_order_of_the_clusters() -> None:
    assert await gather(Pages("b", ["1"], ["2"]), Pages("a", ["3"])) == (["a/3", "b/1", "b/2"], {})


async def test_a_failing_and_a_hanging_cluster_are_named_and_keep_what_came() -> None:
    readers = Pages("a", ["1"], fault=EXPIRED), Pages("b", ["2"], hang=True), Pages("c", ["3"])
    assert await gather(*readers) == (["a/1", "b/2", "c/3"], {"a": "token expired", "b": "timeout"})
    assert all(reader.closed for reader in readers)


async def aliased(*readers: Pages) -> tuple[list[str], dict[str, str]]:
    openers: dict[str, Any] = {reader.name: (lambda reader=reader: reader) for reader in readers}
    found = await collect(openers, Kind.MACHINES, Machine, timeout_s=0.05)
    return [f"{row.cluster}/{row.name}" for row in found.rows], dict(found.aliases)


async def test_two_contexts_of_one_cluster_give_its_rows_once() -> None:
    """The first of the configuration has them, as in the live picture."""
    readers = Pages("z", ["1"], ["2"], uid="u"), Pages("a", ["1", "2"], uid="u"), Pages("other", ["3"])
    assert await aliased(*readers) == (["other/3", "z/1", "z/2"], {"a": "z"})


async def test_one_that_did_not_answer_whole_hides_nobodys_rows() -> None:
    readers = Pages("z", ["1"], fault=EXPIRED, uid="u"), Pages("a", ["1"], ["2"], uid="u")
    assert await aliased(*readers) == (["a/1", "a/2", "z/1"], {})


@pytest.mark.parametrize("uid", ["", "forbidden"])
async def test_clusters_that_do_not_say_who_they_are_are_nobodys_alias(uid: str) -> None:
    assert await aliased(Pages("a", ["1"], uid=uid), Pages("b", ["1"], uid=uid)) == (["a/1", "b/1"], {})


async def test_a_row_that_another_cluster_has_too_hides_nothing() -> None:
    """An aggregating API keeps the UIDs of its members, and a liar may send any."""
    assert await aliased(Pages("liar", ["1"]), Pages("prod", ["1", "2"])) == (["liar/1", "prod/1", "prod/2"], {})


async def test_an_entry_that_cannot_be_opened_is_named() -> None:
    def broken() -> Any:
        raise ClusterError(EXPIRED)

    assert await gather(Pages("a", ["1"]), z=broken) == (["a/1"], {"z": "token expired"})


def test_a_fault_is_said_with_its_remedy() -> None:
    assert fault_lines([("east", EXPIRED)]) == ["east: token expired: 401; log in again"]


async def test_who_has_not_answered_yet_is_known_meanwhile() -> None:
    waiting: set[str] = set()
    readers: dict[str, Any] = {"a": lambda: Pages("a", ["1"]), "b": lambda: Pages("b", ["2"], hang=True)}
    work = asyncio.create_task(collect(readers, Kind.MACHINES, Machine, timeout_s=0.5, waiting=waiting))
    async with asyncio.timeout(5):
        while waiting != {"b"}:  # noqa: ASYNC110 - a set has no event to wait for
            await asyncio.sleep(0)
    await work
    assert waiting == set()


def test_many_aliases_are_one_line_that_names_a_few() -> None:
    err = io.StringIO()
    printer = Printer(to_yaml=str, clock=SystemClock(), err=err)
    printer.aliases([("b", "a")])
    printer.aliases([(f"c{number}", "a") for number in range(7)])
    printer.aliases([])
    assert err.getvalue().splitlines() == [
        "fleetui: 1 context leads to a cluster that is listed already: b (a)",
        "fleetui: 7 contexts lead to a cluster that is listed already: c0 (a), c1 (a), c2 (a), c3 (a), c4 (a), …",
    ]
