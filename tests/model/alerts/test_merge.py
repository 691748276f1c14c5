"""What two Prometheis and two Alertmanagers say becomes one list, and nothing that either says is lost."""

import random

import pytest

from fleetui.model.alerts.alert import Ack, Alert, Hush, Phase
from fleetui.model.alerts.evidence import AlertmanagerSays, Origin, Posted, PostedState, PrometheusSays, Rule
from fleetui.model.alerts.label_set import Labels, Scheme, label_set
from fleetui.model.alerts.merge import Evidence, Memory, Reading, keys_of, merge
from fleetui.model.alerts.silence import ACK
from fleetui.model.table.alert_cells import by_text, state_text, what
from tests.model.alerts.samples import DOWN, NOW, RULE, active, alertmanager, labels, posted, prometheus, silence


def one(evidence: Evidence, reading: Reading | None = None) -> Alert:
    (row,) = merge(evidence, reading or Reading())
    return row


def test_pending_comes_from_prometheus_alone_and_says_when_it_fires() -> None:
    row = one(Evidence((prometheus(active(firing=False, active_at=NOW - 100)),), (alertmanager(),)))

    assert (row.phase, row.since, row.value, row.hush) == (Phase.PENDING, NOW - 100, 1.0, Hush.NONE)
    assert row.fires_at == NOW + 200
    assert row.firing_since is None


@pytest.mark.parametrize(
    ("hold", "interval", "after"), [(300, 30, 300), (0, 30, 0), (100, 30, 120), (90, 30, 90), (45, None, 45)]
)
def test_it_fires_at_the_first_evaluation_after_its_for(hold: float, interval: float | None, after: float) -> None:
    rule = Rule("Broken", "up == 0", hold_s=hold, interval_s=interval)

    row = one(Evidence((prometheus(active(firing=False, rule=rule, active_at=NOW)),)))
    assert row.fires_at == NOW + after


def test_without_a_rule_nobody_knows_when_it_fires() -> None:
    row = one(Evidence((prometheus(active(firing=False, rule=None)),)))
    assert (row.fires_at, row.fires_in(NOW)) == (None, None)


def test_both_sources_make_one_row_with_what_each_knows() -> None:
    post = posted(starts_at=NOW - 290, silenced_by=("x",), annotations=(("summary", "gone"),))
    row = one(Evidence((prometheus(active()),), (alertmanager(post),)))

    assert (row.phase, row.value, row.rule) == (Phase.FIRING, 1.0, RULE)
    assert (row.since, row.firing_since) == (NOW - 600, NOW - 290)
    assert (row.hush, row.silenced_by, row.receivers) == (Hush.SILENCED, ("x",), ("on-call",))
    assert (row.sources, row.alertmanagers) == (("am", "prom"), ("am",))
    assert row.annotations == (("summary", "gone"),)
    assert row.confirmed_at == NOW - 20


def test_external_labels_are_on_one_side_only() -> None:
    there = labels(node="n1", prometheus="k8s", region="eu")
    row = one(Evidence((prometheus(active(labels(node="n1"))),), (alertmanager(posted(there)),)))

    assert row.labels == there
    assert row.value == 1.0


@pytest.mark.parametrize("which", ["prometheus_replica", "__replica__"])
def test_an_ha_pair_of_prometheis_is_one_alert(which: str) -> None:
    posts = [posted(labels(**{which: name}), fingerprint=name) for name in ("a", "b")]
    pair = (
        prometheus(active(active_at=NOW - 610), name="a", at=NOW - 1),
        prometheus(active(value=3.0), name="b"),
    )
    row = one(Evidence(pair, (alertmanager(*posts),)))

    assert (row.sources, row.fingerprints) == (("a", "am", "b"), ("a", "b"))
    assert (row.since, row.value) == (NOW - 610, 3.0)
    assert which not in dict(row.labels)


@pytest.mark.parametrize("first_fires", [True, False])
def test_one_of_a_pair_that_fires_is_enough(first_fires: bool) -> None:
    pair = (
        prometheus(active(firing=first_fires), name="a"),
        prometheus(active(firing=not first_fires), name="b", at=NOW - 9),
    )
    assert one(Evidence(pair)).phase is Phase.FIRING


def test_a_replica_of_a_database_is_not_a_replica_of_prometheus() -> None:
    posts = [posted(labels(replica=name)) for name in ("db-1", "db-2")]
    assert len(merge(Evidence(alertmanagers=(alertmanager(*posts),)))) == 2


def test_an_alert_of_one_clusters_prometheus_does_not_swallow_the_other_clusters() -> None:
    bare = label_set({"alertname": "Broken", "severity": "warning"})
    posts = [posted(labels(cluster=name)) for name in ("eu-1", "us-1")]
    known = prometheus(active(bare), origin=Origin("p", cluster="eu-1"))
    unknown = prometheus(active(bare), name="p")

    rows = {row.cluster: row for row in merge(Evidence((known,), (alertmanager(*posts),)))}
    assert {name: row.value for name, row in rows.items()} == {"eu-1": 1.0, "us-1": None}

    rows = {row.cluster: row for row in merge(Evidence((unknown,), (alertmanager(*posts),)))}
    assert {name: row.value for name, row in rows.items()} == {"eu-1": None, "us-1": None}
    assert all(row.rule == RULE for row in rows.values())


def test_the_cluster_of_a_source_counts_where_labels_say_none() -> None:
    bare = label_set({"alertname": "Broken"})
    row = one(Evidence((prometheus(active(bare), origin=Origin("p", cluster="eu-1")),)))
    assert row.cluster == "eu-1"


def test_declared_external_labels_tell_which_alert_is_meant() -> None:
    bare = label_set({"alertname": "Broken", "severity": "warning"})
    posts = [posted(labels(cluster=name)) for name in ("eu-1", "us-1")]
    origin = Origin("p", external=(("cluster", "us-1"), ("severity", "not this")))

    rows = {
        row.cluster: row for row in merge(Evidence((prometheus(active(bare), origin=origin),), (alertmanager(*posts),)))
    }
    assert {name: row.value for name, row in rows.items()} == {"eu-1": None, "us-1": 1.0}


def test_of_two_rules_that_fit_the_one_that_says_more_counts() -> None:
    narrow = active(labels(node="n1"), value=7.0)
    wide = active(labels(), value=9.0)
    rows = merge(Evidence((prometheus(narrow, wide),), (alertmanager(posted(labels(node="n1", region="eu"))),)))

    assert sorted(row.value or 0 for row in rows) == [7.0, 9.0]
    assert next(row for row in rows if row.alertmanagers).value == 7.0


@pytest.mark.parametrize(("query", "joined"), [("up == 0", True), ("other > 1", False), ("", True)])
def test_two_rules_of_one_name_are_told_apart_by_their_expression(query: str, joined: bool) -> None:
    post = posted(labels(region="eu"), query=query)
    rows = merge(Evidence((prometheus(active()),), (alertmanager(post),)))
    assert len(rows) == (1 if joined else 2)


@pytest.mark.parametrize(
    ("states", "hush"),
    [
        (({"silenced_by": ("s",)}, {"silenced_by": ("s",)}), Hush.SILENCED),
        (({"silenced_by": ("s",)}, {}), Hush.NONE),
        (({"inhibited_by": ("f",)}, {"inhibited_by": ("f",)}), Hush.INHIBITED),
        (({"silenced_by": ("s",), "inhibited_by": ("f",)},) * 2, Hush.SILENCED),
        (({"muted_by": ("weekend",)},) * 2, Hush.MUTED),
        (({"state": PostedState.UNPROCESSED},) * 2, Hush.NONE),
    ],
)
def test_only_what_all_alertmanagers_hush_is_hushed(states: tuple[dict[str, object], ...], hush: Hush) -> None:
    said = tuple(alertmanager(posted(**state), name=str(number)) for number, state in enumerate(states))

    row = one(Evidence(alertmanagers=said))
    assert row.hush is hush
    assert row.loud is (hush is Hush.NONE)


def test_an_ack_says_who_until_when_and_the_longest_counts() -> None:
    silences = {
        "a": silence(id="a", comment=f"{ACK} on it", ends_at=NOW + 60),
        "b": silence(id="b", comment=f"{ACK} me too", created_by="bo", ends_at=NOW + 600),
        "c": silence(id="c", ends_at=NOW + 6000),
    }
    row = one(Evidence(alertmanagers=(alertmanager(posted(silenced_by=("a", "b", "c"))),), silences=silences))

    assert (row.hush, row.ack) == (Hush.ACKED, Ack("b", "bo", NOW + 600, "me too"))


def test_a_maintenance_silence_says_which_operation_and_whose_and_no_page_is_loud_under_it() -> None:
    comment = "maintenance: drain wk-1 (node), operation 01J: new disks"
    said = {"m": silence(id="m", comment=comment, created_by="root (sudo by ana)@jump-1")}
    row = one(Evidence(alertmanagers=(alertmanager(posted(silenced_by=("m",))),), silences=said))
    assert (row.hush, row.loud) == (Hush.PLANNED, False)
    assert row.planned == "maintenance: drain wk-1 by ana@jump-1"
    assert by_text(row, NOW) == "drain wk-1 by ana@jump-1"
    assert state_text(row, NOW) == "firing planned"


def test_a_silence_that_nobody_has_read_is_a_silence() -> None:
    row = one(Evidence(alertmanagers=(alertmanager(posted(silenced_by=("a",))),)))
    assert (row.hush, row.ack) == (Hush.SILENCED, None)


def test_inhibited_by_names_the_row_and_keeps_the_fingerprint_of_a_stranger() -> None:
    source = posted(labels("Worse"), fingerprint="f1")
    target = posted(labels("Implied"), inhibited_by=("f1", "f9"))
    rows = {row.name: row for row in merge(Evidence(alertmanagers=(alertmanager(source, target),)))}

    assert rows["Implied"].inhibited_by == (rows["Worse"].key, "f9")


def test_what_no_alertmanager_could_deny_is_not_called_loud_for_certain() -> None:
    asked = (prometheus(active()),)
    unheard = one(Evidence(asked, (alertmanager(fault=DOWN),)))
    heard = one(Evidence(asked, (alertmanager(), alertmanager(fault=DOWN, name="b"))))

    assert (unheard.hush, heard.hush) == (Hush.UNKNOWN, Hush.NONE)
    assert unheard.loud


def test_who_gave_no_answer_says_nothing() -> None:
    assert merge(Evidence((prometheus(active(), fault=DOWN),), (alertmanager(posted(), fault=DOWN),))) == ()


def test_times_are_by_our_clock() -> None:
    said = (prometheus(active(), skew_s=100.0),)
    told = (alertmanager(posted(), skew_s=-50.0),)
    row = one(Evidence(said, told))

    assert (row.since, row.firing_since) == (NOW - 700, NOW - 250)
    assert row.confirmed_at == NOW  # 30 s ahead of us would be the future


def test_elsewhere_counts_other_clusters_in_which_it_fires() -> None:
    posts = [posted(labels(cluster=name, node=node)) for name in ("a", "b", "c") for node in ("1", "2")]
    pending = active(labels(cluster="d"), firing=False)
    rows = merge(Evidence((prometheus(pending),), (alertmanager(*posts, posted(labels("Lone", "a"))),)))

    assert {(row.name, row.cluster): row.elsewhere for row in rows} == {
        ("Broken", "a"): 2, ("Broken", "b"): 2, ("Broken", "c"): 2, ("Broken", "d"): 3, ("Lone", "a"): 0,
    }  # fmt: skip


def test_a_row_learns_what_it_differs_in_when_another_begins_to_fire() -> None:
    memory, first = Memory(), (active(labels(node="1")), posted(labels(node="1")))
    more = (active(labels(node="2")), posted(labels(node="2")))
    alone = merge(Evidence((prometheus(first[0]),), (alertmanager(first[1]),)), memory=memory)
    both = merge(Evidence((prometheus(first[0], more[0]),), (alertmanager(first[1], more[1]),)), memory=memory)
    assert [row.apart for row in alone] == [()]
    assert [row.apart for row in both] == [("node",), ("node",)]
    assert {what(row).split()[0] for row in both} == {"1", "2"}


def test_a_row_keeps_its_key_from_pending_to_firing_and_when_prometheus_falls_away() -> None:
    there = labels(region="eu")
    pending = one(Evidence((prometheus(active(firing=False)),)))
    firing = one(Evidence((prometheus(active()),), (alertmanager(posted(there)),)))
    alone = one(Evidence(alertmanagers=(alertmanager(posted(there)),)), Reading(keys=keys_of([firing])))

    assert pending.key == firing.key == alone.key


def test_keys_are_unique_and_the_same_in_every_run() -> None:
    posts = [posted(labels(node=str(number))) for number in range(50)]
    evidence = Evidence(alertmanagers=(alertmanager(*posts),))
    keys = [row.key for row in merge(evidence)]

    assert len(set(keys)) == 50
    assert keys == [row.key for row in merge(evidence)]


def test_one_remembered_key_for_two_alerts_goes_to_one_of_them() -> None:
    posts = [posted(labels(node=node), fingerprint=node) for node in ("1", "2")]
    rows = merge(Evidence(alertmanagers=(alertmanager(*posts),)), Reading(keys={"1": "k", "2": "k"}))
    assert len({row.key for row in rows}) == 2


def test_names_of_clusters_are_the_fleets_own() -> None:
    scheme = Scheme(cluster="k8s_cluster", names={"c-17": "eu-1"})
    said = label_set({"alertname": "Broken", "k8s_cluster": "c-17"})
    row = one(Evidence(alertmanagers=(alertmanager(posted(said)),)), Reading(scheme=scheme))
    assert row.cluster == "eu-1"


@pytest.mark.parametrize("seed", range(20))
def test_nothing_that_anyone_says_is_lost(seed: int) -> None:
    """Whatever is said by whom: every posted alert and every claim is in a row, and every row was said by somebody."""
    chance = random.Random(seed)

    def some(external: bool) -> tuple[tuple[str, str], ...]:
        more = {"node": chance.choice("12")} if chance.random() < 0.6 else {}
        if external and chance.random() < 0.5:
            more |= {"region": "eu", "prometheus_replica": chance.choice("ab")}
        return labels(chance.choice(("A", "B")), chance.choice(("eu-1", "us-1")), **more)

    asked = tuple(
        prometheus(*(active(some(False)) for _ in range(chance.randrange(6))), name=f"p{number}") for number in range(2)
    )
    told = tuple(alertmanager(*(posted(some(True)) for _ in range(6)), name=f"a{number}") for number in range(2))
    rows = merge(Evidence(asked, told))

    said = {Scheme().identity(post.labels) for answer in told for post in answer.posted}
    assert {row.labels for row in rows if row.alertmanagers} == said
    assert len({row.key for row in rows}) == len(rows)
    for answer in asked:
        for claim in answer.active:
            assert any(set(claim.labels) <= set(row.labels) and row.rule == RULE for row in rows)


class Course:
    """Alerts that come, go, change their values, are silenced and said by others, by chance: one look after another."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._posts = {number: self._post(number) for number in range(12)}
        self._told: tuple[PrometheusSays, ...] = ()
        self._heard: tuple[AlertmanagerSays, ...] = ()

    def _labels(self, number: int) -> Labels:
        return labels(("A", "B", "KubeNodeNotReady")[number % 3], f"c-{number % 4}", node=f"n{number}")

    def _post(self, number: int) -> Posted:
        quiet = {"silenced_by": ("s1",)}, {"inhibited_by": ("1",)}, {"muted_by": ("night",)}, {}, {}, {}
        said = dict(self._labels(number)) | self._chance.choice([{}, {"replica": "x"}])
        return posted(
            label_set(said),
            fingerprint=str(number),
            starts_at=NOW - self._chance.choice([100, 200]),
            receivers=(self._chance.choice(["on-call", "day"]),),
            **self._chance.choice(quiet),
        )

    def look(self) -> Evidence:
        chance = self._chance
        for number in self._posts:
            if chance.random() < 0.15:
                self._posts[number] = self._post(number)
        if chance.random() < 0.7:
            self._told = tuple(self._prometheus(name) for name in ("prom-a", "prom-b") if chance.random() < 0.8)
        if chance.random() < 0.7:
            self._heard = tuple(self._alertmanager(name) for name in ("am-a", "am-b") if chance.random() < 0.8)
        return Evidence(self._told, self._heard, {"s1": silence(comment=chance.choice([f"{ACK} ana", "why"]))})

    def _prometheus(self, name: str) -> PrometheusSays:
        chance, fault = self._chance, DOWN if self._chance.random() < 0.1 else None
        claimed = [number for number in self._posts if chance.random() < 0.9]
        return prometheus(*(active(self._labels(number), value=chance.choice([1.0, 2.0, None])) for number in claimed),
                          name=name, fault=fault, skew_s=chance.choice([0.0, 0.0, 5.0]))  # fmt: skip

    def _alertmanager(self, name: str) -> AlertmanagerSays:
        had = (post for post in self._posts.values() if self._chance.random() < 0.9)
        return alertmanager(*had, name=name, skew_s=self._chance.choice([0.0, 0.0, 5.0]))


@pytest.mark.parametrize("seed", range(8))
def test_a_merge_that_remembers_says_what_one_without_a_memory_says(seed: int) -> None:
    course, memory = Course(seed), Memory()
    rows: tuple[Alert, ...] = ()
    scheme = Scheme(replicas=frozenset({"replica"}))
    for _ in range(60):
        evidence, reading = course.look(), Reading(scheme=scheme, keys=keys_of(rows))
        rows = merge(evidence, reading, memory)
        assert rows == merge(evidence, reading)


def test_a_row_of_which_nothing_is_new_is_the_row_from_before() -> None:
    post, memory = posted(), Memory()

    def after(seconds: float, *, value: float) -> Alert:
        at = NOW + seconds
        return merge(Evidence((prometheus(active(value=value), at=at),), (alertmanager(post, at=at),)), memory=memory)[
            0
        ]

    first, again, other = after(0, value=1.0), after(5, value=1.0), after(10, value=2.0)
    assert again is first
    assert (other.value, other.key) == (2.0, first.key)
