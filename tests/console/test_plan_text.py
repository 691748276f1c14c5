"""The words of a plan: what the button promises, how much is left, what is said once of several machines."""

import msgspec
import pytest

from fleetui.console.check_text import ago_text, check_lines
from fleetui.console.glyphs import UNICODE
from fleetui.console.ink import plain, width
from fleetui.console.options import offered, titled
from fleetui.console.plan_text import blast_lines, sequence_lines, step_lines, verdict
from fleetui.console.proposal import Asked
from fleetui.control.registry import load_registry
from fleetui.model.cluster import ClusterRef
from fleetui.model.operation import Blast, Check, Headroom, Intent, Outcome, Plan, PlannedPod, PlannedStep, Severity
from fleetui.model.operation import Target as T
from tests.console.samples import check
from tests.console.world import NOON

FREE, HELD, STAYS = "free", "held", "stays"


def plan(*machines: tuple[str, ...], kind: str = "drain", blast: Blast | None = None) -> Plan:
    """Of each machine its pods: free to move, held by a budget, or staying."""
    targets = tuple(T(f"wk-{at}", f"uid-{at}") for at in range(len(machines)))
    steps = tuple(
        PlannedStep(f"evict/{target.name}", "evict" if kind == "drain" else kind, target, "", "", "", 1.0,
                    tuple(_pod(f"{target.name}-{at}", mood) for at, mood in enumerate(pods)))
        for target, pods in zip(targets, machines, strict=True)
    )  # fmt: skip
    intent = Intent(kind, ClusterRef("prod", "prod", uid="uid"), targets)
    return Plan(intent, steps, (), blast or Blast(0), NOON)


def _pod(name: str, mood: str) -> PlannedPod:
    action = "skip" if mood == STAYS else "evict"
    return PlannedPod(name, "ns", name, action, "", blocked="pdb ns/a allows 0" if mood == HELD else "")


@pytest.mark.parametrize("cells", [24, 68, 110])
def test_what_a_step_of_etcd_means_is_told_in_full_at_every_width(cells: int) -> None:
    title, breaks = "defragment da1-cp-h until its database has no holes", "da1-cp-h serves nothing; it leads: it moves"
    step = PlannedStep("defragment/1", "defragment", T("da1", "uid"), title, "", breaks, 1.0)
    intent = Intent("etcd-defragment", ClusterRef("prod", "prod", uid="uid"), (step.target,))
    lines = step_lines(Plan(intent, (step,), (), Blast(0), NOON), glyphs=UNICODE, pods=False, cells=cells)
    assert " ".join(" ".join(map(plain, lines)).split()) == f"{title} {breaks}"
    assert max(map(width, lines)) <= cells


@pytest.mark.parametrize(
    ("planned", "said"),
    [
        (plan((FREE,), (FREE, STAYS)), "drain 2"),
        (plan((FREE,), (HELD, FREE)), "drain 1, wait 1"),
        # One machine is empty and the other held: nothing would move, whatever the button says.
        (plan((STAYS,), (HELD,)), "cordon 2, nothing can move yet"),
        (plan((HELD,)), "cordon 1, nothing can move yet"),
        (
            plan(
                (HELD, FREE),
            ),
            "drain 1, wait for its budgets",
        ),
        (plan((HELD, FREE), (HELD,)), "drain 2, wait for their budgets"),
        (plan((STAYS,)), "drain 1"),
        (plan((), kind="cordon"), "cordon 1"),
    ],
)
def test_the_button_promises_what_can_happen(planned: Plan, said: str) -> None:
    assert verdict(planned) == said


def test_pods_that_could_not_be_read_are_no_zero_anywhere() -> None:
    unread = check("pods", "pods", "refused: connection refused", Outcome.UNKNOWN, target="wk-1")
    planned = msgspec.structs.replace(plan((FREE,), (), blast=Blast(None)), checks=(unread,))
    said = plain(blast_lines(planned, 200)[0])
    assert said == "moves ? pods (refused: connection refused) · capacity left ?"
    machines = [plain(said).rstrip() for said in step_lines(planned, glyphs=UNICODE, pods=False, cells=60)]
    assert machines == ["  wk-0    1 move", "  wk-1    ? pods"]
    assert verdict(planned) == "drain 2, pods unknown"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), []),
        (("pay/api",), ["pdb pay/api at its limit"]),
        (("pay/api", "pay/web"), ["pdb pay/api, pay/web at their limit"]),
        (("a/a", "b/b", "c/c", "d/d"), ["pdb a/a, b/b and 2 more at their limit"]),
    ],
)
def test_budgets_at_their_limit_are_named(names: tuple[str, ...], said: list[str]) -> None:
    facts = plain(blast_lines(plan((FREE,), blast=Blast(1, names)), 200)[0]).split(" · ")
    assert facts == ["moves 1 pod", *said, "capacity left ?"]


def test_budgets_that_could_not_be_read_may_be_at_their_limit() -> None:
    unread = check("budgets", "disruption budgets", "403 forbidden", Outcome.UNKNOWN, Severity.FORCE)
    planned = msgspec.structs.replace(plan((FREE,), blast=Blast(1)), checks=(unread,))
    assert "PDBs at their limit ?" in plain(blast_lines(planned, 200)[0])


def test_what_is_out_of_sight_is_a_warning_and_what_only_follows_is_not() -> None:
    here, there = plan((FREE,)).intent, plan((FREE,), (FREE,)).intent

    def said(asked: Asked, *following: Asked) -> list[tuple[str, str]]:
        return [s[0] for s in sequence_lines(asked, following, glyphs=UNICODE, cells=90) if s]

    assert said(Asked(here)) == []
    assert said(Asked(here), Asked(there))[0] == ("then asks about 2 machines in prod", "text")
    assert said(Asked(here), Asked(there, ("wk-0",), "the filter"))[0] == (
        "▲ then asks about 2 machines in prod (1 hidden by the filter)", "warn",
    )  # fmt: skip
    assert said(Asked(here, ("wk-0",), "the filter")) == [("▲ marked, but hidden by the filter: wk-0", "warn")]


def test_counts_stand_below_each_other_and_a_long_reason_ends_in_an_ellipsis() -> None:
    planned = plan((FREE, STAYS), (STAYS,), (HELD,))
    folded = [plain(said).rstrip() for said in step_lines(planned, glyphs=UNICODE, pods=False, cells=60)]
    assert folded == [
        "  wk-0    1 move    1 stay",
        "  wk-1              1 stay",
        "  wk-2    1 move            ▲ 1 blocked now",
    ]
    opened = step_lines(planned, glyphs=UNICODE, pods=True, cells=24)
    assert {width(said) for said in opened if plain(said).endswith("…")} == {24}
    assert max(width(said) for said in opened) == 24


def test_capacity_is_said_in_cores_and_bytes() -> None:
    room = Headroom(cpu_left=612.0, cpu_needed=31.25, memory_left=2.3 * 2**40, memory_needed=118 * 2**30)
    blast = Blast(11, capacity_left_pct=96, capacity_needed_pct=5, domains=("rack A keeps 18 of 21 machines",))
    said = plain(blast_lines(plan((FREE,), blast=msgspec.structs.replace(blast, headroom=room)), 200)[0])
    assert said == (
        "moves 11 pods · capacity left 96 % (needs 5 %) · cpu left 612 cores (needs 31.2) · "
        "memory left 2.3 TiB (needs 118 GiB) · rack A keeps 18 of 21 machines"
    )


def test_a_machine_that_was_already_out_takes_nothing_away() -> None:
    blast = Blast(1, capacity_left_pct=100, capacity_needed_pct=5, already_out=("wk-0",))
    said = plain(blast_lines(plan((FREE,), blast=blast), 200)[0])
    assert said == "moves 1 pod · capacity left 100 % (wk-0 already out) (needs 5 %)"


def test_what_is_not_known_of_the_capacity_is_no_number() -> None:
    said = plain(blast_lines(plan((FREE,)), 200)[0])
    assert said == "moves 0 pods · capacity left ?"
    assert plain(blast_lines(plan((), kind="cordon"), 200)[0]) == "moves no pods"


def of(target: str, *, title: str = "local volumes", outcome: Outcome = Outcome.OK, **more: str) -> Check:
    return check("volumes", title, "none", outcome, Severity.WARN, target=target, **more)


def lines(*checks: Check, opened: bool) -> list[str]:
    found = check_lines(checks, now=NOON, glyphs=UNICODE, cells=76, opened=opened, key="r")
    return [plain(said).rstrip() for said in found]


def test_what_passed_is_one_line_until_it_is_opened() -> None:
    checks = [of("wk-1"), of("wk-2"), of("", title="the server answers")]
    assert lines(*checks, opened=False) == ["● 3 passed  (r opens)"]
    opened = lines(*checks, opened=True)
    assert opened == [
        "● 3 passed  (r folds)",
        "  ● wk-1 wk-2: local volumes: none  GET /api/v1/nodes/wk-b-04",
        "  ● the server answers: none  GET /api/v1/nodes/wk-b-04",
    ]


def test_where_it_was_seen_stands_below_where_there_is_no_room_and_says_when_that_was_not_just_now() -> None:
    check_ = of("wk-1", title="a title that takes its place and leaves none")
    found = check_lines([check_], now=NOON + 60, glyphs=UNICODE, cells=60, opened=True)
    assert [plain(said).rstrip() for said in found] == [
        "● 1 passed",
        "  ● wk-1: a title that takes its place and leaves none: none",
        "    GET /api/v1/nodes/wk-b-04, 60s ago",
    ]


@pytest.mark.parametrize("kind", sorted(load_registry()))
def test_a_remedy_says_the_option_as_the_dialog_does(kind: str) -> None:
    known = {option.name for option in load_registry()[kind].options}
    intent = Intent(kind, ClusterRef("prod", "prod"), ())
    for option in offered(intent):
        assert option.key in known
        for shown, value in option.values:
            if not str(value).startswith("-"):
                said = titled(f"use --option {option.key}={str(value).lower()}, or wait")
                assert said == f'use "{option.title}: {shown}", or wait'


def test_a_check_names_the_option_below_it() -> None:
    said = lines(of("wk-1", outcome=Outcome.FAIL, remedy="use --option skip_wait_unreachable_s=60"), opened=False)
    assert said[1].strip() == '→ use "silent kubelet: skip, 1m"'
    assert titled("--option ignore_daemonsets=true") == "--option ignore_daemonsets=true"


def test_a_warning_of_many_machines_is_said_once() -> None:
    said = lines(*(of(f"wk-{at}", outcome=Outcome.FAIL) for at in range(6)), opened=False)
    assert said == ["▲ warn     wk-0 wk-1 wk-2 wk-3 and 2 more: local volumes: none"]


def test_what_another_machine_has_to_say_is_not_lost() -> None:
    said = lines(of("wk-1", outcome=Outcome.FAIL), of("wk-2", outcome=Outcome.UNKNOWN), opened=False)
    assert said == ["▲ warn     wk-1: local volumes: none", "? unknown  wk-2: local volumes: none"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-2.0, "just now"), (9.9, "just now"), (10, "10s ago"), (59, "50s ago"), (60, "60s ago"), (130, "2m ago")],
)
def test_an_age_rests_for_a_while(seconds: float, said: str) -> None:
    assert ago_text(seconds) == said
