"""What a silence would mute, what is refused, what an edit makes of it."""

import pytest

from fleetui.model.alerts.alert import Phase
from fleetui.model.alerts.breadth import MUTES_THE_WATCHDOG, SPARE_THE_PIPELINE, refusals
from fleetui.model.alerts.inventory import SilencesSaid, by_id, inventory
from fleetui.model.alerts.label_set import Scheme, label_set
from fleetui.model.alerts.matcher import Matcher, MatcherError, all_match, one_of, parse_matcher, quoted
from fleetui.model.alerts.mesh import NO_MESH, Meshes, StatusSaid, meshes
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.preview import preview
from fleetui.model.alerts.silence import ACK, SilenceState, edited, extended
from tests.model.alerts.samples import DOWN, NOW, alert, draft, labels, silence

NAME = Matcher("alertname", "Broken")
CLUSTER = Matcher("cluster", "eu-1")
ROSTER = ("eu-1", "eu-2", "us-1")


def matcher(text: str) -> Matcher:
    return parse_matcher(text)


@pytest.mark.parametrize(
    ("text", "value", "matches"),
    [
        ("a=x", "x", True),
        ("a=x", "", False),
        ('a="x y"', "x y", True),
        ("a!=x", "y", True),
        ("a!=x", "", True),
        ("a=~x|y", "y", True),
        ("a=~x", "xx", False),
        ("a=~(x|y)z", "xz", True),
        ("a=~x.z", "x\nz", True),
        ("a!~x.*", "xyz", False),
        ('a="q\\"uo\\\\te"', 'q"uo\\te', True),
        (" a = x ", "x", True),
    ],
)
def test_matchers_match_as_alertmanager_does(text: str, value: str, matches: bool) -> None:
    found = matcher(text)
    assert found.matches(value) is matches
    assert matcher(found.text) == found


@pytest.mark.parametrize("text", ["", "a", "a==~x", "1a=x", 'a="x', "a=~[", "a>3"])
def test_what_is_no_matcher_says_what_is_wanted(text: str) -> None:
    if text == "a==~x":
        assert matcher(text).value == "=~x"
        return
    with pytest.raises(MatcherError):
        matcher(text)


def test_a_label_that_is_not_there_is_empty() -> None:
    assert all_match((matcher("node="), matcher("x!=1")), labels())
    assert not all_match((matcher("node!="),), labels())


@pytest.mark.parametrize("value", ["a.b", "a|b", r"C:\x", "[x]", "a+b*(c)?", "{}^$", "plain-1_2 é"])
def test_quoted_means_itself_and_nothing_else(value: str) -> None:
    found = one_of("x", (value, "other"))
    assert found.is_regex
    assert found.matches(value)
    assert not found.matches(f"{value}x")
    assert not found.matches(value[:-1])
    assert Matcher("x", quoted(value), is_regex=True).matches(value)


@pytest.mark.parametrize(
    ("matchers", "reason"),
    [
        (["alertname=Broken", "cluster=eu-1"], ""),
        (["alertname=Broken", "cluster=~eu-1|eu-2"], ""),
        (["alertname=Broken", "cluster=~eu-.*"], ""),
        (["namespace=shop", "cluster=eu-1"], ""),
        (["alertname=Broken"], "it names no cluster"),
        (["alertname=Broken", "cluster!=eu-1"], "it names no cluster"),
        (["alertname=Broken", "cluster=~.*"], "matches every cluster"),
        (["alertname=Broken", "cluster=~.+"], "matches every cluster"),
        (["alertname=Broken", "cluster=~[^q]*"], "matches every cluster"),
        (["alertname=Broken", "cluster=~[a-z0-9-]+"], "matches every cluster"),
        (["alertname=Broken", "cluster=~(eu|us)-[0-9]+"], "matches all 3 clusters"),
        (["cluster=eu-1"], "it mutes every alert of its cluster"),
        (["cluster=eu-1", "alertname=~.+"], "matches everything"),
        (["cluster=eu-1", "alertname!=Other"], "it mutes every alert of its cluster"),
        (["cluster=eu-1", "alertname=~(?P<x>"], "is not a regular expression"),
    ],
)
def test_too_broad_is_refused_with_the_reason(matchers: list[str], reason: str) -> None:
    wanted = tuple(Matcher(*_parts(text)) for text in matchers)
    found = refusals(draft(*wanted), now=NOW, clusters=ROSTER)

    assert bool(found) is bool(reason)
    assert not reason or any(reason in refusal.reason for refusal in found)
    assert all(refusal.fix for refusal in found)


def _parts(text: str) -> tuple[str, str, bool, bool]:
    """Without the check that ``parse_matcher`` makes: a silence may come from elsewhere."""
    name, sign, value = next(text.partition(sign) for sign in ("=~", "!~", "!=", "=") if sign in text)
    return name, value, "~" in sign, not sign.startswith("!")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"created_by": " "}, "it has no author"),
        ({"comment": ""}, "it has no comment"),
        ({"ends_at": NOW - 1}, "it ends in the past"),
        ({"starts_at": NOW + 1000}, "it ends before it begins"),
    ],
)
def test_who_why_and_until_when_are_asked_for(more: dict[str, object], reason: str) -> None:
    assert [refusal.reason for refusal in refusals(draft(NAME, CLUSTER, **more), now=NOW)] == [reason]


def test_a_whole_cluster_is_silenced_only_by_saying_so_and_never_its_watchdog() -> None:
    bare, spared = draft(CLUSTER), draft(CLUSTER, SPARE_THE_PIPELINE)

    assert refusals(bare, now=NOW, whole_cluster=True) == (MUTES_THE_WATCHDOG,)
    assert refusals(spared, now=NOW, whole_cluster=True) == ()
    assert [refusal.reason for refusal in refusals(spared, now=NOW)] == ["it mutes every alert of its cluster"]
    assert not SPARE_THE_PIPELINE.matches("Watchdog")
    assert SPARE_THE_PIPELINE.matches("Broken")


def test_the_cluster_label_is_the_configured_one() -> None:
    scheme = Scheme(cluster="k8s", names={"c-1": "eu-1", "c-2": "eu-2"})
    assert refusals(draft(NAME, CLUSTER), now=NOW, scheme=scheme)[0].fix == 'add k8s="NAME"'
    every = refusals(draft(NAME, matcher("k8s=~c-[0-9]")), now=NOW, scheme=scheme, clusters=("eu-1", "eu-2"))
    assert "all 2 clusters" in every[0].reason


def test_the_preview_shows_what_is_muted_over_all_clusters() -> None:
    rows = [
        alert("Broken", "eu-1", call=Call.PAGE),
        alert("Broken", "eu-1", labels=labels(node="2"), silenced_by=("s1",)),
        alert("Broken", "eu-2", phase=Phase.PENDING),
        alert("Broken", "eu-2", phase=Phase.UNKNOWN, labels=labels(cluster="eu-2", node="3")),
        alert("Broken", "eu-2", phase=Phase.RESOLVED, labels=labels(cluster="eu-2", node="4")),
        alert("Broken", "us-1"),
        alert("Else", "eu-1"),
    ]
    found = preview(draft(NAME, matcher("cluster=~eu-.*")), rows, now=NOW, clusters=ROSTER, silences=[silence(NAME)])

    assert found.allowed
    assert [(row.cluster, row.phase) for row in found.muted][:1] == [("eu-1", Phase.FIRING)]
    assert (len(found.muted), found.newly, found.pages, found.pending) == (4, 3, 1, 1)
    assert found.clusters == {"eu-1": 2, "eu-2": 2}
    assert found.doubts == ("it mutes alerts in 2 clusters", "of 1 nobody knows whether they still fire")
    assert [one.id for one in found.similar] == ["s1"]


def test_the_preview_of_one_that_mutes_nothing_or_lasts_for_ever_says_so() -> None:
    found = preview(draft(NAME, CLUSTER, ends_at=NOW + 30 * 86_400), [], now=NOW)
    assert found.doubts == ("it mutes nothing that fires or is pending now", "it lasts 30 days")


def test_a_silence_that_would_really_mute_the_watchdog_is_refused() -> None:
    dog = alert("Watchdog", call=Call.PLUMBING, labels=labels("Watchdog", namespace="monitoring"))
    found = preview(draft(CLUSTER, Matcher("namespace", "monitoring")), [dog], now=NOW)

    assert found.refusals == (MUTES_THE_WATCHDOG,)
    assert found.muted == ()


def test_an_expression_that_cannot_be_previewed_is_refused_not_guessed() -> None:
    found = preview(draft(CLUSTER, Matcher("alertname", r"\pL+", is_regex=True)), [alert()], now=NOW)
    assert not found.allowed
    assert found.muted == ()


def test_similar_silences_are_those_that_mute_some_of_the_same_and_live() -> None:
    muted = alert(silenced_by=("a", "b", "c"))
    others = [
        silence(NAME, id="a"),
        silence(NAME, id="b", comment=f"{ACK} me"),
        silence(NAME, id="c", state=SilenceState.EXPIRED),
        silence(CLUSTER, NAME, id="d"),
        silence(NAME, id="e"),
    ]
    found = preview(draft(NAME, CLUSTER), [muted], now=NOW, silences=others)
    assert [one.id for one in found.similar] == ["a", "d"]


@pytest.mark.parametrize(
    ("change", "kept"),
    [({"ends_at": NOW + 9000}, True), ({"matchers": (CLUSTER, NAME)}, True), ({"matchers": (NAME,)}, False)],
)
def test_editing_keeps_the_order_of_matchers_that_stay(change: dict[str, object], kept: bool) -> None:
    known = silence(NAME, CLUSTER, starts_at=NOW - 60)
    changed = edited(known, **change)  # type: ignore[arg-type]

    assert (changed.id, changed.starts_at) == (known.id, known.starts_at)
    assert (changed.matchers == known.matchers) is kept


def test_extending() -> None:
    known = silence(NAME, CLUSTER)
    over = silence(NAME, CLUSTER, state=SilenceState.EXPIRED, ends_at=NOW - 100)

    longer, renewed = extended(known, by_s=60, now=NOW), extended(over, by_s=60, now=NOW)

    assert (longer.id, longer.ends_at, longer.starts_at) == ("s1", known.ends_at + 60, known.starts_at)
    assert (renewed.id, renewed.starts_at, renewed.ends_at) == ("", NOW, NOW + 60)


def test_the_inventory_says_what_each_mutes_and_what_ends_first() -> None:
    said = [
        SilencesSaid("a", NOW, (
            silence(NAME, id="busy", ends_at=NOW + 600),
            silence(NAME, id="idle", ends_at=NOW + 300),
            silence(NAME, id="later", state=SilenceState.PENDING, starts_at=NOW + 60),
            silence(NAME, id="over", state=SilenceState.EXPIRED, ends_at=NOW - 60),
        )),
        SilencesSaid("b", NOW, (silence(NAME, id="busy", ends_at=NOW + 900, updated_at=NOW),)),
        SilencesSaid("c", NOW, (silence(NAME, id="ghost"),), DOWN),
    ]  # fmt: skip
    rows = [alert(silenced_by=("busy",), call=Call.PAGE), alert("B", "us-1", silenced_by=("busy",)),
            alert("C", silenced_by=("idle",), phase=Phase.RESOLVED)]  # fmt: skip
    pair = Meshes({"a": frozenset("ab"), "b": frozenset("ab")})

    found = inventory(said, rows, now=NOW, heard=frozenset("ab"), meshes=pair)
    shown = {standing.silence.id: standing for standing in found}

    assert [standing.silence.id for standing in found] == ["idle", "busy", "later", "over"]
    assert (shown["busy"].muted, shown["busy"].pages, shown["busy"].clusters) == (2, 1, ("eu-1", "us-1"))
    assert shown["busy"].silence.ends_at == NOW + 900
    assert (shown["busy"].sources, shown["busy"].lacking) == (("a", "b"), ())
    assert (shown["idle"].idle, shown["idle"].lacking) == (True, ("b",))
    assert (shown["later"].muted, shown["over"].muted, shown["over"].lacking) == (None, None, ())
    assert "ghost" not in by_id(said)


def test_what_a_silence_mutes_is_unknown_while_its_alertmanager_is_not_heard() -> None:
    said = [SilencesSaid("a", NOW, (silence(NAME),))]
    (standing,) = inventory(said, [], now=NOW, heard=frozenset())
    assert (standing.muted, standing.idle) == (None, False)


def test_who_gossips_with_whom() -> None:
    said = [
        StatusSaid("a", NOW, name="1", peers=frozenset("12")),
        StatusSaid("b", NOW, name="2", peers=frozenset("12")),
        StatusSaid("c", NOW, name="3", peers=frozenset("39")),
        StatusSaid("d", NOW),
    ]
    found = meshes(said)

    assert found.once_each("abcd") == (("a", "b"), ("c",), ("d",))
    assert found.once_each("b") == (("b", "a"),)
    assert NO_MESH.once_each("ab") == (("a",), ("b",))


def test_one_that_does_not_answer_stays_where_it_was() -> None:
    before = meshes([StatusSaid("a", NOW, name="1", peers=frozenset("12")), StatusSaid("b", NOW, name="2")])
    said = [StatusSaid("a", NOW, name="1", peers=frozenset("1")), StatusSaid("b", NOW, fault=DOWN)]

    assert before.once_each("b") == (("b", "a"),)
    assert meshes(said, before).once_each("b") == (("b", "a"),)
    assert meshes(said).once_each("ab") == (("a",), ("b",))


def test_empty_values_are_no_labels() -> None:
    assert label_set({"a": "", "b": "1"}) == (("b", "1"),)
