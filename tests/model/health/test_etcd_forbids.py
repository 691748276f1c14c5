"""What etcd forbids of work on machines, and that its screen, its margin and the lens all go by that one rule."""

import pytest

from fleetui.model.diagnosis.blocked import Deed
from fleetui.model.diagnosis.diagnosis import diagnose
from fleetui.model.etcd_description import etcd_sections
from fleetui.model.fault import FaultKind
from fleetui.model.health.etcd import AlarmKind
from fleetui.model.health.etcd_forbids import may_stop, may_write
from fleetui.model.health.etcd_state import EtcdState, Known, etcd_state
from fleetui.model.table.etcd_cells import margin_style, margin_text
from tests.model.diagnosis.cases import case, etcd, machines, silent
from tests.model.health.pictures import AT, GIB, alarm, down, learner, up
from tests.model.health.pictures import silent as no_answer

WELL = etcd(up("a"), up("b"), up("c"))
FIVE = etcd(*(up(name) for name in "abcde"))
FULL = etcd(*(up(name, alarms=alarm("b"), db_size=8 * GIB) for name in "abc"))
CORRUPT = etcd(*(up(name, alarms=alarm("b", AlarmKind.CORRUPT)) for name in "abc"))
THIN = etcd(up("a"), up("b"), down("c"))
SILENT = etcd(up("a"), up("b"), no_answer("c"))
TWO = etcd(up("a"), up("b"))
ALONE = etcd(up("a"))
LOST = etcd(up("a", leader="", no_leader=True), down("b"), down("c"))
DEAF = etcd(*(up(name, leader="", no_leader=True) for name in "abc"), again=True)
ELECTING = etcd(*(up(name, leader="", no_leader=True) for name in "abc"))
JOINING = etcd(up("a"), up("b"), up("c"), learner("d"))
UNHEARD = etcd(*(no_answer(name) for name in "abc"), listed=False)
NOWHERE = etcd_state(Known("east", configured=False), at=AT)

ALLOWED, REFUSED, OUTAGE, UNKNOWN = "allowed", "refused", "outage", "unknown"


@pytest.mark.parametrize(
    ("state", "stop", "write", "said"),
    [
        pytest.param(WELL, ALLOWED, ALLOWED, "2 healthy of 3 voters, quorum 2", id="all well"),
        pytest.param(FULL, REFUSED, REFUSED, "NOSPACE: the whole cluster refuses writes", id="NOSPACE"),
        pytest.param(CORRUPT, REFUSED, ALLOWED, "CORRUPT", id="CORRUPT"),
        pytest.param(THIN, REFUSED, ALLOWED, "can lose no member; without a: 1 healthy of 3", id="one down"),
        pytest.param(SILENT, REFUSED, ALLOWED, "can lose no member", id="one silent"),
        pytest.param(TWO, REFUSED, ALLOWED, "without a: 1 healthy of 2 voters, quorum 2", id="two"),
        pytest.param(ALONE, OUTAGE, ALLOWED, "the only member", id="one"),
        pytest.param(LOST, REFUSED, REFUSED, "the quorum is lost", id="quorum lost"),
        pytest.param(DEAF, REFUSED, REFUSED, "the quorum is lost", id="no leader"),
        pytest.param(ELECTING, UNKNOWN, UNKNOWN, "no quorum is seen to work", id="electing"),
        pytest.param(JOINING, REFUSED, ALLOWED, "d is still joining", id="joining"),
        pytest.param(UNHEARD, UNKNOWN, UNKNOWN, "no answer", id="nobody answers"),
        pytest.param(NOWHERE, UNKNOWN, UNKNOWN, "no way to its etcd is configured", id="not configured"),
    ],
)
def test_a_machine_is_only_given_away_where_etcd_is_known_to_spare_it(
    state: EtcdState, stop: str, write: str, said: str
) -> None:
    stopped, written = may_stop(state.seen, now=AT), may_write(state.seen)
    assert said in stopped.reason
    for ruling, wanted in ((stopped, stop), (written, write)):
        assert ruling.allowed is (wanted == ALLOWED)
        assert (ruling.outage, ruling.unknown) == (wanted == OUTAGE, wanted == UNKNOWN)


def test_the_machine_of_the_member_that_is_down_already_may_go() -> None:
    assert may_stop(THIN.seen, "c", now=AT).allowed
    assert not may_stop(THIN.seen, "a", now=AT).allowed
    assert not may_stop(THIN.seen, "cp-1", now=AT).allowed, "whose member it carries is not known"


@pytest.mark.parametrize(
    ("state", "machine", "also", "said"),
    [
        (WELL, "a", "b", "without a and b: 1 healthy of 3 voters, quorum 2"),
        (WELL, "cp-1", "cp-2", "1 healthy of 3 voters, quorum 2"),
        (WELL, "a", "cp-2", "1 healthy of 3 voters, quorum 2"),
        (FIVE, "a", "bc", "without a and b and c: 2 healthy of 5 voters, quorum 3"),
        (THIN, "c", "a", "without c and a: 1 healthy of 3 voters, quorum 2"),
    ],
)
def test_the_quorum_must_outlast_all_that_are_stopped_together(
    state: EtcdState, machine: str, also: str, said: str
) -> None:
    others = frozenset([also] if "-" in also else also)
    assert may_stop(state.seen, machine, now=AT).allowed
    ruling = may_stop(state.seen, machine, now=AT, also=others)
    assert (ruling.allowed, ruling.unknown, ruling.outage) == (False, False, False)
    assert said in ruling.reason


def test_five_members_may_lose_two_and_a_machine_beside_itself_is_one() -> None:
    for machine, also in (("a", "b"), ("d", "e"), ("cp-1", "b")):
        assert may_stop(FIVE.seen, machine, now=AT, also=frozenset(also)).allowed
    assert may_stop(FIVE.seen, "cp-1", now=AT, also=frozenset(("cp-2",))).allowed
    assert may_stop(WELL.seen, "a", now=AT, also=frozenset("a")).allowed


def test_what_leads_hands_over_first() -> None:
    assert may_stop(FIVE.seen, "a", now=AT).first == "move the leader"
    assert may_stop(FIVE.seen, "b", now=AT).first == ""


def test_an_old_look_allows_nothing_and_forgets_nothing() -> None:
    assert may_stop(WELL.seen, now=AT + 60).unknown
    thin = may_stop(THIN.seen, now=AT + 12)
    assert (thin.unknown, thin.reason) == (False, "etcd can lose no member")


@pytest.mark.parametrize(
    ("state", "text", "style"),
    [
        (WELL, "+1", ""),
        (FIVE, "+2", ""),
        (FULL, "+0", "warn"),
        (CORRUPT, "+0", "warn"),
        (THIN, "+0", "warn"),
        (ALONE, "+0", ""),
    ],
)
def test_the_margin_spares_nobody_whom_the_rule_forbids_to_stop(state: EtcdState, text: str, style: str) -> None:
    assert (margin_text(state, AT), margin_style(state, AT)) == (text, style)
    assert state.can_lose == int(text)


@pytest.mark.parametrize("state", [FULL, CORRUPT, LOST, UNHEARD, NOWHERE])
def test_the_etcd_screen_says_of_nobody_that_it_may_be_stopped(state: EtcdState) -> None:
    found = [part for part in etcd_sections(state, now=AT) if part.title == "may be stopped now"]
    assert [(fact.label, fact.text) for fact in found[0].facts] == [("none", may_stop(state.seen, now=AT).reason)]


@pytest.mark.parametrize(
    "state", [WELL, FIVE, FULL, CORRUPT, THIN, SILENT, TWO, ALONE, LOST, DEAF, ELECTING, JOINING, UNHEARD, NOWHERE]
)
@pytest.mark.parametrize("outage", [True, False])
def test_the_lens_forbids_what_the_rule_forbids_and_nothing_else(state: EtcdState, outage: bool) -> None:
    """``outage``: something is wrong that may be etcd; then what is not known is forbidden too."""
    evidence = (
        case(cluster=silent(FaultKind.REFUSED), etcd=state) if outage else case(machines=machines("wk-2"), etcd=state)
    )
    barred = {one.deed: one.reason for one in diagnose(evidence).blocked}
    stop, write = may_stop(state.seen, now=AT), may_write(state.seen)
    if not stop.allowed and not stop.unknown:
        assert barred[Deed.STOP_CONTROL_PLANE_MACHINE] == stop.reason
    elif stop.unknown and outage:
        assert Deed.STOP_CONTROL_PLANE_MACHINE in barred
    if not write.allowed and not write.unknown:
        assert barred[Deed.DRAIN] == write.reason
    if stop.allowed and write.allowed and not outage:
        assert not {Deed.STOP_CONTROL_PLANE_MACHINE, Deed.DRAIN} & barred.keys()
