"""What the console's tests share: a wall clock in UTC, so that pictures and times read the same everywhere."""

import time
from collections.abc import Iterator

import pytest

from tests.console import settling


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def settles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pilot waits until the app has nothing left to do, whatever the machine has."""
    settling.teach(monkeypatch)
