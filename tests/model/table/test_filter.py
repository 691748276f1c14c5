"""The filter language: what each term means, its three values, and what is said about mistakes."""

from typing import Any

import pytest

from fleetui.model.cluster import Cluster
from fleetui.model.freshness import Trust
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.model.table.column import Table
from fleetui.model.table.columns_cluster import CLUSTERS
from fleetui.model.table.columns_machine import MACHINES
from fleetui.model.table.columns_pod import PODS
from fleetui.model.table.filter import EVERYTHING, FilterError, parse
from fleetui.model.table.grammar import suggest
from fleetui.model.table.order import Entry
from tests.model.table.rows import HOUR, NOW, cluster, machine

READY = machine("wk-r1-01", cluster="eu-1", version="v1.35.4", created=NOW - 3 * HOUR, labels=(("pool", "gpu"),))
BROKEN = machine("wk-r2-02", cluster="us-1", status="NotReady", version="v1.34.6", created=NOW - HOUR)
CORDONED = machine(
    "wk-r2-03", cluster="eu-2", status="Ready,SchedulingDisabled", created=None, operation="drain by ana"
)
ROWS = (READY, BROKEN, CORDONED)


def judge(text: str, row: Machine | Cluster | Pod, table: Table[Any] = MACHINES) -> bool | None:
    entry = Entry((), "id", row, "", table.haystack(row), 0)
    return parse(text, table).matches(entry, NOW)


def matching(text: str) -> set[str]:
    return {row.name[-2:] for row in ROWS if judge(text, row)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R2", {"02", "03"}),
        ("!r2", {"01"}),
        ("!!r2", {"02", "03"}),
        ("drain", {"03"}),
        ("!drain r2", {"02"}),
        ("status=notready", {"02"}),
        ("status=Ready", {"01", "03"}),
        ("status=cordoned", {"03"}),
        ("status=SchedulingDisabled", {"03"}),
        ("status!=Ready", {"02"}),
        ("status=NotReady,cordoned", {"02", "03"}),
        ("cluster=eu-*", {"01", "03"}),
        ("cluster!=eu-*", {"02"}),
        ("cluster='eu-*'", set()),
        ("name~^wk-r[12]-0[13]$", {"01", "03"}),
        ("name!~r2", {"01"}),
        ("@eu-*", {"01", "03"}),
        ("@EU-1,us-1", {"01", "02"}),
        ("!@eu-*", {"02"}),
        ("-l pool=gpu", {"01"}),
        ("-l pool", {"01"}),
        ("-l pool!=gpu", {"02", "03"}),
        ("label:pool=gpu", {"01"}),
        ("!label:pool=gpu", {"02", "03"}),
        ("age>2h", {"01"}),
        ("age<2h", {"02"}),
        ("age>=1h30m", {"01"}),
        ("version=1.35", {"01"}),
        ("version>=1.34", {"01", "02"}),
        ("version<v1.35.4", {"02"}),
        ("version>1.34", {"01"}),
        ("version=?", {"03"}),
        ("age!=?", {"01", "02"}),
        ("r1 or status=NotReady", {"01", "02"}),
        ("r2 status=NotReady or r1 age>2h", {"01", "02"}),
        ("operation=", {"01", "02"}),
        ("'drain by ana'", {"03"}),
        ('operation="drain by ana"', {"03"}),
        ("STATUS=NotReady", {"02"}),
        ("'or'", {"03"} if "or" in MACHINES.haystack(CORDONED) else set()),
        ("", {"01", "02", "03"}),
        ("   ", {"01", "02", "03"}),
    ],
)
def test_terms(text: str, expected: set[str]) -> None:
    assert matching(text) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("age>2h", None),
        ("!age>2h", None),
        ("age>2h r2", None),
        ("age>2h r9", False),
        ("age>2h or r2", True),
        ("age>2h or r9", None),
        ("age=?", True),
        ("!age=?", False),
        ("version<1.35", None),
        ("!version<1.35", None),
        ("-l pool=gpu", False),
    ],
)
def test_unknown_is_neither_yes_nor_no(text: str, value: bool | None) -> None:
    """CORDONED has neither a creation time nor a version; Kleene's logic decides the rest."""
    assert judge(text, CORDONED) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nodes<4", True),
        ("nodes<100%", True),
        ("nodes<60%", False),
        ("nodes=3/4", True),
        ("nodes!=3/4", False),
        ("cp<100%", None),
        ("env=prod", True),
        ("env=p*d,stage", True),
        ("latency>500ms", False),
        ("latency<1s", True),
        ("support<90d", None),
        ("pods<99.5%", None),
    ],
)
def test_ratios_durations_and_percentages(text: str, value: bool | None) -> None:
    row = cluster("eu-1", environment="prod", nodes_ready=3, nodes_total=4, api_latency_s=0.012)

    assert judge(text, row, CLUSTERS) is value


def test_numbers_of_a_silent_cluster_are_unknown() -> None:
    row = cluster("eu-1", trust=Trust.SILENT, nodes_ready=3, nodes_total=4)

    assert judge("nodes<100%", row, CLUSTERS) is None


def test_a_share_of_nothing_is_unknown() -> None:
    row = Pod(uid="u", name="p", namespace="n", cluster="c", status="Pending", ready=0, containers=0)

    assert judge("ready<50%", row, PODS) is None
    assert judge("!ready<50%", row, PODS) is None


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("stauts=Ready", 0, "did you mean status"),
        ("age>2h zzz=1", 7, "no column zzz: write one of name, status"),
        ("age>soon", 4, "age is compared with a duration, such as age>2h"),
        ("age=2h", 3, "compare it with < or >"),
        ("status>3", 6, "status is text"),
        ("version>old", 8, "a version, such as version<1.35"),
        ("name~[", 5, "not a regular expression"),
        ("ready ok!", None, ""),
        ("x !", 2, "after ! comes"),
        ("@", 0, "after @ comes a cluster"),
        ("-l", 0, "after -l come labels"),
        ("-l =x", 3, "KEY=VALUE"),
        ("name='abc", 5, "the quote ' is not closed"),
        ("or x", 0, "or stands between"),
        ("x or", 4, "after or comes"),
        ("age>", 4, "a duration"),
    ],
)
def test_mistakes_say_where_and_what_to_write(text: str, at: int | None, says: str) -> None:
    if at is None:
        parse(text, MACHINES)
        return
    with pytest.raises(FilterError) as caught:
        parse(text, MACHINES)

    assert caught.value.at == at
    assert says in str(caught.value)


def test_a_mistaken_column_has_suggestions() -> None:
    with pytest.raises(FilterError) as caught:
        parse("verson=1", MACHINES)

    assert "version" in caught.value.suggestions


def test_suggestions_complete_the_last_word() -> None:
    assert suggest("status=Ready !ve", MACHINES) == ("version",)
    assert "age" in suggest("status=Ready ", MACHINES)


def test_what_is_typed_never_becomes_code() -> None:
    hostile = "__import__('os')"

    assert matching(f'"{hostile}"') == set()
    assert matching("name='\"] or True or [\"'") == set()


def test_blank_is_everything() -> None:
    assert parse("  ", MACHINES) is EVERYTHING


@pytest.mark.parametrize(
    ("now", "before", "narrows"),
    [
        ("wk-r", "wk", True),
        ("wk", "wk-r", False),
        ("wk status=NotReady", "wk", True),
        ("wk", "wk status=NotReady", False),
        ("wk @eu-*", "w @eu-*", True),
        ("a or b", "a", False),
        ("age>2h wk", "wk", False),
    ],
)
def test_narrowing(now: str, before: str, narrows: bool) -> None:
    """``age`` may be unknown: what one filter cannot tell another may, so nothing is concluded."""
    assert parse(now, MACHINES).narrows(parse(before, MACHINES)) is narrows


def test_only_ages_ask_for_the_time() -> None:
    assert parse("age>2h", MACHINES).asks_time
    assert not parse("status=Ready", MACHINES).asks_time


BEN = {"status": "Ready,SchedulingDisabled", "cordoned_by": "ben drain 01J9"}
STATES = {
    "calm": machine("calm"),
    "broken": machine("broken", status="NotReady"),
    "mute": machine("mute", status="Unknown"),
    "drained": machine("d1", **BEN),
    "drained and down": machine("d2", **BEN | {"status": "NotReady,SchedulingDisabled"}),
    "draining": machine("d3", **BEN, operation="drain by ben"),
    "cordoned by us": machine("d4", **BEN | {"cordoned_by": "ana cordon 01JA"}),
    "cordoned by others": machine("d5", status="Ready,SchedulingDisabled"),
    "cordoned by one called drain": machine("d6", **BEN | {"cordoned_by": "drain cordon 01JB"}),
    "lifted": machine("d7", cordoned_by="ben drain 01J9"),
}


@pytest.mark.parametrize(
    ("word", "yes", "unknown"),
    [
        ("drained", {"drained", "drained and down"}, {"cordoned by others"}),
        (
            "!drained",
            {"calm", "broken", "mute", "draining", "cordoned by us", "cordoned by one called drain", "lifted"},
            {"cordoned by others"},
        ),
        ("NotReady", {"broken", "drained and down"}, {"mute"}),
        ("ready !cordoned", {"calm", "lifted"}, {"mute"}),
        ("!ready !drained", {"broken"}, {"mute"}),
        ("locked", {"draining"}, set()),
        ("cordoned !locked !drained", {"cordoned by us", "cordoned by one called drain"}, {"cordoned by others"}),
        ("'drained'", set(), set()),
        ("draine", set(), set()),
    ],
)
def test_words_that_ask_for_a_state(word: str, yes: set[str], unknown: set[str]) -> None:
    judged = {name: judge(word, row) for name, row in STATES.items()}

    assert {name for name, holds in judged.items() if holds} == yes
    assert {name for name, holds in judged.items() if holds is None} == unknown


def test_a_state_word_is_text_in_tables_that_do_not_know_it() -> None:
    assert judge("drained", cluster("eu-1"), CLUSTERS) is False
    assert judge("drained", cluster("eu-drained"), CLUSTERS) is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wk-*-0[12]", {"01", "02"}),
        ("WK-R2-*", {"02", "03"}),
        ("wk-r?-01", {"01"}),
        ("!wk-r2-*", {"01"}),
        ("r2-*", set()),
        ("*r2*", {"02", "03"}),
        ("wk-r2-0?,wk-r1-*", {"01", "02", "03"}),
        ("'wk-*'", set()),
        ("?", set()),
    ],
)
def test_a_plain_word_with_wildcards_is_a_pattern_of_the_name(text: str, expected: set[str]) -> None:
    assert matching(text) == expected
