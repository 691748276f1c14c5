"""Values that hold secrets. Reprs end up in logs and tracebacks, so theirs say nothing."""

from typing import Any

import msgspec


class Unseen(msgspec.Struct, frozen=True):
    """Shows its class and no field."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """msgspec gives every struct one, and tracebacks that Rich draws use it."""
        return []
