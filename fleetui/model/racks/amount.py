"""How much of something there may be, and how much there is: as far as that is known."""

from collections.abc import Iterable
from math import fsum

import msgspec


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """A sum of which parts may not be known."""

    known: float = 0.0
    """What is known of it: the least that it can be."""
    missing: tuple[str, ...] = ()
    """Whose part nobody knows."""
    limit: float | None = None
    margin: float = 1.0
    """By which the sum is multiplied before it is compared with the limit."""

    @property
    def value(self) -> float | None:
        """None where a part is not known: a smaller number would be believed."""
        return None if self.missing else self.known

    @property
    def share(self) -> float | None:
        """Of the limit; None where either is not known."""
        return None if self.missing else self.least_share

    @property
    def least_share(self) -> float | None:
        """Of the limit, by what is known: too much already is too much whatever is missing."""
        if self.limit is None:
            return None
        if self.limit <= 0:
            return float("inf") if self.known > 0 else 0.0
        return self.known * self.margin / self.limit

    @property
    def over(self) -> bool | None:
        """Whether it is more than there may be; None where nobody can tell."""
        if self.least_share is not None and self.least_share > 1:
            return True
        return None if self.share is None else False


def total(parts: Iterable[tuple[str, float | None]], *, limit: float | None = None, margin: float = 1.0) -> Amount:
    """The sum of what each has; None where its part is not known."""
    said = tuple(parts)
    return Amount(
        known=fsum(part for _, part in said if part is not None),
        missing=tuple(name for name, part in said if part is None),
        limit=limit,
        margin=margin,
    )


def together(amounts: Iterable[Amount], *, margin: float = 1.0) -> Amount:
    """Of several places: there is a limit only where each of them has one."""
    said = tuple(amounts)
    limits = [amount.limit for amount in said if amount.limit is not None]
    return Amount(
        known=fsum(amount.known for amount in said),
        missing=tuple(name for amount in said for name in amount.missing),
        limit=fsum(limits) if said and len(limits) == len(said) else None,
        margin=margin,
    )
