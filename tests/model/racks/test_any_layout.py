"""Whatever a file says in the right shape is judged, never a crash: names that lead anywhere, numbers of any size."""

import json
from random import Random
from typing import Any

import msgspec
import pytest
from msgspec.structs import fields, replace

from fleetui.cli.output import objects
from fleetui.cli.tables import table_of
from fleetui.model.racks.basis import Basis
from fleetui.model.racks.layout import Layout
from fleetui.model.racks.rows import Rows
from tests.model.racks.samples import cords, machine, survey, with_devices

NAMES = ("", "R1", "R2", "east", "hall", "row-1", "wk-1", "pdu-R1-A", "R1-A", "pp-A", "a/b", "nowhere", "server")
NUMBERS = (0, -1, 1, 0.5, 1.3, 42, 10_000, -10_000, 1e9, None)
SEEDS = range(60)
MAY_BE_EMPTY = ("why", "name", "panel", "cluster", "role", "type", "serial", "status", "kind")
RICH = with_devices(
    machine("blade", position=None, face=None, parent="wk-1", power_ports=()),
    machine("odd", position=5.5, u_height=0.5, power_ports=(*cords("R1", 5), cords("R2", 1)[0])),
)


def shaken(value: Any, chance: Random) -> Any:
    """The same shape with other words and numbers here and there."""
    if isinstance(value, dict):
        return {key: shaken(item, chance) for key, item in value.items()}
    if isinstance(value, list):
        return [shaken(item, chance) for item in value]
    if chance.random() > 0.06:
        return value
    return chance.choice(NAMES) if isinstance(value, str) else chance.choice(NUMBERS)


def section(entries: Any, kind: Any, chance: Random) -> tuple[Any, ...]:
    """Entries that are still of their kind after shaking."""
    kept = []
    for entry in msgspec.to_builtins(entries):
        try:
            kept.append(msgspec.convert(shaken(entry, chance), kind))
        except msgspec.ValidationError:
            continue
    return tuple(kept)


@pytest.mark.parametrize("seed", SEEDS)
def test_any_layout_is_judged(seed: int) -> None:
    chance = Random(seed)
    kinds = {field.name: field.type.__args__[0] for field in fields(Layout) if field.name != "version"}
    layout = replace(RICH, **{name: section(getattr(RICH, name), kind, chance) for name, kind in kinds.items()})
    whole = survey(layout, chance.choice(list(Basis)))
    rows = Rows(whole, lambda path: ".".join(path))
    told = [*rows.racks(), *rows.devices(), *rows.feeds(), *rows.places()]
    assert len(told) == sum(
        map(len, (layout.racks, layout.devices, layout.power_feeds, layout.sites, layout.locations))
    )
    for finding in whole.findings:
        assert finding.text
        assert finding.fix
        entry = getattr(layout, finding.path[0])[int(finding.path[1])]
        assert len(finding.path) == 2 or hasattr(entry, finding.path[2])
    for word, shown in (
        ("racks", rows.racks),
        ("devices", rows.devices),
        ("feeds", rows.feeds),
        ("places", rows.places),
    ):
        table = table_of(word)
        assert all(
            column.text(row, 0.0) for row in shown() for column in table.columns if column.id not in MAY_BE_EMPTY
        )
        json.loads(json.dumps(objects(table, list(shown())), allow_nan=False))
    for row in rows.racks():
        assert (row.budget.power.value is None) == bool(row.budget.power.missing)


def test_shaking_reaches_mistakes_of_every_subject() -> None:
    """Else the test above would pass on layouts that are all well."""
    kinds = {field.name: field.type.__args__[0] for field in fields(Layout) if field.name != "version"}
    codes: set[str] = set()
    for seed in SEEDS:
        chance = Random(seed)
        layout = replace(RICH, **{name: section(getattr(RICH, name), kind, chance) for name, kind in kinds.items()})
        codes.update(finding.rule.code for finding in survey(layout).findings)
    assert len(codes) >= 25, sorted(codes)
