"""The probe measures a program that is known: what it writes, when, and what it asks."""

import os
import signal
import sys
import textwrap
import time
from collections.abc import Iterator
from functools import partial

import pytest

from bench import gauge, measure
from bench.pty_probe import NotSeenError, Probe
from bench.subjects import environment

PROGRAM = textwrap.dedent(
    """
    import os, signal, sys, termios, time, tty
    tty.setraw(0)
    def ask(query, end):
        os.write(1, query)
        answer = b""
        while not answer.endswith(end):
            answer += os.read(0, 1)
        return answer
    known = ask(b"\\x1b[?2026$p", b"y")
    os.write(1, b"\\x1b[2J\\x1b[1;1Hready " + known.replace(b"\\x1b", b"^"))
    signal.signal(signal.SIGWINCH, lambda *_: os.write(1, b"\\x1b[3;1H%d columns" % os.get_terminal_size().columns))
    while True:
        key = os.read(0, 1)
        if key == b"q":
            raise SystemExit
        if key == b"b":
            end = time.process_time() + 0.3  # of its own work: no clock on the wall can say less
            while time.process_time() < end:
                pass
            os.write(1, b"\\x1b[2;1Hburnt")
    """
)


@pytest.fixture
def probe(tmp_path) -> Iterator[Probe]:  # type: ignore[no-untyped-def]
    with Probe([sys.executable, "-c", PROGRAM], env=environment(tmp_path, {})) as probe:
        probe.wait_for("ready")
        yield probe


def test_answers_that_synchronized_output_is_known(probe: Probe) -> None:
    assert "ready ^[?2026;2$y" in probe.show()


def test_times_a_key_to_its_answer(probe: Probe) -> None:
    before = time.monotonic()
    act = probe.act("b")
    assert act.first is not None
    assert act.last is not None
    assert 0.3 <= act.first <= act.last < time.monotonic() - before
    assert act.size == len(b"\x1b[2;1Hburnt")
    assert "burnt" in probe.show()


def test_counts_no_answer_of_an_earlier_key(probe: Probe) -> None:
    """Two cursor moves in a row are two answers, each with its own bytes."""
    assert [probe.act(key).size for key in "bb"] == [len(b"\x1b[2;1Hburnt")] * 2


def test_a_key_without_answer_is_told_as_such(probe: Probe) -> None:
    act = probe.act("x", within=0.2)
    assert (act.first, act.last, act.size) == (None, None, 0)


def test_counts_the_cpu_of_the_tree(probe: Probe) -> None:
    before = gauge.cost_of(probe.pid)
    probe.act("b")
    after = gauge.cost_of(probe.pid)
    assert after.cpu - before.cpu >= 0.25
    assert after.rss > 1_000_000


def test_tells_the_program_of_a_new_size(probe: Probe) -> None:
    probe.resize(90, 20)
    probe.wait_for("90 columns")


def test_a_stop_from_outside_is_seen_and_ends(probe: Probe) -> None:
    with pytest.raises(NotSeenError, match="not stopped"):
        probe.wait_stopped(within=0.05)
    os.kill(probe.pid, signal.SIGSTOP)
    probe.wait_stopped()
    assert probe.act("b", within=0.1).size == 0
    os.kill(probe.pid, signal.SIGCONT)
    probe.wait_for("burnt")


def test_counts_what_an_upheaval_brings(probe: Probe) -> None:
    """From the first answer to rest, and nothing of before: the program says its new width, once."""
    painted = measure.repainted(probe, partial(measure.resized, columns=90, rows=20))
    assert painted == len(b"\x1b[3;1H90 columns")


def test_what_never_comes_fails_with_the_screen(probe: Probe) -> None:
    with pytest.raises(NotSeenError, match="ready"):
        probe.wait_for("never", within=0.2)
    probe.send("q")
    with pytest.raises(NotSeenError, match="ended with 0"):
        probe.wait_for("never", within=5)
