"""Clusters in sites, machines in racks: the first arrangement that keeps the rules, by trying every site for every
cluster. Within a site the places need not be tried: see ``level_fill``.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from fleetui.model.topology.demand import Demand
from fleetui.model.topology.grouping import groupings
from fleetui.model.topology.needs import Environment
from fleetui.model.topology.rules import RuleId
from fleetui.model.topology.sizing import (
    LARGEST_ETCD,
    LEAST_CORES,
    LEAST_MEMORY_GB,
    WORKER,
    Shape,
    least_workers,
    most,
    shapes,
)
from fleetui.model.topology.terms import Terms
from fleetui.model.topology.yard import Row, Yard

MOST_TRIED = 5_000
"""Ways to place a cluster, in one search: some seconds."""


class TooHardError(ValueError):
    """Nothing is proved: neither a plan nor that there is none. The message is for the operator."""


class Effort:
    """What a search may still try."""

    def __init__(self) -> None:
        self._left = MOST_TRIED

    def spend(self) -> None:
        """Raises TooHardError."""
        self._left -= 1
        if self._left < 0:
            raise TooHardError(
                "too many ways to try: no plan was found, and none is ruled out; say site for some workloads, or plan"
                " them in two files"
            )


class Placed(msgspec.Struct, frozen=True):
    """One cluster in its site."""

    demand: Demand
    site: str
    external: bool
    rows: tuple[tuple[Row, tuple[int, ...]], ...]
    """Each with its machines by rack, in the order of the site's racks."""

    @property
    def machines(self) -> int:
        return sum(sum(counts) for _, counts in self.rows)

    @property
    def workers(self) -> dict[str, int]:
        """By pool."""
        return {row.pool: sum(counts) for row, counts in self.rows if row.role == WORKER}


class Arrangement(msgspec.Struct, frozen=True):
    placed: tuple[Placed, ...]
    yard: Yard
    """What is left."""


def arrange(terms: Terms) -> Arrangement | None:
    """None when the rules leave no arrangement. Raises TooHardError."""
    if not _possible_anywhere(terms):
        return None
    yard, effort = Yard.of(terms), Effort()
    for demands in groupings(terms):
        found = _place(terms, demands, Arrangement((), yard), effort)
        if found is not None:
            return _filled(terms, found)
    return None


def _possible_anywhere(terms: Terms) -> bool:
    """What no place can mend."""
    members = terms.needs.control_planes
    if terms.hold(RuleId.ETCD_ODD) and (members % 2 == 0 or members > LARGEST_ETCD):
        return False
    if terms.hold(RuleId.ETCD_SITE) and terms.needs.stretch:
        return False
    machine = terms.needs.hardware[terms.control_plane_hardware]
    large = machine.cores >= LEAST_CORES and machine.memory_gb >= LEAST_MEMORY_GB
    return large or not terms.hold(RuleId.CP_LEAST)


def _place(terms: Terms, demands: Sequence[Demand], so_far: Arrangement, effort: Effort) -> Arrangement | None:
    """All that are still to be placed, going back where the rest does not fit."""
    if not demands:
        return so_far
    if _too_few(terms, demands, so_far.yard):
        return None
    demand, *rest = demands
    for placed, yard in _ways(terms, demand, so_far):
        effort.spend()
        found = _place(terms, rest, Arrangement((*so_far.placed, placed), yard), effort)
        if found is not None:
            return found
    return None


def _too_few(terms: Terms, demands: Sequence[Demand], yard: Yard) -> bool:
    """Whether more machines or more room are needed than are left, wherever all were placed: most of a search that
    fails ends here."""
    racks = max(map(len, yard.racks.values()))
    needed: Counter[str] = Counter()
    for demand in demands:
        needed[terms.control_plane_hardware] += demand.members
        if not demand.stands_in_for:
            for pool in demand.pools:
                needed[pool.hardware] += least_workers(terms, pool, racks)
    return any(count > yard.left(type_) for type_, count in needed.items()) or not yard.has_room(needed)


def _ways(terms: Terms, demand: Demand, so_far: Arrangement) -> Iterator[tuple[Placed, Yard]]:
    """Every site and shape that fits, the best first."""
    primary = next((one.workers for one in so_far.placed if one.demand.name == demand.stands_in_for), {})
    for site in _sites(terms, demand, so_far.placed):
        for shape in shapes(terms, demand, racks=len(so_far.yard.racks[site]), primary=primary):
            placed = _rows(demand, site, shape, so_far.yard)
            if placed is not None:
                yield placed


def _sites(terms: Terms, demand: Demand, placed: tuple[Placed, ...]) -> list[str]:
    """Where it may be, the best first: production where most racks are; what may be given up, and what rebuilds the
    rest, away from it."""
    sites = terms.needs.sites
    allowed = sorted(sites, key=lambda site: -len(sites[site].racks))
    if demand.site and terms.hold(RuleId.RESIDENCY):
        allowed = [demand.site]
    taken = {one.site for one in placed if one.demand.name == demand.stands_in_for}
    away = demand.environment is not Environment.PRODUCTION and terms.needs.survives_site
    critical = {one.site for one in placed if one.demand.is_production}
    return sorted((site for site in allowed if site not in taken), key=lambda site: away and site in critical)


def _rows(demand: Demand, site: str, shape: Shape, yard: Yard) -> tuple[Placed, Yard] | None:
    rows = []
    for row in shape.rows:
        taken = yard.take(site, row)
        if taken is None:
            return None
        yard, counts = taken
        rows.append((row, counts))
    return Placed(demand, site, shape.external, tuple(rows)), yard


def _filled(terms: Terms, found: Arrangement) -> Arrangement:
    """What nobody asked for goes to the standbys, up to all that their primaries have."""
    if not terms.hold(RuleId.SUPPLY):
        return found  # of endless machines nothing is left over
    placed, yard = list(found.placed), found.yard
    for at, standby in enumerate(found.placed):
        for primary in found.placed:
            if standby.demand.stands_in_for == primary.demand.name:
                placed[at], yard = _topped_up(standby, primary, yard, most(terms, standby.demand))
    return Arrangement(tuple(placed), yard)


def _topped_up(standby: Placed, primary: Placed, yard: Yard, at_most: int) -> tuple[Placed, Yard]:
    allowed = at_most - standby.machines
    rows = []
    for row, counts in standby.rows:
        wanted = primary.workers[row.pool] - sum(counts) if row.role == WORKER else 0
        more = min(wanted, allowed, yard.reach(standby.site, row.hardware))
        taken = yard.take(standby.site, msgspec.structs.replace(row, count=more, cap=more))
        assert taken is not None, "no more was asked for than there is"
        yard, added = taken
        allowed -= more
        rows.append((row, tuple(map(sum, zip(counts, added, strict=True)))))
    return msgspec.structs.replace(standby, rows=tuple(rows)), yard
