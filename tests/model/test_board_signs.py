"""What a board comes to on a cluster's row: its worst line there, and never calm for what it cannot tell."""

import msgspec
import pytest

from fleetui.model.board_signs import board_sign
from fleetui.model.cluster import BoardSign, Health
from fleetui.model.health.panel_board import NO_SOURCE, PanelRow, why_absent
from fleetui.model.health.replication import Replica
from fleetui.model.health.sample import Age
from fleetui.model.health.slo import Call
from fleetui.model.health.slo_board import SloRow, Sort

KEPT = SloRow(
    cluster="eu-1", objective="api-errors", title="API requests", level=Health.CALM, word="kept", value=1.0,
    age=Age.FRESH, settled=True,
)  # fmt: skip


def slo(**said: object) -> SloRow:
    return msgspec.structs.replace(KEPT, **said)


BURNS = slo(level=Health.BROKEN, word="gone in 6.7 h", reason="burns 53.3 x", call=Call.PAGE, gone_in_s=24_120.0)
FASTER = slo(level=Health.BROKEN, word="gone in 40 min", call=Call.PAGE, gone_in_s=2_400.0, title="API writes")
TICKET = slo(level=Health.BROKEN, word="gone", call=Call.TICKET, gone_in_s=0.0)
FIGURE = slo(
    level=Health.WARNING, word="missed", value=0.83, unit="ratio", sort=Sort.FIGURE, objective="pod-ready",
    title="pods Ready", call=Call.TICKET,
)  # fmt: skip
ENDS = slo(
    level=Health.WARNING, word="missed", value=20.0, unit="d", sort=Sort.FIGURE, objective="credentials",
    title="credentials expire in",
)  # fmt: skip
FULL = slo(level=Health.WARNING, word="full in 12 d", sort=Sort.CAPACITY, title="volumes", call=Call.TICKET)
QUIET = slo(level=Health.UNKNOWN, word="low traffic", call=Call.UNKNOWN)
STALE = slo(level=Health.UNKNOWN, word="stale 9m", call=Call.UNKNOWN, age=Age.STALE)
ABSENT = slo(level=Health.UNKNOWN, word="not scraped", call=Call.UNKNOWN, value=None, age=Age.NONE)


@pytest.mark.parametrize(
    ("rows", "level", "word", "more", "unknown"),
    [
        ((KEPT,), Health.CALM, "", 0, 0),
        ((KEPT, BURNS), Health.BROKEN, "gone 6.7 h", 0, 0),
        ((BURNS, FASTER), Health.BROKEN, "gone 40 min", 1, 0),
        ((TICKET, BURNS), Health.BROKEN, "gone 6.7 h", 1, 0),
        ((FULL, BURNS), Health.BROKEN, "gone 6.7 h", 1, 0),
        ((FIGURE,), Health.WARNING, "pods 83%", 0, 0),
        ((ENDS,), Health.WARNING, "certs 20 d", 0, 0),
        ((FULL,), Health.WARNING, "volumes full in 12 d", 0, 0),
        ((QUIET,), Health.CALM, "", 0, 0),
        ((STALE, KEPT), Health.UNKNOWN, "API requests stale 9m", 0, 1),
        ((ABSENT, FIGURE), Health.WARNING, "pods 83%", 0, 1),
    ],
)
def test_the_worst_promise_is_its_word(
    rows: tuple[SloRow, ...], level: Health, word: str, more: int, unknown: int
) -> None:
    sign = board_sign("slo", rows)
    assert sign is not None
    assert (sign.level, sign.word, sign.more, sign.unknown) == (level, word, more, unknown)


def test_it_says_of_what_and_why() -> None:
    assert board_sign("slo", [BURNS]) == BoardSign("slo", Health.BROKEN, "gone 6.7 h", "API requests: burns 53.3 x")


def test_nothing_is_said_where_nobody_is_asked_or_has_answered() -> None:
    assert board_sign("controlplane", []) is None
    assert board_sign("controlplane", [PanelRow("eu-1")]) is None
    level, word, reason, remedy = why_absent("eu-1", [])
    assert word == NO_SOURCE
    assert board_sign("controlplane", [PanelRow("eu-1", level, word, reason, remedy, settled=True)]) is None


def test_a_broken_link_is_named_with_its_instance() -> None:
    replica = Replica(
        kind="postgres", title="PostgreSQL", cluster="eu-1", group="", instance="db-2", source="store",
        level=Health.BROKEN, word="link broken", reason="no WAL receiver",
    )  # fmt: skip
    assert board_sign("replication", [replica]) == BoardSign(
        "replication", Health.BROKEN, "link broken", "PostgreSQL db-2: no WAL receiver"
    )
