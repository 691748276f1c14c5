"""A key is not kept waiting by a thread that reads thousands of rows."""

import os
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fleetui.console.terminal import choose
from fleetui.wiring import screen

PATIENT_S = 0.001


@pytest.fixture(autouse=True)
def _interval() -> Iterator[None]:
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def test_threads_take_short_turns_while_the_console_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    while_it_ran: list[float] = []

    def run(**_: object) -> None:
        while_it_ran.append(sys.getswitchinterval())

    monkeypatch.setattr(os, "isatty", lambda _: True)
    monkeypatch.setattr(screen, "adapt", lambda _: None)
    monkeypatch.setattr(screen, "choose", lambda _: choose({"TERM": "xterm-256color", "LANG": "C.UTF-8"}))
    for part in ("Clusters", "Core"):
        monkeypatch.setattr(screen, part, lambda _: None)
    monkeypatch.setattr(screen, "build_app", lambda *_, **__: SimpleNamespace(run=run, return_code=0))
    assert screen.open_console(cast(Any, None)) == 0
    assert while_it_ran
    assert while_it_ran[0] <= PATIENT_S
