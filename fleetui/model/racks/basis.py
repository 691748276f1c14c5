"""Which figure of power budgets are made of: by itself, for the configuration names it before racks are read."""

from enum import StrEnum


class Basis(StrEnum):
    """Which figure: never another one in its place, so that a sum is of one kind."""

    NAMEPLATE = "nameplate"
    """``maximum_draw``: what it says on its plate."""
    ALLOCATED = "allocated"
    """``allocated_draw``: what is planned for it."""
    MEASURED = "measured"
    """``measured_draw``."""
