"""The fixtures of the real programs of health: shared over the session, every fault undone after each test.

A test may kill, freeze, fill and slow what it is given. All of them run in one xdist worker, one after the other: each
program is started once, and on a small machine several etcd clusters side by side would measure each other. After the
last of them the programs end: idle they gossip, scrape and beat, for a quarter of a core.
"""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.bed import packages
from tests.bed.alertmanager import Alertmanagers, Sink
from tests.bed.etcd_members import EtcdMembers
from tests.bed.health_bed import HealthBed
from tests.bed.postgres import PostgresPair
from tests.bed.synthetic import SyntheticFleet

_OURS = {
    "etcd_members",
    "etcd34_members",
    "postgres_pair",
    "alertmanagers",
    "health_bed",
    "synthetic_fleet",
    "bed_services",
}
_PROGRAMS = {
    "session_etcd",
    "session_etcd34",
    "session_postgres",
    "session_sink",
    "session_alertmanagers",
    "session_health",
    "synthetic_fleet",
}
_GROUP = "health"
REAL_HEALTH = (pytest.mark.bed, pytest.mark.xdist_group(_GROUP))
"""For whoever asks for a fixture of these only as it runs."""
_started: list[tuple[pytest.FixtureDef[Any], Any]] = []
"""Each of `_PROGRAMS` that runs, with the request that it answers; in the order of their starts."""


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups, and before the bed's marks are counted
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _OURS & set(getattr(item, "fixturenames", ())):
            for mark in REAL_HEALTH:
                item.add_marker(mark)
    items.sort(key=lambda item: not _in_group(item))  # first and together, without xdist too


def _in_group(item: pytest.Item) -> bool:
    return any(mark.args == (_GROUP,) for mark in item.iter_markers("xdist_group"))


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any], request: Any) -> Generator[None, object, object]:
    if fixturedef.argname in _OURS and request.scope == "function" and not _in_group(request.node):
        raise pytest.UsageError(f"it asks for {fixturedef.argname} only as it runs: mark it with REAL_HEALTH")
    made = yield
    if fixturedef.argname in _PROGRAMS:
        _started.append((fixturedef, request))
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None, object, object]:
    done = yield
    if nextitem is not None and not _in_group(nextitem):
        while _started:
            program, request = _started.pop()
            program.finish(request)  # who asks again, starts it again
    return done


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fetch what is missing before the first test, outside the tests' timeouts. What cannot be had fails the run."""
    if any(_OURS & set(getattr(item, "fixturenames", ())) for item in session.items):
        packages.ensure()


@pytest.fixture(scope="session")
def session_etcd() -> Iterator[EtcdMembers]:
    with EtcdMembers() as members:
        yield members


@pytest.fixture(scope="session")
def session_etcd34() -> Iterator[EtcdMembers]:
    with EtcdMembers("etcd34", generation="3.4") as members:
        yield members


@pytest.fixture(scope="session")
def session_postgres() -> Iterator[PostgresPair]:
    with PostgresPair() as pair:
        yield pair


@pytest.fixture(scope="session")
def session_sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.close()


@pytest.fixture(scope="session")
def session_alertmanagers(session_sink: Sink) -> Iterator[Alertmanagers]:
    with Alertmanagers(webhook=session_sink.url) as pair:
        yield pair


@pytest.fixture(scope="session")
def session_health(
    session_etcd: EtcdMembers,
    session_postgres: PostgresPair,
    session_alertmanagers: Alertmanagers,
    session_sink: Sink,
) -> Iterator[HealthBed]:
    bed = HealthBed(session_etcd, session_postgres, session_alertmanagers, session_sink)
    yield bed
    bed.close()


@pytest.fixture
def etcd_members(session_etcd: EtcdMembers) -> Iterator[EtcdMembers]:
    """Three members of etcd 3.6 with TLS and a quota of 16 MiB."""
    yield session_etcd
    session_etcd.mend()


@pytest.fixture
def etcd34_members(session_etcd34: EtcdMembers) -> Iterator[EtcdMembers]:
    """The same of Debian's etcd 3.4: the old API."""
    yield session_etcd34
    session_etcd34.mend()


@pytest.fixture
def postgres_pair(session_postgres: PostgresPair) -> Iterator[PostgresPair]:
    """A primary and its standby, with exporters."""
    yield session_postgres
    session_postgres.mend()


@pytest.fixture
def alertmanagers(session_alertmanagers: Alertmanagers) -> Iterator[Alertmanagers]:
    """Two that gossip."""
    yield session_alertmanagers
    session_alertmanagers.mend()


@pytest.fixture
def health_bed(session_health: HealthBed) -> Iterator[HealthBed]:
    """etcd and PostgreSQL, scraped by two Prometheis that tell two Alertmanagers."""
    yield session_health
    session_health.mend()


@pytest.fixture(scope="session")
def synthetic_fleet() -> Iterator[SyntheticFleet]:
    """500 made-up clusters as one page of metrics. Strike no cluster that another test reads, or mend it."""
    with SyntheticFleet(500) as fleet:
        yield fleet


@pytest.fixture
def bed_services() -> Iterator[ExitStack]:
    """Ends a test's own services with it: `prometheus = bed_services.enter_context(Prometheus([...]))`."""
    with ExitStack() as stack:
        yield stack
