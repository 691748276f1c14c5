"""Hostile text in every field a cluster controls: what reaches the terminal, byte for byte.

A console in a process of its own draws on a terminal that keeps every byte. Nothing was cleaned before it: rows, plans
and journals come straight from the test, the console is the last fence. What may travel is a handful of control
sequences, named here, and characters that are shown as they are.
"""

import asyncio
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from bench.pty_probe import KEYS, TRUECOLOR, Probe
from bench.subjects import FLEETUI, environment
from fleetui.console.terminal import choose
from fleetui.console.views import View
from fleetui.model import journal
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.journal import Waiting
from fleetui.model.operation import Intent, Target
from fleetui.model.text import MARKS_LIMIT, REPLACEMENT
from fleetui.simulate.hostile import TEXTS, hostile_fleet
from fleetui.simulate.machine_clock import MachineClock
from tests.console import test_harmless as harm
from tests.console.world import NOON, World
from tests.simulate.wire_bed import serve

UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
CSI = re.compile(r"\x1b\[([<-?]*)([0-9;:]*)([ -/]*[@-~])")
OSC = re.compile(r"\x1b\][^\x07\x1b]*\x07")
OWN = frozenset({
    "m", "H", "K", "X",  # colours, places, erasures: with any numbers
    "?1049h", "?25l", "?7l",  # another screen, no cursor, no wrapping at the edge
    "?1004h", "?2004h", ">25u",  # tell of the focus, of what is pasted, of keys that are ambiguous
    "?2026$p", "?2048$p", "?2026h", "?2026l",  # what can you do; a repaint begins and ends
    "\x1b]22;default\x07",  # the pointer's shape
})  # fmt: skip
"""What a screen is drawn with."""
DRAWING = frozenset("mHKX")
EVIL = "".join(text for family, text in TEXTS.items() if family != "bytes") + "z" * 100_000
TO = {"^k": "\x0b", "^r": "\x12", **KEYS}
SCREENS = {
    "fleet": ("g j w ^k esc j j", "versions"),
    "machines": ("g w y esc d esc ^k", "read again"),
    "pods": ("g w y esc d esc ^k", "read again"),
    "operations": ("g w enter esc a", "read again"),
    "dialog": ("g D r m K r m", "at risk"),
}
"""What is pressed on each, one after the other, each when the one before is painted; and a word that is seen then."""


# -- the console's side ------------------------------------------------------------------------------------------------


def show(screen: str) -> None:
    """Run the console on rows, a plan and a journal that are hostile in every text, until it is ended."""
    words = EVIL
    harm.EVIL, harm.FAULT = words, Fault(FaultKind.TLS, words, words, words)
    world = harm.world()
    world.session.arming = msgspec.structs.replace(world.session.arming, reason=words, until=NOON + 3600)
    world.fleet.documents["evil"] = f"kind: {words}\n  - {words}"
    _journal(world, words)
    world.fleet.run = lambda: _controller(world)  # type: ignore[method-assign]
    world.app(view=View("machines" if screen == "dialog" else screen)).run(mouse=False)


async def _controller(world: World) -> None:
    """Plans what is proposed."""
    while True:
        for operation in world.desk.operations():
            if operation.plan is None:
                world.plan(operation.op_id, harm.hostile_plan(world.plan_of(operation.op_id)))
        await asyncio.sleep(0.02)


FORGED = "a\nFAKE Ready admin"
"""Short, so that no line is broken but by itself."""


def show_forged() -> None:
    """Run the console on an operation with a line break in every text."""
    harm.EVIL = FORGED
    world = harm.world()
    _journal(world, FORGED)
    world.app(view=View("operations")).run(mouse=False)


def _journal(world: World, words: str) -> None:
    ref = world.cluster_ref("evil")
    assert ref is not None
    short = words[:900]
    intent = Intent("drain", ref, (Target(short, short),), reason=short)
    op_id = world.desk.propose(intent, key="one")
    plan = harm.hostile_plan(world.plan_of(op_id))
    world.plan(op_id, plan)
    world.desk.approve(op_id, plan.digest)
    waits = Waiting(short, short, short, short, NOON, short)
    started = journal.StepStarted("evict/evil", NOON)
    world.write(
        op_id, journal.Started("h", 1, NOON), started, journal.StepWaiting("evict/evil", (waits,), 1, NOON),
        journal.EffectIntended("e/1", "evict/evil", "evict", "POST", short, short, 1, NOON),
        journal.EffectAnswered("e/1", journal.EffectOutcome.REFUSED, 429, short, NOON),
        journal.Note(short, NOON),
    )  # fmt: skip


# -- the terminal's side -----------------------------------------------------------------------------------------------


@contextmanager
def terminal(argv: list[str], home: Path, size: tuple[int, int]) -> Iterator[Probe]:
    env = environment(home, TRUECOLOR)
    with Probe(argv, env=env | choose(env).settings, size=size) as probe:
        yield probe


def sent(probe: Probe) -> str:
    """All bytes to the end of the last whole repaint; what is no UTF-8 fails here."""
    whole, end, _ = b"".join(read.data for read in probe.reads).rpartition(b"\x1b[?2026l")
    return (whole + end).decode("utf-8")


def kinds(data: str) -> set[str]:
    """Each control sequence by its kind: a mode by its number, what draws by its letter, a string by all of it."""
    return set(OSC.findall(data)) | {
        f"{private}{'' if final in DRAWING else number}{final}" for private, number, final in CSI.findall(data)
    }


def loose(data: str) -> set[str]:
    """What is left between the sequences that a terminal obeys, reorders, does not show, or piles up."""
    text = CSI.sub("", OSC.sub("", data))
    bad = {char for char in text if unicodedata.category(char) in UNSAFE}
    bad |= {char for char in text if unicodedata.bidirectional(char) in RIGHT_TO_LEFT}
    marks = "".join("m" if unicodedata.combining(char) else " " for char in text)
    return bad | set(re.findall(f"m{{{MARKS_LIMIT + 1},}}", marks))


def assert_harmless(data: str) -> None:
    assert data.count(REPLACEMENT) > 10, "nothing hostile was drawn"
    assert not loose(data)
    assert not kinds(data) - OWN


def test_the_judge_sees_each_family_of_harm() -> None:
    """Or the tests below would pass on anything."""
    for family in set(TEXTS) - {"bytes", "markup", "wide", "quote", "blank"}:
        text = TEXTS[family]
        assert loose(text) or kinds(text) - OWN, family


SIZES = [(screen, (160, 50)) for screen in SCREENS] + [("machines", (80, 24))]


@pytest.mark.parametrize(("screen", "size"), SIZES, ids=lambda value: str(value).replace(", ", "x"))
def test_a_screen_and_all_that_opens_over_it(screen: str, size: tuple[int, int], tmp_path: Path) -> None:
    """With more patience for each key where a busy machine was not as far as the next one took for granted."""
    keys, seen = SCREENS[screen]
    for patience in PATIENCE_S:
        drawn = _drawn(screen, keys.split(), tmp_path / f"home-{patience}", size, patience=patience)
        assert_harmless(drawn)
        if seen in drawn:
            return
    raise AssertionError(f"{seen!r} was never drawn")


PATIENCE_S = (0.5, 3.0, 8.0)
"""With a key: not every key is answered with a paint."""


def _drawn(screen: str, keys: list[str], home: Path, size: tuple[int, int], *, patience: float) -> str:
    program = f"from tests.console.test_harmless_bytes import show; show({screen!r})"
    home.mkdir()
    with terminal([sys.executable, "-c", program], home, size) as probe:
        probe.wait_for("help")
        for key in keys:
            probe.act(TO.get(key, key), quiet=0.1, within=patience)
        probe.settle(quiet=0.3)
        assert probe.alive, probe.show()
        return sent(probe)


def test_a_line_break_in_what_a_cluster_says_begins_no_line_on_the_page_of_an_operation(tmp_path: Path) -> None:
    program = "from tests.console.test_harmless_bytes import show_forged; show_forged()"
    with terminal([sys.executable, "-c", program], tmp_path, (160, 50)) as probe:
        probe.wait_for("drain")
        probe.settle(quiet=0.3)
        probe.send("\r")
        probe.wait_for("requests sent")
        probe.send("G")
        probe.wait_for("notes")
        probe.settle(quiet=0.3)
        rows = [row.strip() for row in probe.show().splitlines() if "FAKE" in row]
        assert len(rows) > 3
        assert not [row for row in rows if row.startswith("FAKE")]


def test_the_whole_program_on_a_hostile_server(tmp_path: Path) -> None:
    """Clients, live picture and console as they are; a real start, another server's words."""
    with serve(hostile_fleet(MachineClock()), tmp_path) as bed:
        argv = [*FLEETUI, "--kubeconfig", str(bed.kubeconfig), "--context", "*"]
        with terminal(argv, tmp_path / "home", (160, 50)) as probe:
            probe.wait_for("1 live")
            for view in ("machines", "pods"):
                probe.act(":", quiet=0.2)
                probe.act(view, quiet=0.2)
                probe.send("\r")
                probe.wait_for(f"▸ {view.title()}")
                probe.wait_for("-clear-")
                probe.settle(quiet=0.3)
                for key in ("G", "g", "j", "y", "\x1b", "w"):
                    probe.act(key, quiet=0.2, within=1)
            assert probe.alive, probe.show()
            assert_harmless(sent(probe))
