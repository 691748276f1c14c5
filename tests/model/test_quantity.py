"""How many of a thing, in words: one home for all faces."""

import re
from pathlib import Path

import pytest

from fleetui.model.quantity import counted

CODE = Path(__file__).resolve().parents[2] / "fleetui"


@pytest.mark.parametrize(("count", "said"), [(0, "0 pods"), (1, "1 pod"), (2, "2 pods"), (5_000, "5,000 pods")])
def test_one_and_thousands(count: int, said: str) -> None:
    assert counted(count, "pod") == said


def test_nobody_else_makes_a_plural_of_a_noun_that_is_handed_in() -> None:
    own = re.compile(r"\{(?:noun|thing|word)\}s\b|\{(?:noun|thing|word)\}\{'' if")
    found = {file.name for file in CODE.rglob("*.py") if own.search(file.read_text(encoding="utf-8"))}
    assert found == {"quantity.py"}
