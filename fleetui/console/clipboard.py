"""Copying to the clipboard of the operator's own machine, over any SSH hops: OSC 52, wrapped for tmux and screen."""

import base64
import os
from collections.abc import Callable, Mapping

LIMIT = 74_994
"""Characters that xterm takes in one OSC 52, after base64; other terminals take at least as many."""

SCREEN_CHUNK = 76
"""GNU screen drops a DCS string of more than 768 bytes; short pieces pass every version."""


def copied(text: str, write: Callable[[str], None] | None) -> bool:
    """Sends ``text`` on its way; False where there is no terminal, and of a text that is too long for one."""
    if write is None:
        return False
    try:
        write(osc_52(text, os.environ))
    except ValueError:
        return False
    return True


def osc_52(text: str, environment: Mapping[str, str]) -> str:
    """The control sequence that copies ``text``. Raises ValueError when it is too long to copy."""
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    if len(encoded) > LIMIT:
        raise ValueError(f"too long to copy: {len(text):,} characters")
    if "TMUX" in environment:
        return "\x1bPtmux;\x1b" + f"\x1b]52;c;{encoded}\x07" + "\x1b\\"
    if environment.get("TERM", "").startswith("screen"):
        return _for_screen(f"\x1b]52;c;{encoded}\x07")
    return f"\x1b]52;c;{encoded}\x07"


def _for_screen(sequence: str) -> str:
    pieces = (sequence[at : at + SCREEN_CHUNK] for at in range(0, len(sequence), SCREEN_CHUNK))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
