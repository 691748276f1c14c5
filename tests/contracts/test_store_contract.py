"""One behaviour for every operation store: the memory store, the embedded one, and the embedded one over two processes'
worth of connections (every call goes through another one)."""

import random
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest

from fleetui.control.memory_store import MemoryStore
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model.journal import RequestKind
from fleetui.ports.store import (
    RECORD_LIMIT,
    ClaimHeldError,
    DuplicateOperationError,
    FencedError,
    OperationStore,
    RecordTooLargeError,
    SequenceError,
    StoreError,
    UnknownOperationError,
)
from tests.control.samples import BEN, StillClock, note, request, submission


class Alternating:
    """Sends each call to the next of several connections to the same file; ``changes`` keeps to the first, as its
    cheapness is per connection."""

    def __init__(self, *stores: SqliteStore) -> None:
        self._turns = cycle(stores)
        self.changes = stores[0].changes

    def __getattr__(self, name: str) -> object:
        return getattr(next(self._turns), name)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture(params=["memory", "sqlite", "sqlite-two-connections"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: StillClock) -> Iterator[OperationStore]:
    if request.param == "memory":
        yield MemoryStore(clock)
        return
    path = tmp_path / "state" / "operations.db"
    connections = [SqliteStore(path, clock) for _ in range(2 if "two" in request.param else 1)]
    yield Alternating(*connections) if len(connections) > 1 else connections[0]
    for connection in connections:
        connection.close()


def test_a_submission_comes_back_as_it_was(store: OperationStore) -> None:
    assert store.submit(submission("OP1"), "key-1") == "OP1"
    stored = store.load("OP1")
    assert (stored.submission, stored.requests, stored.records) == (submission("OP1"), (), ())
    assert (stored.holder, stored.fence) == ("", 0)


def test_the_same_key_is_the_same_operation(store: OperationStore) -> None:
    store.submit(submission("OP1"), "key-1")
    assert store.submit(submission("OP2"), "key-1") == "OP1"
    assert store.list_ids() == ("OP1",)
    with pytest.raises(UnknownOperationError):
        store.load("OP2")


def test_an_operation_id_is_used_once(store: OperationStore) -> None:
    store.submit(submission("OP1", at=1.0), "key-1")
    with pytest.raises(DuplicateOperationError):
        store.submit(submission("OP1", at=2.0), "key-2")
    assert store.load("OP1").submission.at == 1.0
    assert store.submit(submission("OP3"), "key-2") == "OP3", "a refused submission does not use its key up"


def test_newest_operations_come_first(store: OperationStore) -> None:
    for name in ("OPb", "OPa", "OPc"):
        store.submit(submission(name), f"key of {name}")
    assert store.list_ids() == ("OPc", "OPa", "OPb")


def test_what_is_not_there_is_said(store: OperationStore) -> None:
    for call in (
        lambda: store.load("none"),
        lambda: store.claim("none", "h", 1.0),
        lambda: store.append("none", 1, 0, note("x")),
        lambda: store.request("none", request()),
    ):
        with pytest.raises(UnknownOperationError):
            call()


def test_a_claim_keeps_others_out_until_it_expires(store: OperationStore, clock: StillClock) -> None:
    store.submit(submission(), "k")
    assert store.claim("OP1", "first", 10.0) == 1
    with pytest.raises(ClaimHeldError) as held:
        store.claim("OP1", "second", 10.0)
    assert (held.value.holder, held.value.expires) == ("first", clock.time + 10.0)
    clock.time += 10.0
    assert store.claim("OP1", "second", 10.0) == 2
    stored = store.load("OP1")
    assert (stored.holder, stored.fence, stored.claim_expires) == ("second", 2, clock.time + 10.0)


def test_a_holder_renews_and_keeps_its_fence(store: OperationStore, clock: StillClock) -> None:
    store.submit(submission(), "k")
    store.claim("OP1", "first", 10.0)
    clock.time += 8.0
    assert store.claim("OP1", "first", 10.0) == 1
    clock.time += 8.0
    with pytest.raises(ClaimHeldError):
        store.claim("OP1", "second", 10.0)
    clock.time += 8.0
    assert store.claim("OP1", "first", 10.0) == 1, "expired, but nobody else came"


def test_claims_are_per_operation(store: OperationStore) -> None:
    store.submit(submission("OP1"), "k1")
    store.submit(submission("OP2"), "k2")
    store.claim("OP1", "first", 10.0)
    assert store.claim("OP2", "second", 10.0) == 1


def test_records_follow_each_other(store: OperationStore) -> None:
    store.submit(submission(), "k")
    fence = store.claim("OP1", "h", 10.0)
    assert [store.append("OP1", fence, n, note(f"n{n}")) for n in range(3)] == [1, 2, 3]
    assert store.load("OP1").records == (note("n0"), note("n1"), note("n2"))


@pytest.mark.parametrize("wrong", [0, 1, 3, -1])
def test_a_record_out_of_sequence_is_refused(store: OperationStore, wrong: int) -> None:
    store.submit(submission(), "k")
    fence = store.claim("OP1", "h", 10.0)
    for n in range(2):
        store.append("OP1", fence, n, note(f"n{n}"))
    with pytest.raises(SequenceError):
        store.append("OP1", fence, wrong, note("late"))
    assert len(store.load("OP1").records) == 2


def test_an_old_fence_writes_nothing(store: OperationStore, clock: StillClock) -> None:
    store.submit(submission(), "k")
    old = store.claim("OP1", "first", 10.0)
    store.append("OP1", old, 0, note("mine"))
    clock.time += 11.0
    assert store.append("OP1", old, 1, note("late, but nobody else came")) == 2
    new = store.claim("OP1", "second", 10.0)
    for sequence in (2, 7):  # fenced even with a wrong number: it must not learn that another number would do
        with pytest.raises(FencedError):
            store.append("OP1", old, sequence, note("too late"))
    store.append("OP1", new, 2, note("theirs"))
    assert [record.text for record in store.load("OP1").records][-1] == "theirs"  # type: ignore[union-attr]


@pytest.mark.parametrize("fence", [0, -1, 2])
def test_a_fence_that_was_never_given_is_refused(store: OperationStore, fence: int) -> None:
    store.submit(submission(), "k")
    with pytest.raises(FencedError):
        store.append("OP1", fence, 0, note("x"))
    store.claim("OP1", "h", 10.0)
    with pytest.raises(FencedError):
        store.append("OP1", fence, 0, note("x"))


def test_a_record_has_a_limit_in_bytes(store: OperationStore) -> None:
    store.submit(submission(), "k")
    fence = store.claim("OP1", "h", 10.0)
    room = RECORD_LIMIT - len('{"type":"note","text":"","at":3.0}')
    with pytest.raises(RecordTooLargeError):
        store.append("OP1", fence, 0, note("é" * (room // 2 + 1)))
    assert store.load("OP1").records == ()
    assert store.append("OP1", fence, 0, note("é" * (room // 2))) == 1


def test_requests_keep_their_order_and_need_no_claim(store: OperationStore) -> None:
    store.submit(submission(), "k")
    store.claim("OP1", "h", 10.0)
    wishes = tuple(request(kind, by=BEN, at=float(n), digest="d") for n, kind in enumerate(RequestKind))
    for wish in wishes:
        store.request("OP1", wish)
    assert store.load("OP1").requests == wishes


def test_only_the_later_records_can_be_loaded(store: OperationStore) -> None:
    store.submit(submission(), "k")
    fence = store.claim("OP1", "h", 10.0)
    for n in range(4):
        store.append("OP1", fence, n, note(f"n{n}"))
    stored = store.load("OP1", from_seq=3)
    assert (stored.first_seq, stored.records) == (3, (note("n3"),))
    assert store.load("OP1", from_seq=4).records == ()


def test_changes_name_what_is_new_once(store: OperationStore) -> None:
    store.submit(submission("OP1"), "k1")
    store.submit(submission("OP2"), "k2")
    first = store.changes(0)
    assert first.op_ids == ("OP1", "OP2")
    assert store.changes(first.cursor).op_ids == ()
    fence = store.claim("OP1", "h", 10.0)
    store.append("OP1", fence, 0, note("x"))
    store.request("OP1", request())
    second = store.changes(first.cursor)
    assert second.op_ids == ("OP1",)
    assert second.cursor > first.cursor
    assert store.changes(0).op_ids == ("OP2", "OP1"), "what changed last is at the end"


@pytest.mark.parametrize("act", ["submit", "request", "record", "claim"])
def test_each_kind_of_news_is_a_change(store: OperationStore, act: str) -> None:
    store.submit(submission("OP1"), "k1")
    fence = store.claim("OP1", "h", 0.0)
    cursor = store.changes(0).cursor
    acts = {
        "submit": lambda: store.submit(submission("OP2"), "k2"),
        "request": lambda: store.request("OP1", request()),
        "record": lambda: store.append("OP1", fence, 0, note("x")),
        "claim": lambda: store.claim("OP1", "another", 10.0),
    }
    acts[act]()
    assert store.changes(cursor).op_ids == ("OP2" if act == "submit" else "OP1",)


def test_what_writes_nothing_new_is_no_change(store: OperationStore) -> None:
    store.submit(submission("OP1"), "k1")
    fence = store.claim("OP1", "h", 10.0)
    cursor = store.changes(0).cursor
    store.claim("OP1", "h", 20.0)
    store.submit(submission("OP2"), "k1")
    for refused in (
        lambda: store.append("OP1", fence + 1, 0, note("x")),
        lambda: store.append("OP1", fence, 5, note("x")),
        lambda: store.claim("OP1", "another", 1.0),
    ):
        with pytest.raises(StoreError):
            refused()
    assert store.changes(cursor) == type(store.changes(cursor))(cursor, ())


def test_a_reader_that_falls_behind_misses_nothing(store: OperationStore) -> None:
    for n in range(5):
        store.submit(submission(f"OP{n}"), f"k{n}")
    cursor = store.changes(0).cursor
    for n in (3, 1, 3):
        store.request(f"OP{n}", request())
    assert store.changes(cursor).op_ids == ("OP1", "OP3")
    assert store.changes(cursor).op_ids == ("OP1", "OP3"), "asking does not consume"


def test_hostile_text_comes_back_unchanged(store: OperationStore) -> None:
    store.submit(submission(), "k'); DROP TABLE records; --")
    fence = store.claim("OP1", 'h"\n\x1b[31m', 10.0)
    text = "a\x00b\x1b]0;x\x07 'quote' \u202e \U0001f512 é"
    store.append("OP1", fence, 0, note(text))
    assert store.load("OP1").records == (note(text),)
    assert store.load("OP1").holder == 'h"\n\x1b[31m'


@pytest.mark.parametrize("seed", range(25))
def test_random_interleavings_keep_the_promises(store: OperationStore, clock: StillClock, seed: int) -> None:
    """Three holders and two people at work at random on three operations, against what was acknowledged to them."""
    chance = random.Random(seed)
    written: dict[str, list[str]] = {}
    fences: dict[tuple[str, str], int] = {}
    newest: dict[str, int] = {}
    known: set[str] = set()
    cursor = 0
    for turn in range(150):
        op_id = f"OP{chance.randrange(3)}"
        holder = f"holder-{chance.randrange(3)}"
        clock.time += chance.choice((0.0, 0.0, 1.0, 6.0))
        act = chance.choice(("submit", "claim", "append", "append", "append", "append", "request", "look"))
        try:
            if act == "submit":
                assert store.submit(submission(op_id), f"key of {op_id}") == op_id
                written.setdefault(op_id, [])
                known.add(op_id)
            elif act == "claim":
                fence = store.claim(op_id, holder, 5.0)
                assert fence >= newest.get(op_id, 0)
                assert fence == fences.get((op_id, holder)) or fence == newest.get(op_id, 0) + 1
                fences[op_id, holder] = newest[op_id] = fence
            elif act == "append":
                fence = fences.get((op_id, holder), chance.randrange(3))
                sequence = len(written.get(op_id, ())) + chance.choice((0, 0, 0, 0, -1, 1))
                after = store.append(op_id, fence, sequence, note(f"turn {turn}"))
                assert fence == newest[op_id]
                assert after == sequence + 1 == len(written[op_id]) + 1
                written[op_id].append(f"turn {turn}")
            elif act == "request":
                store.request(op_id, request(at=float(turn)))
            else:
                changes = store.changes(cursor)
                assert changes.cursor >= cursor
                cursor = changes.cursor
        except UnknownOperationError:
            assert op_id not in known
        except ClaimHeldError as held:
            assert held.holder != holder  # noqa: PT017 - one of the answers that a call may give
            assert held.expires > clock.time  # noqa: PT017
        except FencedError:
            assert fence != newest.get(op_id, -1)
        except SequenceError:
            assert sequence != len(written[op_id])
    for op_id, texts in written.items():
        assert [record.text for record in store.load(op_id).records] == texts  # type: ignore[union-attr]
    assert set(store.changes(0).op_ids) == known == set(store.list_ids())
