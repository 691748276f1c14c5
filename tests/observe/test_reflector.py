"""List and watch without I/O: whatever order, however often, wherever it is cut, the rows end up as the server's."""

import random

import pytest

from fleetui.model.pod import Pod
from fleetui.observe import reflector
from fleetui.observe.reflector import Changeset, Reflector, older
from fleetui.ports.reader import Change, ChangeType
from tests.observe.fleets import pod


class Rows:
    """A reflector with the rows that its changesets make."""

    def __init__(self) -> None:
        self.rows: dict[str, Pod] = {}
        self.core: Reflector[Pod] = Reflector(cluster="a", rows=self.rows)

    def apply(self, changes: Changeset[Pod]) -> None:
        self.rows.update(changes.upserts)
        for row_id in changes.removes:
            self.rows.pop(row_id, None)

    def list(self, *pages: tuple[int, list[Pod]]) -> None:
        self.core.begin_list()
        for version, items in pages:
            self.core.page(str(version))
            self.apply(self.core.rows(items))
        self.apply(self.core.end_list())

    def watch(self, *batch: Change) -> None:
        self.apply(self.core.changes(batch))
        self.core.applied(batch)

    @property
    def state(self) -> dict[str, str]:
        return {row.uid: row.status for row in self.rows.values()}


def at(version: int, number: int = 1, status: str = "Running") -> Pod:
    return pod(number, status, cluster="a", resource_version=str(version))


def change(kind: str, version: int, number: int = 1, status: str = "Running") -> Change:
    return Change(type=ChangeType(kind), resource_version=str(version), item=at(version, number, status))


def bookmark(version: int) -> Change:
    return Change(type=ChangeType.BOOKMARK, resource_version=str(version))


def test_versions_are_compared_as_numbers_and_only_if_they_are() -> None:
    assert older("9", "10")
    assert not older("10", "9")
    assert not older("9", "9")
    assert not older("x9", "10")
    assert not older("9", "")
    assert not older("²", "10")


def test_a_first_list_starts_the_watch_at_the_lowest_page() -> None:
    rows = Rows()
    assert rows.core.position is None
    rows.list((120, [at(100, 1)]), (90, [at(80, 2)]), (130, [at(129, 3)]))
    assert rows.core.position == "90"
    assert set(rows.state) == {"pod-1", "pod-2", "pod-3"}


def test_a_relist_keeps_the_rows_until_its_end_and_drops_the_gone_ones_then() -> None:
    rows = Rows()
    rows.list((10, [at(1, 1), at(2, 2)]))
    rows.core.begin_list()
    rows.core.page("20")
    rows.apply(rows.core.rows([at(15, 3)]))
    assert set(rows.state) == {"pod-1", "pod-2", "pod-3"}
    assert rows.core.position is None
    rows.apply(rows.core.rows([at(2, 2)]))
    rows.apply(rows.core.end_list())
    assert set(rows.state) == {"pod-2", "pod-3"}
    assert rows.core.position == "20"


def test_a_list_is_authority_even_when_its_versions_are_lower() -> None:
    """A cluster restored from a backup starts again at old versions; its rows must not stay as they were."""
    rows = Rows()
    rows.list((500, [at(490, 1, "Running")]))
    rows.watch(change("DELETED", 495, 2))
    rows.list((50, [at(40, 1, "Pending"), at(41, 2, "Pending")]))
    assert rows.state == {"pod-1": "Pending", "pod-2": "Pending"}
    assert rows.core.position == "50"


def test_a_list_that_was_broken_off_says_nothing_about_the_next() -> None:
    rows = Rows()
    rows.list((10, [at(5, 1)]))
    rows.core.begin_list()
    rows.core.page("20")
    rows.apply(rows.core.rows([at(5, 1), at(15, 2, "Running")]))
    rows.list((8, [at(7, 2, "Pending")]))
    assert rows.state == {"pod-2": "Pending"}
    assert rows.core.position == "8"


def test_a_list_forgets_the_deletions_before_it() -> None:
    """After a restore from a backup versions start lower: what was deleted lives, and goes on living."""
    rows = Rows()
    rows.list((500, [at(490)]))
    rows.watch(change("DELETED", 495))
    rows.list((50, [at(40, 1, "Pending")]))
    rows.watch(change("MODIFIED", 60, 1, "Running"))
    assert rows.state == {"pod-1": "Running"}


def test_a_row_in_two_pages_keeps_its_newer_state() -> None:
    rows = Rows()
    newer, older_one = (120, [at(118, 1, "Running")]), (90, [at(80, 1, "Pending")])
    for pages in ((newer, older_one), (older_one, newer)):
        rows.list(*pages)
        assert rows.state == {"pod-1": "Running"}


def test_bookmarks_and_events_move_the_position_forward_only() -> None:
    rows = Rows()
    rows.list((10, []))
    rows.watch(bookmark(40), change("ADDED", 45, 1))
    rows.watch(change("ADDED", 30, 2))
    assert rows.core.position == "45"
    assert set(rows.state) == {"pod-1", "pod-2"}


def test_without_a_position_there_is_none_to_watch_from() -> None:
    rows = Rows()
    rows.list((10, []))
    rows.core.gone()
    assert rows.core.position is None
    rows.list()
    assert rows.core.position is None


def test_a_batch_that_was_not_applied_does_not_move_the_position() -> None:
    rows = Rows()
    rows.list((10, []))
    rows.core.changes([change("ADDED", 45, 1)])
    assert rows.core.position == "10"


def test_a_deleted_uid_does_not_come_back_from_a_replay() -> None:
    rows = Rows()
    rows.list((10, []))
    rows.watch(change("ADDED", 11), change("DELETED", 13))
    rows.watch(change("MODIFIED", 12))
    assert rows.state == {}


def test_the_state_that_was_deleted_does_not_come_back() -> None:
    """Servers of old put the version of the last change on a deletion, not that of the deletion."""
    rows = Rows()
    rows.list((10, []))
    rows.watch(change("ADDED", 11), change("DELETED", 11))
    rows.watch(change("MODIFIED", 11))
    assert rows.state == {}
    rows.watch(change("ADDED", 12))
    assert rows.state == {"pod-1": "Running"}


def test_in_one_batch_and_over_two_a_row_only_moves_to_a_newer_version() -> None:
    rows = Rows()
    rows.list((10, []))
    rows.watch(change("MODIFIED", 13, 1, "Running"), change("MODIFIED", 12, 1, "Pending"))
    assert rows.state == {"pod-1": "Running"}
    rows.watch(change("MODIFIED", 11, 1, "Pending"))
    assert rows.state == {"pod-1": "Running"}


def test_versions_in_no_known_order_come_in_the_order_of_the_server() -> None:
    def opaque(version: str, status: str) -> Change:
        item = pod(1, status, cluster="a", resource_version=version)
        return Change(type=ChangeType.MODIFIED, resource_version=version, item=item)

    rows = Rows()
    rows.list((10, []))
    rows.watch(opaque("x9", "Pending"))
    rows.watch(opaque("x1", "Running"))
    assert (rows.state, rows.core.position) == ({"pod-1": "Running"}, "x1")


def test_a_change_without_a_version_leaves_the_position() -> None:
    rows = Rows()
    rows.list((10, []))
    rows.watch(Change(type=ChangeType.BOOKMARK, resource_version=""))
    assert rows.core.position == "10"


def test_only_so_many_deletions_are_remembered_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reflector, "TOMBSTONES", 2)
    rows = Rows()
    rows.list((10, []))
    rows.watch(*[change("DELETED", 20 + number, number) for number in (1, 2, 3)])
    rows.watch(*[change("MODIFIED", 15, number) for number in (1, 2, 3)])
    assert rows.state == {"pod-1": "Running"}


def test_a_change_without_a_uid_is_counted_and_left_out() -> None:
    rows = Rows()
    rows.list((10, []))
    nameless = pod(1, cluster="a", uid="", resource_version="11")
    rows.watch(Change(type=ChangeType.ADDED, resource_version="11", item=nameless), change("ADDED", 12, 2))
    assert (set(rows.state), rows.core.undecodable, rows.core.position) == ({"pod-2"}, 1, "12")


def test_what_has_no_uid_is_counted_and_left_out_of_each_list_anew() -> None:
    rows = Rows()
    rows.core.begin_list()
    rows.core.page("4", 7)
    rows.core.begin_list()
    rows.core.page("5", 2)
    rows.apply(rows.core.rows([pod(1, cluster="a", uid="")]))
    assert (rows.state, rows.core.undecodable) == ({}, 3)


def test_an_event_that_cannot_be_read_is_counted() -> None:
    rows = Rows()
    rows.list((10, [at(5)]))
    rows.watch(Change(type=ChangeType.BOOKMARK, resource_version="11", undecodable=True))
    assert (rows.core.undecodable, rows.core.position, rows.state) == (1, "11", {"pod-1": "Running"})


def test_a_row_of_another_cluster_is_a_defect() -> None:
    rows = Rows()
    rows.core.begin_list()
    with pytest.raises(ValueError, match="arrived on the feed of 'a'"):
        rows.core.rows([pod(1, cluster="b")])


def life(chance: random.Random) -> tuple[list[Change], dict[str, str]]:
    """Lives of twenty pods in the server's order, and what is there at the end."""
    alive: dict[int, str] = {}
    changes, born = [], 0
    for version in range(100, 100 + chance.randrange(20, 120)):
        choice = chance.random()
        if choice < 0.3 or not alive:
            born += 1
            alive[born] = "Pending"
            changes.append(change("ADDED", version, born, "Pending"))
        elif choice < 0.5:
            number = chance.choice(sorted(alive))
            changes.append(change("DELETED", version, number, alive.pop(number)))
        else:
            number = chance.choice(sorted(alive))
            alive[number] = f"state-{version}"
            changes.append(change("MODIFIED", version, number, alive[number]))
    return changes, {f"pod-{number}": status for number, status in alive.items()}


@pytest.mark.parametrize("seed", range(200))
def test_any_order_with_duplicates_ends_the_same(seed: int) -> None:
    chance = random.Random(seed)
    changes, expected = life(chance)
    shuffled = changes + chance.choices(changes, k=len(changes) // 2)
    chance.shuffle(shuffled)
    rows = Rows()
    rows.list((99, []))
    while shuffled:
        size = chance.randrange(1, 9)
        rows.watch(*shuffled[:size])
        del shuffled[:size]
    assert rows.state == expected
    assert rows.core.position == changes[-1].resource_version


@pytest.mark.parametrize("seed", range(200))
def test_cut_anywhere_and_replayed_from_the_position_ends_the_same(seed: int) -> None:
    chance = random.Random(seed)
    changes, expected = life(chance)
    rows = Rows()
    rows.list((99, []))
    while int(rows.core.position or 0) < int(changes[-1].resource_version):
        coming = [entry for entry in changes if int(entry.resource_version) > int(rows.core.position or 0)]
        batch = coming[: chance.randrange(0, 15)]
        applied = rows.core.changes(batch)
        if chance.random() < 0.3:  # cut while the slices go in: some rows are there, the position is not moved
            applied.upserts = applied.upserts[: len(applied.upserts) // 2]
            applied.removes = applied.removes[: len(applied.removes) // 2]
            rows.apply(applied)
            continue
        rows.apply(applied)
        rows.core.applied(batch)
    assert rows.state == expected


@pytest.mark.parametrize("seed", range(100))
def test_a_list_of_unequal_pages_and_a_watch_from_the_lowest_ends_the_same(seed: int) -> None:
    """Per-namespace lists answer at different moments; what happened between them comes again from the watch."""
    chance = random.Random(seed)
    changes, expected = life(chance)
    rows = Rows()
    pages = []
    for remainder in range(3):
        upto = chance.choice(changes).resource_version
        alive: dict[str, Pod] = {}
        for entry in changes:
            assert isinstance(entry.item, Pod)
            if int(entry.resource_version) > int(upto) or int(entry.item.uid.split("-")[1]) % 3 != remainder:
                continue
            alive[entry.item.uid] = entry.item
            if entry.type is ChangeType.DELETED:
                del alive[entry.item.uid]
        pages.append((int(upto), list(alive.values())))
    rows.list(*pages)
    rows.watch(*[entry for entry in changes if int(entry.resource_version) > int(rows.core.position or 0)])
    assert rows.state == expected
