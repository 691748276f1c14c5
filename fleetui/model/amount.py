"""Cores and bytes as people read them; unknown is ``?``."""

UNKNOWN = "?"


def number_text(amount: float) -> str:
    """Three digits or whole: ``0.5``, ``31.2``, ``1,024``."""
    return f"{amount:,.0f}" if amount >= 100 or amount == int(amount) else f"{amount:.3g}"


def cores_text(cores: float | None) -> str:
    """``612 cores``, ``3.2 cores``."""
    return UNKNOWN if cores is None else f"{number_text(cores)} cores"


def bytes_text(amount: float | None) -> str:
    """``2.3 TiB``, ``118 GiB``, ``640 MiB``, ``5 MiB``, ``36 KiB``, ``20 B``: what is there is never nought."""
    if amount is None:
        return UNKNOWN
    for unit, size in (("TiB", 2**40), ("GiB", 2**30)):
        if amount >= size:
            return f"{number_text(amount / size)} {unit}"
    for unit, size in (("MiB", 2**20), ("KiB", 2**10)):
        if amount >= size:
            return f"{amount / size:,.0f} {unit}"
    return f"{amount:,.0f} B"
