"""A number of things in words."""


def counted(count: int, noun: str) -> str:
    """``1 alert``, ``5,000 alerts``."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
