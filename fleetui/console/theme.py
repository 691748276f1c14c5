"""Looks live in YAML under semantic names; Python says ``ok`` or ``danger`` and never a colour.

A theme names its colours once and builds styles from them. The same colours reach the style sheets as ``$name``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import msgspec
from rich.style import Style
from textual.theme import BUILTIN_THEMES, Theme

COLORS = (
    *("background", "surface", "panel", "cursor", "marked", "line"),
    *("text", "muted", "faint", "bright", "ok", "warn", "danger", "stale", "unknown", "busy", "accent"),
)

STYLES = (
    *("text", "muted", "faint", "strong", "title", "crumb", "brand", "heading", "rule", "key", "group", "bar", "input"),
    *("ok", "warn", "danger", "stale", "unknown", "busy", "accent", "prod"),
    *("mark", "cursor", "marked", "match"),
    *("chip-readonly", "chip-write", "chip-demo", "button", "button-focus", "button-danger"),
)
"""Every style a theme must define; ``themes/dark.yaml`` shows them at work."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_ANSI = re.compile(
    r"ansi_(default|(bright_)?(black|red|green|yellow|blue|magenta|cyan|white))",
)
_ATTRIBUTES = frozenset({"bold", "dim", "italic", "underline", "reverse"})


class ThemeError(Exception):
    """A theme cannot be used. The message says where and what to write instead."""


class ThemeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as it is written."""

    name: str
    colors: dict[str, str]
    styles: dict[str, str]
    dark: bool = True
    ansi: bool = False
    """True: the terminal's own sixteen colours; nothing is converted."""


class LoadYaml(Protocol):
    """``load(text, where)``: plain Python data; raises ValueError with the place."""

    def __call__(self, text: str, where: str) -> object: ...


class LoadedTheme(msgspec.Struct, frozen=True):
    """A theme that can be used."""

    name: str
    styles: dict[str, Style]
    """Semantic name to Rich style: what lines are inked with."""
    textual: Theme
    """For the style sheets: the same colours as variables."""
    colors: dict[str, str]
    ansi: bool


def load_theme(text: str, *, where: str, load_yaml: LoadYaml) -> LoadedTheme:
    """A theme from its YAML text; ``where`` is the file's name for the message. Raises ThemeError."""
    try:
        file = msgspec.convert(load_yaml(text, where), ThemeFile)
    except (ValueError, msgspec.ValidationError) as error:
        raise ThemeError(f"{where}: {error}") from error
    _require(COLORS, file.colors, where=where, what="colors")
    _require(STYLES, file.styles, where=where, what="styles")
    for name, color in file.colors.items():
        _check_color(color, at=f"{where}: colors.{name}", ansi=file.ansi)
    styles = {
        name: parse_style(style, file.colors, at=f"{where}: styles.{name}") for name, style in file.styles.items()
    }
    return LoadedTheme(file.name, styles, _textual_theme(file), file.colors, file.ansi)


def parse_style(text: str, colors: dict[str, str], *, at: str) -> Style:
    """``bold $danger on $surface`` as a Rich style."""
    attributes: dict[str, bool] = {}
    found: dict[str, str] = {}
    slot = "color"
    for word in text.split():
        if word == "on":
            slot = "bgcolor"
        elif word in _ATTRIBUTES:
            attributes[word] = True
        else:
            found[slot] = _color(word, colors, at=at)
    return Style(
        color=_rich(found.get("color")),
        bgcolor=_rich(found.get("bgcolor")),
        bold=attributes.get("bold"),
        dim=attributes.get("dim"),
        italic=attributes.get("italic"),
        underline=attributes.get("underline"),
        reverse=attributes.get("reverse"),
    )


def _require(names: Iterable[str], said: dict[str, str], *, where: str, what: str) -> None:
    missing = [name for name in names if name not in said]
    if missing:
        raise ThemeError(f"{where}: {what} lacks {', '.join(missing)}")


def _color(word: str, colors: dict[str, str], *, at: str) -> str:
    if word.startswith("$"):
        if word[1:] not in colors:
            raise ThemeError(f"{at}: {word} is not one of the theme's colors")
        return colors[word[1:]]
    _check_color(word, at=at, ansi=True)
    return word


def _check_color(color: str, *, at: str, ansi: bool) -> None:
    if _HEX.fullmatch(color) or (ansi and _ANSI.fullmatch(color)):
        return
    raise ThemeError(f"{at}: {color!r} is not a colour: write #rrggbb" + (" or ansi_red" if ansi else ""))


def _rich(color: str | None) -> str | None:
    """Rich says ``red`` and ``bright_red`` where Textual says ``ansi_red``."""
    return None if color is None else color.removeprefix("ansi_")


def _textual_theme(file: ThemeFile) -> Theme:
    colors = file.colors
    return Theme(
        name=file.name,
        primary=colors["accent"],
        secondary=colors["busy"],
        accent=colors["accent"],
        warning=colors["warn"],
        error=colors["danger"],
        success=colors["ok"],
        foreground=colors["text"],
        background=colors["background"],
        surface=colors["surface"],
        panel=colors["panel"],
        dark=file.dark,
        ansi=file.ansi,
        variables={**_textual_variables(file), **colors},
    )


def _textual_variables(file: ThemeFile) -> dict[str, str]:
    """What Textual's own style sheets ask an ANSI theme for, beside the colours that every theme has."""
    return dict(BUILTIN_THEMES["ansi-dark" if file.dark else "ansi-light"].variables) if file.ansi else {}


class Themes:
    """The themes that can be had; each file is read when its theme is first asked for."""

    def __init__(self, sources: Mapping[str, Callable[[], str]], *, load_yaml: LoadYaml) -> None:
        """``sources``: theme name to a function that reads its file."""
        self._sources = sources
        self._load_yaml = load_yaml
        self._loaded: dict[str, LoadedTheme] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._sources))

    def get(self, name: str) -> LoadedTheme:
        """Raises ThemeError when there is no such theme or its file cannot be used."""
        if name not in self._loaded:
            self._loaded[name] = self._read(name)
        return self._loaded[name]

    def get_or_plain(self, *names: str) -> tuple[LoadedTheme, str]:
        """The first of ``names`` that can be used, and one line about those before it; at last one without colour."""
        problems: list[str] = []
        for name in names:
            try:
                return self.get(name), "; ".join(problems)
            except ThemeError as error:
                problems.append(str(error))
        return plain_theme(), "; ".join(problems)

    def _read(self, name: str) -> LoadedTheme:
        if name not in self._sources:
            raise ThemeError(f"no theme {name!r}: there are {', '.join(self.names)}")
        try:
            text = self._sources[name]()
        except OSError as error:
            raise ThemeError(f"theme {name}: {error.strerror or error}") from error
        return load_theme(text, where=f"theme {name}", load_yaml=self._load_yaml)


_PLAIN_STYLES = {
    "bold": ("strong", "title", "brand", "danger", "warn", "mark", "group", "prod", "marked", "key"),
    "bold reverse": ("chip-write", "button-focus", "button-danger"),
    "reverse": ("cursor",),
    "bold underline": ("match",),
}


def plain_theme() -> LoadedTheme:
    """Weight and inversion only: what is left when no theme file can be used."""
    looks = {name: style for style, names in _PLAIN_STYLES.items() for name in names}
    file = ThemeFile(
        name="plain",
        colors=dict.fromkeys(COLORS, "ansi_default"),
        styles={name: looks.get(name, "") for name in STYLES},
        ansi=True,
    )
    styles = {name: parse_style(text, file.colors, at="plain") for name, text in file.styles.items()}
    return LoadedTheme(file.name, styles, _textual_theme(file), file.colors, file.ansi)
