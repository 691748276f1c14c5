"""Kubernetes quantities: ``100m``, ``1.5``, ``256Gi``, ``12e6`` (apimachinery/pkg/api/resource/quantity.go)."""

import re

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?")
_SCALE = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60,
}  # fmt: skip


def quantity(said: str | float | None) -> float | None:
    """In base units: cores, bytes. None when nothing is said or it is not a quantity."""
    if said is None:
        return None
    found = _QUANTITY.fullmatch(str(said).strip())
    if found is None:
        return None
    number, exponent, suffix = found.groups()
    return float(number) * (10.0 ** int(exponent) if exponent else _SCALE.get(suffix, 1.0))
