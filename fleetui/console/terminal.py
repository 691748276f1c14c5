"""What the terminal can show, decided from the environment before Textual is imported: it reads its settings then.

Colours: a line that inherits ``COLORTERM`` through an old GNU screen promises what screen cannot do; the Linux console
has sixteen colours and few glyphs; ``NO_COLOR`` means none at all, and only a theme of the terminal's own colours gives
Textual that (a truecolor theme still sends greys).
"""

from collections.abc import Mapping

import msgspec

DARK, ANSI = "dark", "ansi-16"

ESCAPE_DELAY_MS = "50"
"""How long a lone Esc waits to be told from a sequence. Textual's 100 ms are felt at every Esc; vim waits 50."""


class Choice(msgspec.Struct, frozen=True):
    """What to do before ``import textual``."""

    theme: str
    """The theme to wear when the operator asked for none."""
    ascii: bool
    """Glyphs of ASCII only."""
    settings: dict[str, str]
    """Environment variables to set."""
    unset: tuple[str, ...]
    """Environment variables to remove."""
    reason: str
    """In words, for ``fleetui info``."""
    usable: bool = True
    """False: this is no terminal that a screen can be drawn on."""


def choose(environ: Mapping[str, str]) -> Choice:
    """From the environment alone. What the operator has set for Textual himself stays."""
    theme, system, reason = _colours(environ)
    settings = {
        "TEXTUAL_ANIMATIONS": "none",
        "TEXTUAL_SMOOTH_SCROLL": "0",
        "ESCDELAY": ESCAPE_DELAY_MS,
        **({"TEXTUAL_COLOR_SYSTEM": system} if system else {}),
    }
    return Choice(
        theme=theme,
        ascii=not _speaks_utf8(environ) or environ.get("TERM") == "linux",
        settings={name: value for name, value in settings.items() if name not in environ},
        # Textual takes a NO_COLOR that is empty for one that is set; the convention says otherwise.
        unset=("NO_COLOR",) if environ.get("NO_COLOR") == "" else (),
        reason=reason,
        usable=environ.get("TERM", "") not in ("", "dumb"),
    )


def _colours(environ: Mapping[str, str]) -> tuple[str, str, str]:
    """(theme, Textual's colour system or empty to let it find out, why)."""
    term = environ.get("TERM", "")
    if environ.get("NO_COLOR"):
        return ANSI, "", "NO_COLOR is set: no colours"
    if term == "linux":
        return ANSI, "standard", "the Linux console: 16 colours, ASCII glyphs"
    many = "256color" in term or "direct" in term
    if environ.get("STY") and not environ.get("TMUX"):
        return (DARK, "256", "GNU screen: 256 colours") if many else (ANSI, "standard", "GNU screen: 16 colours")
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return DARK, "", "COLORTERM promises all colours"
    if many or term.startswith(("xterm-kitty", "alacritty", "foot", "wezterm", "ghostty")):
        return DARK, "", f"TERM is {term}"
    return ANSI, "standard", f"TERM is {term or 'not set'}: 16 colours"


def _speaks_utf8(environ: Mapping[str, str]) -> bool:
    """By the locale of the character set. Nothing said is taken for UTF-8, as most terminals are."""
    if environ.get("LC_ALL"):
        said = environ["LC_ALL"]
    elif environ.get("LANG") in ("C", "POSIX") and environ.get("LC_CTYPE") in (None, "", "C.UTF-8"):
        return False  # Python itself sets LC_CTYPE to C.UTF-8 in a C locale (PEP 538): that says nothing
    else:
        said = environ.get("LC_CTYPE") or environ.get("LANG") or "C.UTF-8"
    return said.lower().replace("-", "").endswith(("utf8", "utf8@euro"))
