"""Groups by cluster and name, their order, and the figures of the headline."""

import random
from itertools import permutations

from fleetui.model.alerts.alert import Ack, Hush, Phase
from fleetui.model.alerts.grouping import Loud, Tally, grouped, loudest, order, total
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.picture import Delta
from tests.model.alerts.samples import NOW, alert, labels


def test_loud_pages_first_then_what_fires_then_the_oldest_and_the_hushed_below() -> None:
    wanted = [
        alert("old page", call=Call.PAGE, firing_since=NOW - 900),
        alert("page that nobody could hush", call=Call.PAGE, firing_since=NOW - 800, hush=Hush.UNKNOWN),
        alert("new page", call=Call.PAGE, firing_since=NOW - 10),
        alert("page of no known age", call=Call.PAGE, firing_since=None, since=None),
        alert("unknown page", call=Call.PAGE, phase=Phase.UNKNOWN),
        alert("pending page", call=Call.PAGE, phase=Phase.PENDING),
        alert("ticket", firing_since=NOW - 9000),
        alert("info", call=Call.INFO),
        alert("acked page", call=Call.PAGE, hush=Hush.ACKED),
        alert("silenced ticket", hush=Hush.SILENCED),
        alert("unseen", call=Call.PAGE, phase=Phase.ENDED_UNSEEN),
        alert("resolved page", call=Call.PAGE, phase=Phase.RESOLVED),
    ]

    assert [row.name for row in sorted(random.Random(7).sample(wanted, len(wanted)), key=order)] == [
        row.name for row in wanted
    ]


def test_a_group_counts_what_is_loud_and_has_the_most_urgent_first() -> None:
    rows = [
        alert(labels=labels(node="1"), since=NOW - 60),
        alert(labels=labels(node="2"), hush=Hush.ACKED, ack=Ack("s", "ana", NOW + 60, ""), call=Call.PAGE),
        alert(labels=labels(node="3"), phase=Phase.PENDING, since=None),
    ]
    (group,) = grouped(rows)

    assert (group.cluster, group.name, group.call, group.loud) == ("eu-1", "Broken", Call.PAGE, 1)
    assert group.alerts[0] is rows[0]
    assert set(group.alerts) == set(rows)


def test_groups_are_ordered_by_their_most_urgent_alert_however_they_come() -> None:
    rows = [
        alert("A", "eu-1"),
        alert("B", "eu-1", call=Call.PAGE),
        alert("C", "eu-1", call=Call.PAGE, hush=Hush.SILENCED),
        alert("A", "us-1"),
        alert("Watchdog", call=Call.PLUMBING),
    ]
    keys = {tuple(f"{group.cluster}/{group.name}" for group in grouped(some)) for some in permutations(rows)}
    assert keys == {("eu-1/B", "eu-1/A", "us-1/A", "eu-1/C")}


def test_the_headline_counts_what_is_loud() -> None:
    rows = [
        alert("1", call=Call.PAGE),
        alert("2", call=Call.PAGE, hush=Hush.ACKED),
        alert("3", call=Call.PAGE, phase=Phase.UNKNOWN),
        alert("4", hush=Hush.UNKNOWN),
        alert("5", phase=Phase.PENDING),
        alert("6", call=Call.INFO),
        alert("7", phase=Phase.RESOLVED),
        alert("Watchdog", call=Call.PLUMBING),
    ]
    found = total(rows)
    assert (found.pages, found.tickets, found.infos) == (2, 1, 1)
    assert (found.pending, found.unknown, found.hushed) == (1, 1, 1)
    assert found.acked_pages == 1


def test_a_tally_kept_from_change_to_change_says_what_a_count_of_all_says() -> None:
    chance, tally, rows = random.Random(3), Tally(), {}
    for _ in range(300):
        some = {
            str(chance.randrange(20)): alert(
                call=chance.choice(list(Call)), phase=chance.choice(list(Phase)), hush=chance.choice(list(Hush))
            )
            for _ in range(chance.randrange(5))
        }
        gone, reset = [str(chance.randrange(20))], chance.random() < 0.02
        rows = {} if reset else {key: row for key, row in rows.items() if key not in gone}
        rows |= some
        tally.take(Delta(tuple(some.items()), tuple(gone), reset))
        assert tally.total == total(rows.values())


def test_the_largest_groups_by_what_is_loud_in_them() -> None:
    rows = [
        *(alert("Few", "eu-1", call=Call.PAGE) for _ in range(2)),
        *(alert("Many", "us-1") for _ in range(4)),
        alert("Many", "us-1", call=Call.PAGE),
        *(alert("Many", "us-2", call=Call.INFO) for _ in range(2)),
        *(alert("Hushed", "eu-1", hush=Hush.SILENCED) for _ in range(9)),
        alert("Over", "eu-1", phase=Phase.RESOLVED),
        *(alert("Watchdog", "eu-1", call=Call.PLUMBING) for _ in range(9)),
    ]
    wanted = (Loud("us-1", "Many", Call.PAGE, 5), Loud("eu-1", "Few", Call.PAGE, 2), Loud("us-2", "Many", Call.INFO, 2))
    for _ in range(5):
        random.Random(1).shuffle(rows)
        assert loudest(rows, 9) == wanted
        assert loudest(rows, 2) == wanted[:2]
