"""Themes: what is shipped can be read, and what cannot be used says where and what to write instead."""

import re
from pathlib import Path

import pytest
from rich.color import Color
from rich.style import Style

from fleetui.clients.yaml_file import load as load_yaml
from fleetui.console.theme import COLORS, STYLES, LoadedTheme, ThemeError, Themes, load_theme, plain_theme
from tests.console.samples import fill
from tests.console.world import THEMES, World, themes

SHIPPED = tuple(path.stem for path in sorted(THEMES.glob("*.yaml")))

READ_OFTEN, SELDOM = 4.5, 3.0
"""WCAG AA: ordinary text, and what is only decoration or large."""

SEPARATORS = frozenset({"rule", "faint"})


def luminance(color: Color) -> float:
    def channel(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    assert color.triplet is not None
    red, green, blue = (channel(value) for value in color.triplet)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_theme_can_be_used(name: str) -> None:
    theme = themes().get(name)
    assert theme.name == name
    assert set(STYLES) <= set(theme.styles)
    assert set(COLORS) <= set(theme.colors)


@pytest.mark.parametrize("ground", ["background", "surface", "panel", "cursor", "marked"])
def test_every_text_of_the_dark_theme_can_be_read_on_every_ground(ground: str) -> None:
    theme = themes().get("dark")
    below = Color.parse(theme.colors[ground])
    for name, style in theme.styles.items():
        lit = ground in ("cursor", "marked")
        if style.color is None or style.bgcolor is not None or (lit and name == "rule"):
            continue
        wanted = 1.2 if name == "rule" else SELDOM if name in SEPARATORS or lit else READ_OFTEN
        found = contrast(style.color, below)
        assert found >= wanted, f"{name} on {ground}: {found:.1f}, wanted {wanted}"


def test_styles_with_a_ground_of_their_own_can_be_read() -> None:
    for name, style in themes().get("dark").styles.items():
        if style.color is not None and style.bgcolor is not None:
            assert contrast(style.color, style.bgcolor) >= READ_OFTEN, name


def test_the_16_colour_theme_says_only_the_terminals_own_colours() -> None:
    theme = themes().get("ansi-16")
    assert theme.ansi
    for name, style in theme.styles.items():
        for color in (style.color, style.bgcolor):
            assert color is None or color.is_default or (color.number is not None and color.number < 16), name


def test_no_python_of_the_console_names_a_colour() -> None:
    console = Path(__file__).parents[2] / "fleetui" / "console"
    for path in console.rglob("*.py"):
        assert not re.search(r"#[0-9a-fA-F]{6}\b", path.read_text()), path.name


def changed(**changes: str) -> str:
    text = (THEMES / "dark.yaml").read_text()
    for key, value in changes.items():
        text = re.sub(rf"^  {key}: .*$", f"  {key}: {value}", text, flags=re.MULTILINE)
    return text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (changed(danger='"red"'), "mine: colors.danger: 'red' is not a colour: write #rrggbb"),
        (changed(busy="$nowhere"), "is not a colour"),
        (changed(crumb="bold $nowhere"), "mine: styles.crumb: $nowhere is not one of the theme's colors"),
        (changed(crumb="blod $text"), "mine: styles.crumb: 'blod' is not a colour"),
        (re.sub(r"^  rule: .*\n", "", changed(), flags=re.MULTILINE), "mine: styles lacks rule"),
        ("name: [", "mine"),
        ("just text", "mine: Expected `object`"),
        ("name: x\nloud: true\ncolors: {}\nstyles: {}", "mine: Object contains unknown field `loud`"),
    ],
)
def test_a_bad_theme_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(ThemeError, match=re.escape(told)):
        load_theme(text, where="mine", load_yaml=load_yaml)


def test_a_bad_theme_costs_its_looks_and_one_message() -> None:
    shipped = (THEMES / "ansi-16.yaml").read_text
    found, problem = Themes({"mine": lambda: "name: [", "ansi-16": shipped}, load_yaml=load_yaml).get_or_plain(
        "mine", "ansi-16"
    )
    assert found.name == "ansi-16"
    assert "mine" in problem


def test_without_any_theme_there_is_weight_and_inversion() -> None:
    found, problem = Themes({}, load_yaml=load_yaml).get_or_plain("dark")
    assert found.name == "plain"
    assert "no theme 'dark'" in problem
    assert_plain(found)
    assert_plain(plain_theme())


def assert_plain(theme: LoadedTheme) -> None:
    assert set(STYLES) <= set(theme.styles)
    assert all(style.color is None and style.bgcolor is None for style in theme.styles.values())
    assert theme.styles["cursor"] == Style(reverse=True)


@pytest.mark.parametrize("name", [*SHIPPED, "plain"])
async def test_every_theme_is_worn_while_running(name: str) -> None:
    world = fill(World())
    app = world.app(theme="dark")
    async with app.run_test(size=(80, 24)) as pilot:
        app.wear(plain_theme() if name == "plain" else app.themes.get(name))
        await pilot.pause()
        assert app.theme == name
        assert world.session.styles["ok"] == (plain_theme() if name == "plain" else app.themes.get(name)).styles["ok"]
        assert "prod-east-1" in app.export_screenshot().replace("&#160;", " ")
