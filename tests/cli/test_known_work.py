"""What ``get clusters`` knows of operations: the works of the store, as the console has them."""

from pathlib import Path

import pytest

from fleetui.clients.paths import paths_under
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model import journal
from fleetui.model.journal import RequestKind, Waiting
from fleetui.model.plan_pages import plan_records
from fleetui.model.work import Work
from fleetui.wiring.known_work import KnownWork
from fleetui.wiring.session import Session
from tests.control.samples import BEN, StillClock, plan, request, submission

HOLD = Waiting("pod pay/api-0", "budget", "pdb pay/api allows 0", owner="Deployment/api", since=3.0)


class Picture:
    def __init__(self) -> None:
        self.told: list[tuple[Work, ...]] = []

    def tell_work(self, works: tuple[Work, ...]) -> None:
        self.told.append(works)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(paths=paths_under(tmp_path))


def test_the_works_of_the_store_are_told_once_for_each_change(session: Session) -> None:
    store, picture = SqliteStore(session.paths.operations, StillClock()), Picture()
    store.submit(submission("op-1"), "key")
    fence = store.claim("op-1", "c1", 60)
    records = [*plan_records(plan()), journal.Started("c1", fence, 2.0), journal.StepStarted("evict/wk-b-01", 2.0)]
    for number, record in enumerate(records):
        store.append("op-1", fence, number, record)
    store.request("op-1", request(RequestKind.APPROVE, by=BEN, at=12.0, digest=plan().digest))
    known = KnownWork(session)

    known.tell(picture)
    known.tell(picture)
    store.append("op-1", fence, len(records), journal.StepWaiting("evict/wk-b-01", (HOLD,), 1, 5.0))
    known.tell(picture)
    store.close()

    assert [work.words for works in picture.told for work in works] == ["drain 0/1", "drain 0/1 blocked"]


def test_no_store_is_made_where_there_is_none(session: Session) -> None:
    picture = Picture()
    KnownWork(session).tell(picture)

    assert picture.told == []
    assert not session.paths.operations.exists()


def test_a_store_that_cannot_be_opened_is_said_and_hides_nothing_else(session: Session) -> None:
    session.paths.operations.parent.mkdir(parents=True)
    session.paths.operations.write_bytes(b"no database" * 100)
    known, picture = KnownWork(session), Picture()

    known.tell(picture)
    assert known.trouble
    assert picture.told == []
