"""Plain output where the locale is not UTF-8: what it cannot say is written in signs that it can.

UTF-8 bytes regardless would be controls in a Latin-1 terminal; a question mark would be our word for "unknown".
"""

import codecs
from typing import TextIO

from fleetui.model.text import ELLIPSIS, REPLACEMENT

_HANDLER = "fleetui.plain"
_SIGNS = {"\N{EN DASH}": "-", ELLIPSIS: "~", REPLACEMENT: "?", "\N{MIDDLE DOT}": ".", "\N{BULLET}": "*"}
"""Of one cell each, so that columns stay aligned. The rest becomes an escape such as ``\\u4e2d``."""


def speak_plainly(stream: TextIO) -> None:
    """From now on ``stream`` takes any text. One that is not a file of ours (a test's, a notebook's) stays as it is."""
    codecs.register_error(_HANDLER, _plain)
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors=_HANDLER)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    refused = error.object[error.start : error.end]
    shown = (_SIGNS.get(char) or char.encode("ascii", "backslashreplace").decode("ascii") for char in refused)
    return "".join(shown), error.end
