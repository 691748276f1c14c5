"""Room in the database: shares, and when it is full."""

import pytest

from fleetui.model.health.etcd import Status
from fleetui.model.health.etcd_space import Forecast, Reading, forecast, fragmentation, fullness, worth_defragmenting
from tests.model.health.pictures import GIB, up

MIB = 1 << 20
HOUR = 3600.0


def status(**said: object) -> Status:
    found = up("a", **said).said
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("said", "quota", "expected"),
    [
        ({}, None, 0.125),
        ({"quota": None}, None, None),
        ({"quota": None}, 2 * GIB, 0.5),
        ({"db_size": None}, None, None),
    ],
)
def test_fullness(said: dict[str, object], quota: int | None, expected: float | None) -> None:
    assert fullness(status(**said), quota) == expected


@pytest.mark.parametrize(
    ("size", "in_use", "share", "worth"),
    [
        (GIB, GIB // 4, 0.75, True),
        (GIB, GIB // 2, 0.5, False),
        (200 * MIB, 50 * MIB, 0.75, False),
        (GIB, 2 * GIB, 0.0, False),
        (GIB, None, None, None),
        (None, GIB, None, None),
    ],
)
def test_fragmentation(size: int | None, in_use: int | None, share: float | None, worth: bool | None) -> None:
    said = status(db_size=size, db_in_use=in_use)
    assert (fragmentation(said), worth_defragmenting(said)) == (share, worth)


def readings(*sizes: int, every_s: float = 600.0) -> tuple[Reading, ...]:
    return tuple(Reading(at=place * every_s, db_size=size) for place, size in enumerate(sizes))


@pytest.mark.parametrize(
    ("taken", "quota", "expected"),
    [
        pytest.param(readings(GIB, 2 * GIB, every_s=HOUR), 8 * GIB, Forecast(hours=6.0), id="a GiB an hour, six left"),
        pytest.param(readings(GIB, GIB), 8 * GIB, Forecast(why="not growing"), id="at rest"),
        pytest.param(readings(3 * GIB, GIB), 8 * GIB, Forecast(why="5m of readings needed"), id="just defragmented"),
        pytest.param(
            readings(4 * GIB, GIB, GIB + 100 * MIB), 2 * GIB, Forecast(hours=924 / 600), id="since the defragmentation"
        ),
        pytest.param(
            readings(GIB, 2 * GIB, every_s=10), 8 * GIB, Forecast(why="5m of readings needed"), id="too short"
        ),
        pytest.param(readings(GIB), 8 * GIB, Forecast(why="5m of readings needed"), id="one"),
        pytest.param((), 8 * GIB, Forecast(why="5m of readings needed"), id="none"),
        pytest.param(readings(GIB, 2 * GIB), None, Forecast(why="quota unknown"), id="no quota"),
        pytest.param(readings(GIB, 9 * GIB), 8 * GIB, Forecast(hours=0.0), id="full"),
    ],
)
def test_forecast(taken: tuple[Reading, ...], quota: int | None, expected: Forecast) -> None:
    found = forecast(taken, quota)
    assert found.why == expected.why
    assert found.hours == (None if expected.hours is None else pytest.approx(expected.hours))


def test_what_is_older_than_an_hour_does_not_count() -> None:
    old = (Reading(0.0, 0), Reading(7 * HOUR, GIB), Reading(7.5 * HOUR, GIB))
    assert forecast(old, 8 * GIB).why == "not growing"
