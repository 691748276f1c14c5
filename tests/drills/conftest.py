"""The real programs of health under their hosts' names, started once for all drills of health."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.bed.alertmanager import Alertmanagers, Sink
from tests.bed.etcd_members import EtcdMembers
from tests.bed.named_bed import NamedBed
from tests.bed.postgres import PostgresPair


@pytest.fixture(scope="session")
def session_named(
    session_etcd: EtcdMembers,
    session_postgres: PostgresPair,
    session_alertmanagers: Alertmanagers,
    session_sink: Sink,
) -> Iterator[NamedBed]:
    bed = NamedBed(session_etcd, session_postgres, session_alertmanagers, session_sink)
    yield bed
    bed.close()


@pytest.fixture
def named_bed(session_named: NamedBed, bed_services: ExitStack) -> Iterator[NamedBed]:
    """``bed_services`` brings the marks and the packages of the bed with it."""
    yield session_named
    session_named.mend()
