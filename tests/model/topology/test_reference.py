"""docs/planner.md has every rule and every field."""

from pathlib import Path

import msgspec
import pytest

from fleetui.model.topology.needs import Hardware, Link, Needs, Rack, Site, Workload
from fleetui.model.topology.rules import RULES, Rule

PAGE = (Path(__file__).parents[3] / "docs" / "planner.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_is_there_in_its_words(rule: Rule) -> None:
    assert f"| `{rule.id}` | {'hard' if rule.hard else 'soft'} | {rule.words} | {rule.source} |" in PAGE


@pytest.mark.parametrize("shape", [Needs, Hardware, Site, Rack, Link, Workload])
def test_every_field_is_there(shape: type[msgspec.Struct]) -> None:
    missing = [field.name for field in msgspec.structs.fields(shape) if field.name not in PAGE]
    assert missing == []
