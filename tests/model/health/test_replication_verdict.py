"""The verdict on a replica, in all the ways in which its metrics are known to lie."""

import msgspec
import pytest

from fleetui.model.cluster import Health
from fleetui.model.health.replication import Replica
from fleetui.model.health.replication_kind import Kind, Role
from fleetui.model.health.replication_reading import Figure, Link, LinkSaid, Reading
from fleetui.model.health.replication_verdict import judge
from tests.model.health.replicas import MIB, NOW, PAIRED, STATE

UP, BROKEN, UNKNOWN = (LinkSaid(link, "so") for link in (Link.UP, Link.BROKEN, Link.UNKNOWN))


def reading(kind: Kind = PAIRED, **said: object) -> Reading:
    told: dict[str, object] = {"seen_at": NOW - 1, "period_s": 1.0, "role": Role.REPLICA, "link": UP, "alive": True}
    return Reading(kind=kind, cluster="eu", group="", instance="b:9187", source="store", **{**told, **said})  # type: ignore[arg-type]


def verdict(kind: Kind = PAIRED, **said: object) -> Replica:
    return judge(reading(kind, **said), now=NOW)


@pytest.mark.parametrize(
    ("said", "level", "word", "seconds"),
    [
        pytest.param({"backlog": 0, "seconds": 0}, "calm", "in step", 0, id="healthy"),
        pytest.param({"backlog": 0, "seconds": 3600, "held": 3600}, "calm", "in step", 0, id="the primary rests"),
        pytest.param({"link": BROKEN, "seconds": 0, "backlog": 0}, "broken", "link broken", None, id="never 0 s"),
        pytest.param({"link": UNKNOWN, "seconds": 0, "backlog": 0}, "unknown", "link unknown", None, id="nobody knows"),
        pytest.param({"link": UNKNOWN, "seconds": 40, "held": 40}, "broken", "lagging", None, id="far behind at least"),
        pytest.param({"seconds": None, "backlog": None}, "unknown", "lag unknown", None, id="no figure"),
        pytest.param({"seconds": 7, "backlog": 20 * MIB}, "warning", "lagging", 7, id="replay paused"),
        pytest.param({"seconds": 29.1, "held": 0, "backlog": 4096}, "calm", "in step", 0, id="one unlucky scrape"),
        pytest.param(
            {"seconds": 600, "held": 590, "backlog": 4096}, "broken", "lagging", 590, id="paused at a trickle"
        ),
        pytest.param(
            {"seconds": 0, "backlog": 600 * MIB, "writes": 10 * MIB}, "broken", "lagging", 60, id="not yet arrived"
        ),
        pytest.param({"seconds": 0, "backlog": 20 * MIB}, "warning", "lagging", None, id="not arrived, no rate"),
        pytest.param({"backlog": 2048 * MIB, "writes": 1024 * MIB}, "warning", "lagging", 2, id="much, and quick"),
        pytest.param({"backlog": 20 * MIB, "writes": MIB / 2}, "broken", "lagging", 40, id="estimated from bytes"),
        pytest.param({"seen_at": NOW - 5, "seconds": 0, "backlog": 0}, "unknown", "stale", None, id="stale sample"),
        pytest.param({"seen_at": NOW - 4, "seconds": 0, "backlog": 0}, "calm", "in step", 0, id="late is not stale"),
        pytest.param({"seen_at": None, "silent": True}, "unknown", "silent", None, id="no longer scraped"),
        pytest.param({"alive": False, "seconds": 0, "backlog": 0}, "broken", "down", None, id="does not answer"),
        pytest.param({"role": None, "seconds": 0, "backlog": 0}, "unknown", "role unknown", None, id="role unknown"),
        pytest.param({"role": Role.PRIMARY, "link": LinkSaid(Link.NONE, "")}, "calm", "primary", None, id="primary"),
    ],
)
def test_role_link_seconds_bytes_and_age_together(
    said: dict[str, object], level: str, word: str, seconds: float | None
) -> None:
    row = verdict(**said)
    assert (row.level.value, row.word) == (level, word)
    assert row.lag_s == (pytest.approx(seconds) if seconds is not None else None)
    assert row.level is Health.CALM or row.reason


@pytest.mark.parametrize("link", [BROKEN, UNKNOWN])
@pytest.mark.parametrize("seconds", [None, 0.0, 4.0])
@pytest.mark.parametrize("backlog", [None, 0.0, 4096.0])
def test_without_a_link_no_figure_makes_it_well(link: LinkSaid, seconds: float | None, backlog: float | None) -> None:
    row = verdict(link=link, seconds=seconds, held=seconds, backlog=backlog)
    assert row.level in (Health.BROKEN, Health.UNKNOWN)
    assert row.lag_s is None


def test_how_the_seconds_are_meant_is_said() -> None:
    assert verdict(seconds=7, backlog=20 * MIB).lag_how == "at most"
    assert verdict(backlog=20 * MIB, writes=MIB).lag_how == "about"
    assert "at most 7 s and 20 MiB behind" in verdict(seconds=7, backlog=20 * MIB).reason
    assert verdict(backlog=0, seconds=7).lag_how == ""


def test_seconds_that_grow_while_the_primary_rests_say_nothing_by_themselves() -> None:
    assert PAIRED.seconds is not None
    kind = msgspec.structs.replace(PAIRED, seconds=msgspec.structs.replace(PAIRED.seconds, idle_grows=True))
    assert verdict(kind, seconds=900).word == "lag unknown"
    assert verdict(kind, seconds=900, backlog=0).level is Health.CALM
    assert verdict(kind, seconds=900, backlog=20 * MIB).level is Health.BROKEN


@pytest.mark.parametrize(("kept", "level"), [(1, "calm"), (64, "warning"), (1024, "broken")])
def test_a_slot_that_fills_is_named_with_its_first_safe_step(kept: float, level: str) -> None:
    slot = Figure(PAIRED.figures[0], kept * MIB, "forgotten")
    row = verdict(role=Role.PRIMARY, link=LinkSaid(Link.NONE, ""), figures=(slot,))
    assert row.level.value == level
    if level != "calm":
        assert (row.word, row.step) == ("slot filling", "find its reader")
        assert "(forgotten)" in row.reason
        assert [finding.word for finding in row.findings] == ["slot filling", "primary"]


def test_the_worst_finding_is_the_row_and_the_others_stay() -> None:
    slot = Figure(PAIRED.figures[0], 64 * MIB, "s")
    assert [one.word for one in verdict(link=BROKEN, figures=(slot,)).findings] == ["link broken", "slot filling"]


@pytest.mark.parametrize(
    ("primaries", "word"), [(0, "no primary"), (1, "in step"), (2, "two primaries"), (None, "in step")]
)
def test_leadership_where_the_kind_has_one_primary(primaries: int | None, word: str) -> None:
    kind = msgspec.structs.replace(PAIRED, one_primary=True)
    assert verdict(kind, primaries=primaries, backlog=0).word == word


@pytest.mark.parametrize(
    ("health", "free", "level", "word"),
    [
        (0, 0.5, "calm", "HEALTH_OK"),
        (1, 0.5, "warning", "HEALTH_WARN"),
        (2, 0.5, "broken", "2"),
        (0, 0.15, "warning", "free"),
        (0, 0.1, "broken", "free"),
        (None, 0.5, "calm", "well"),
        (None, None, "unknown", "state unknown"),
    ],
)
def test_a_state_has_no_seconds(health: float | None, free: float | None, level: str, word: str) -> None:
    figures = (Figure(STATE.figures[0], health), Figure(STATE.figures[1], free))
    row = verdict(STATE, role=Role.MEMBER, link=LinkSaid(Link.NONE, ""), figures=figures)
    assert (row.level.value, row.word, row.lag_s, row.backlog) == (level, word, None, None)
