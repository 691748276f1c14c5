"""The row of the etcd table: which of two views is believed, and that nothing unknown is ever calm."""

import msgspec
import pytest

from fleetui.cli.select import select
from fleetui.model.cluster import Health
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source
from fleetui.model.health.etcd import Member, Picture, Status
from fleetui.model.health.etcd_board import EtcdRow
from fleetui.model.health.etcd_course import Course
from fleetui.model.health.etcd_finding import About, Finding
from fleetui.model.health.etcd_quorum import Margin
from fleetui.model.health.etcd_state import EtcdState, Known, etcd_state
from fleetui.model.health.sample import Age, missing, sampled
from fleetui.model.table.columns_etcd import ETCD
from fleetui.model.table.filter import parse
from fleetui.model.table.sorting import RANKS, TROUBLE, Sort, key_maker

NOW = 1_000.0
SILENT = Fault(FaultKind.TIMEOUT, "no answer", "no answer within 1 s", "")
REFUSED = Fault(FaultKind.REFUSED, "refused", "nothing listens", "")


def member(name: str, fault: Fault | None = None) -> Member:
    if fault is not None:
        return Member(name, name, missing(fault.word, at=NOW, source=Source.POLLED), fault=fault)
    said = Status("3.6.16", "m1", term=2, index=9, applied=9, db_size=50, db_in_use=40, quota=100)
    return Member(name, name, sampled(said, at=NOW, source=Source.POLLED))


def course(*faults: Fault | None) -> Course:
    members = tuple(member(f"m{number}", fault) for number, fault in enumerate(faults, 1))
    return Course().after(Picture("a", at=NOW, members=members, listed_at=NOW))


WELL = course(None, None, None)
UNHEARD = course(SILENT, SILENT, SILENT)
GONE = course(REFUSED, REFUSED, REFUSED)

SCRAPED = EtcdRow(
    "a", "store", Health.CALM, "can lose 1", "", margin=Margin(3, 3, 0, 0, 0), age=Age.FRESH, sample_at=990.0
)
STALE = msgspec.structs.replace(
    SCRAPED,
    level=Health.UNKNOWN,
    word="stale",
    reason="no newer scrape",
    age=Age.STALE,
    findings=(Finding(Health.UNKNOWN, About.STALE, "stale", "no newer scrape"),),
)


def judged(
    course: Course | None = None, scraped: EtcdRow | None = None, *, at: float = NOW, **said: object
) -> EtcdState:
    return etcd_state(Known("a", course=course, scraped=scraped, heard_at=NOW, settled=True, **said), at=at)  # type: ignore[arg-type]


def test_what_members_say_is_believed_first() -> None:
    row = judged(WELL, STALE)
    assert (row.level, row.word, row.source, row.sampled_at) == (Health.CALM, "can lose 1", Source.POLLED, NOW)
    assert row.views is not None
    assert not row.views.compared


def test_what_was_scraped_stands_in_and_says_that_it_does() -> None:
    row = judged(UNHEARD, SCRAPED)
    assert (row.source_name, row.up, row.level) == ("store", 3, Health.WARNING)
    assert row.word == "can lose 1, direct silent"
    assert "do not answer us" in row.reason


def test_members_that_are_certainly_gone_outweigh_an_older_scrape() -> None:
    row = judged(GONE, SCRAPED)
    assert (row.level, row.word, row.source) == (Health.BROKEN, "quorum lost", Source.POLLED)


def test_members_that_were_asked_once_take_their_pace_from_who_scrapes_them() -> None:
    slow = Finding(Health.WARNING, About.SLOW_DISK, "fsync 60 ms", "WAL fsync p99 of m2: 60 ms", ("m2",))
    row = judged(WELL, msgspec.structs.replace(SCRAPED, findings=(slow,)))
    assert (row.source, row.level, row.bad) == (Source.POLLED, Health.WARNING, ("m2",))
    assert slow in row.findings
    stale = judged(WELL, msgspec.structs.replace(STALE, findings=(slow,)))
    assert slow not in stale.findings


def test_two_views_that_differ_are_never_calm() -> None:
    two = msgspec.structs.replace(SCRAPED, members=())
    row = judged(WELL, two)
    assert row.views is not None
    assert row.views.differences
    assert (row.level, row.word) == (Health.WARNING, "can lose 1, views differ")
    assert "direct 3, scraped 0" in row.reason


@pytest.mark.parametrize(
    ("course", "scraped"),
    [(None, None), (Course(), None), (UNHEARD, None), (UNHEARD, STALE), (None, STALE), (GONE, STALE), (GONE, None)],
)
def test_nothing_unknown_is_calm_or_green_or_zero(course: Course | None, scraped: EtcdRow | None) -> None:
    row = judged(course, scraped)
    assert row.level in (Health.UNKNOWN, Health.BROKEN)
    assert row.reason
    for column in ("db", "fsync", "leader", "version", "alarms"):
        of = ETCD.column(column)
        assert of is not None
        assert (of.value(row), of.text(row, NOW)) == (None, "?"), column
        assert of.style is not None
        assert of.style(row, NOW) == "unknown", column


def test_time_alone_takes_the_green_away() -> None:
    assert judged(WELL, at=NOW + 5).level is Health.CALM
    row = judged(WELL, at=NOW + 60)
    assert (row.level, row.word) == (Health.UNKNOWN, "stale 60s")
    source = ETCD.column("source")
    assert source is not None
    assert source.text(row, NOW + 60) == "direct 1m"
    assert source.text(row, NOW + 1) == "direct"


def test_what_is_not_configured_says_how_to() -> None:
    row = judged(configured=False)
    assert (row.level, row.word) == (Health.UNKNOWN, "not configured")
    assert "etcd:" in row.remedy


def test_who_can_lose_no_member_stands_above_whose_versions_differ() -> None:
    thin = EtcdState("z", Health.WARNING, findings=(Finding(Health.WARNING, About.NO_MARGIN, "", ""),))
    mixed = EtcdState("a", Health.WARNING, findings=(Finding(Health.WARNING, About.VERSIONS, "", ""),))
    full = EtcdState("m", Health.BROKEN, findings=(Finding(Health.BROKEN, About.NO_SPACE, "", ""),))
    calm = EtcdState("b", Health.CALM)
    key = key_maker(ETCD, Sort(TROUBLE))
    found = sorted([calm, mixed, thin, full], key=lambda row: key(row, RANKS[row.level], row.cluster, row.cluster))
    assert [row.cluster for row in found] == ["m", "z", "a", "b"]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("margin<1", "thin"),
        ("alarms=NOSPACE", ""),
        ("db>40", "well thin"),
        ("state~lose", "well"),
        ("state~fatal", "thin"),
    ],
)
def test_filters_read_the_columns(query: str, kept: str) -> None:
    rows = {
        "well": judged(WELL),
        "thin": judged(course(None, None, REFUSED)),
        "unknown": judged(UNHEARD),
    }

    found = select(ETCD, list(rows.values()), kept=parse(query, ETCD), now=NOW).rows
    assert [name for name, row in rows.items() if row in found] == kept.split()


@pytest.mark.parametrize(
    ("findings", "alarms"),
    [
        ((), ()),
        ((Finding(Health.BROKEN, About.NO_SPACE, "NOSPACE", ""),), ("NOSPACE",)),
        ((Finding(Health.WARNING, About.NO_SPACE, "NOSPACE in doubt", ""),), None),
        (
            (
                Finding(Health.BROKEN, About.CORRUPT, "CORRUPT", ""),
                Finding(Health.WARNING, About.NO_SPACE, "NOSPACE in doubt", ""),
            ),
            ("CORRUPT",),
        ),
        ((Finding(Health.WARNING, About.NO_MARGIN, "2/3 up, next loss fatal", ""),), ()),
    ],
)
def test_an_alarm_in_doubt_is_neither_raised_nor_over(
    findings: tuple[Finding, ...], alarms: tuple[str, ...] | None
) -> None:
    assert judged(scraped=msgspec.structs.replace(SCRAPED, findings=findings)).alarms == alarms
