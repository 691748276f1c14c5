"""A terminal that knows ASCII only gets nothing else, on every screen: our signs, borders, clusters' names."""

import pytest
from rich.cells import cell_len

from fleetui.console.glyphs import ASCII, UNICODE, Glyphs, ascii_text
from tests.console.samples import cluster, fill, machine, running_drain
from tests.console.test_harmless import sent
from tests.console.test_snapshots import PICTURED
from tests.console.test_table_keys import started
from tests.console.waiting import until
from tests.console.world import World


def foreign() -> World:
    """The sample fleet, and names that no ASCII has."""
    world = fill(World(glyphs=ASCII))
    running_drain(world, "wk-b-12", "wk-b-07", "wk-b-13")
    world.fleet.put(cluster("prod-münchen", "prod", 3), machine("wk-東京", "prod-east-2", status="NotReady"))
    return world


@pytest.mark.parametrize("name", PICTURED)
async def test_every_byte_of_every_screen_is_ascii(name: str) -> None:
    steps, size, theme = PICTURED[name]
    world = foreign()
    async with world.app(theme=theme).run_test(size=size) as pilot:
        app = await started(pilot, world)
        await steps(pilot, world, app)
        painted = sent(app)
    assert {char for char in painted if not char.isascii()} == set()
    assert len(painted.split("\n")) == size[1]
    assert {len(line) for line in painted.split("\n")} == {size[0]}


async def test_a_border_can_be_seen() -> None:
    world = foreign()
    steps, _, _ = PICTURED["confirm-armed"]
    async with world.app(theme="ansi-16").run_test(size=(120, 24)) as pilot:
        app = await started(pilot, world)
        await steps(pilot, world, app)
        lines = sent(app).split("\n")
    assert any("+-  Drain 5 machines in prod-east-2  --" in line for line in lines)
    assert sum(line.startswith("|") and line.endswith("|") for line in lines) >= 10


async def test_with_utf8_nothing_is_spelled() -> None:
    world = fill(World())
    world.fleet.put(cluster("prod-münchen", "prod", 3, ready=2))
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await until(pilot, lambda: "prod-münchen" in sent(app))
        assert "◉" in sent(app)


@pytest.mark.parametrize("sign", ["…", "╭", "│", "▏", "▆", "▸", "é", "東", "\u0301", "‹"])
def test_no_sign_changes_its_width(sign: str) -> None:
    assert ascii_text(sign).isascii()
    assert len(ascii_text(sign)) == cell_len(sign)


def test_each_glyph_is_spelled_as_the_table_says() -> None:
    for name in Glyphs.__struct_fields__:
        assert ascii_text(getattr(UNICODE, name)) == getattr(ASCII, name)
    assert ascii_text("plain text") == "plain text"
