"""Which workloads share a cluster: one or many, what must stay apart, and the clusters that serve the others."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

import msgspec

from fleetui.model.topology.demand import Demand, PoolDemand
from fleetui.model.topology.needs import ApiLoad, Criticality, Environment, Isolation, Needs, Workload
from fleetui.model.topology.rules import RuleId
from fleetui.model.topology.signs import choice, wants_management, wants_platform
from fleetui.model.topology.terms import Terms

SHORT = {
    Environment.PRODUCTION: "prod",
    Environment.NONPRODUCTION: "nonprod",
    Environment.PLATFORM: "platform",
    Environment.MANAGEMENT: "management",
}
ONE = "main"
"""The name of a cluster that is the only one."""
SHARED_LOAD = 2
"""Workers that a suggested cluster needs when all is well; ours: enough for Cluster API's managers, or a registry."""


class Key(NamedTuple):
    """Workloads of one key share a cluster."""

    scope: str
    environment: Environment | None
    """None: environments share it."""
    site: str
    version: str
    own: str
    """The workload that is alone in it."""


class Residence(StrEnum):
    """What workloads that name a site do to those that name none."""

    JOINED = "joined"
    """They take them along."""
    APART = "apart"
    IGNORED = "ignored"


class Grouping(msgspec.Struct, frozen=True):
    """What is kept apart."""

    many: bool
    scopes: bool = True
    residence: Residence = Residence.JOINED
    suggested: frozenset[Environment] = frozenset()


def groupings(terms: Terms) -> Iterator[tuple[Demand, ...]]:
    """The clusters, the best set first. A rule that is not enforced is kept where that is possible, too."""
    for scopes in (True,) if terms.hold(RuleId.ISOLATION) else (True, False):
        for residence in _residences(terms):
            for many in _styles(terms.needs, scopes=scopes):
                yield from _with_suggested(terms, Grouping(many=many, scopes=scopes, residence=residence))


def _residences(terms: Terms) -> Iterator[Residence]:
    """Where no workload names a site, all come to the same."""
    yield Residence.JOINED
    if any(one.site for one in terms.needs.workloads.values()):
        yield Residence.APART
        if not terms.hold(RuleId.RESIDENCY):
            yield Residence.IGNORED


def _styles(needs: Needs, *, scopes: bool) -> tuple[bool, ...]:
    """Whether environments are apart: what is preferred, and then the other, unless the file leaves no choice."""
    if needs.hard_environments and scopes:
        return (True,)
    decided = choice(needs).many
    return (decided, not decided)


def _with_suggested(terms: Terms, grouping: Grouping) -> Iterator[tuple[Demand, ...]]:
    """With all clusters that are suggested, then with fewer of them; those that were asked for stay."""
    needs = terms.needs
    base = len(_primaries(terms, grouping))
    wanted = [Environment.MANAGEMENT] if wants_management(needs, clusters=base) else []
    wanted += [Environment.PLATFORM] if (grouping.many or needs.platform) and wants_platform(needs) else []
    asked = {Environment.MANAGEMENT: needs.management, Environment.PLATFORM: needs.platform}
    firm = {one for one in wanted if asked[one] and terms.hold(RuleId.LOAD)}
    sets = [frozenset(wanted), *(frozenset(wanted) - {one} for one in wanted), frozenset[Environment]()]
    for suggested in dict.fromkeys(sets):
        if firm <= suggested:
            yield _demands(terms, msgspec.structs.replace(grouping, suggested=suggested))


def _demands(terms: Terms, grouping: Grouping) -> tuple[Demand, ...]:
    """Each followed by its standby: a search learns at once that there is no place for that."""
    primaries = _primaries(terms, grouping)
    both = [one for primary in primaries for one in (primary, *_standby(terms, primary))]
    return (*both, *(_suggested(terms.needs, one, primaries) for one in sorted(grouping.suggested)))


def _primaries(terms: Terms, grouping: Grouping) -> tuple[Demand, ...]:
    groups: dict[Key, list[str]] = {}
    keys = {name: _key(terms.needs, name, one, grouping) for name, one in terms.needs.workloads.items()}
    for name, key in keys.items():
        groups.setdefault(_resident(key, keys.values(), grouping.residence), []).append(name)
    ordered = sorted(groups, key=lambda key: (_rank(key), list(groups).index(key)))
    taken: set[str] = set()
    return tuple(_cluster(terms, key, groups[key], taken) for key in ordered)


def _rank(key: Key) -> int:
    order = (Environment.PRODUCTION, Environment.PLATFORM, Environment.MANAGEMENT, Environment.NONPRODUCTION)
    scope, environment, *_ = key
    return 2 * (order.index(environment) if environment else 0) + (not scope)


def _resident(key: Key, keys: Iterable[Key], residence: Residence) -> Key:
    """The key with the site in which its cluster is."""
    if residence is Residence.IGNORED:
        return key._replace(site="")
    if residence is Residence.JOINED and not key.site:
        return next((each for each in keys if each.site and each._replace(site="") == key), key)
    return key


def _key(needs: Needs, name: str, workload: Workload, grouping: Grouping) -> Key:
    own = name if grouping.scopes and workload.isolation is Isolation.CLUSTER else ""
    scope = workload.compliance if grouping.scopes else ""
    environment = workload.environment if grouping.many else None
    return Key(scope, environment, workload.site, workload.version or needs.version, own)


def _cluster(terms: Terms, key: Key, names: list[str], taken: set[str]) -> Demand:
    scope, environment, site, version, _ = key
    needs = terms.needs
    there = [needs.workloads[name] for name in names]
    resilient = any(workload.level is not Criticality.LOW for workload in there)
    limits = [workload.at_most for workload in there if workload.at_most is not None]
    return Demand(
        name=_name(key, taken),
        environment=environment or Environment.PRODUCTION,
        pools=_pools(terms, names),
        members=needs.control_planes if resilient else 1,
        resilient=resilient,
        compliance=scope,
        site=site,
        at_most=min(limits, default=None),
        heavy=any(workload.api_load is ApiLoad.HEAVY for workload in there),
        version=version,
    )


def _name(key: Key, taken: set[str]) -> str:
    """The plain one, unless two clusters would share it: then with the site, the version or a number."""
    scope, environment, site, version, own = key
    plain = SHORT[environment] if environment else ONE
    if scope:
        plain = scope if environment in (None, Environment.PRODUCTION) else f"{scope}-{plain}"
    plain = own or plain
    longer = (f"{plain}-{suffix}" for suffix in (site, version.replace(".", "-")) if suffix)
    numbered = (f"{plain}-{number}" for number in range(2, len(taken) + 3))
    name = next(one for one in (plain, *longer, *numbered) if one.lower() not in taken).lower()
    taken.add(name)
    return name


def _pools(terms: Terms, names: Iterable[str]) -> tuple[PoolDemand, ...]:
    """By type of machine; a workload that shares no machines has a pool to itself."""
    pools: dict[str, list[str]] = {}
    for name in names:
        workload = terms.needs.workloads[name]
        alone = workload.isolation is Isolation.POOL
        pools.setdefault(name if alone else terms.needs.hardware_of(workload), []).append(name)
    return tuple(_pool(terms, pool, members) for pool, members in pools.items())


def _pool(terms: Terms, name: str, names: list[str]) -> PoolDemand:
    there = [terms.needs.workloads[one] for one in names]
    asked = terms.hold(RuleId.LOAD)
    return PoolDemand(
        name=name,
        hardware=terms.needs.hardware_of(there[0]),
        load=sum(workload.machines for workload in there) if asked else 0,
        critical=sum(one.machines for one in there if one.level is Criticality.HIGH) if asked else 0,
        workloads=tuple(names),
        own=there[0].isolation is Isolation.POOL,
        stands_by=any(workload.stands_by for workload in there),
    )


def _standby(terms: Terms, primary: Demand) -> Iterator[Demand]:
    """One, or none."""
    if not (terms.needs.survives_site and terms.hold(RuleId.SITE_LOSS)):
        return
    if any(pool.stands_by for pool in primary.pools):
        name = "dr" if primary.name in (SHORT[Environment.PRODUCTION], ONE) else f"{primary.name}-dr"
        yield msgspec.structs.replace(primary, name=name, stands_in_for=primary.name)


def _suggested(needs: Needs, environment: Environment, primaries: tuple[Demand, ...]) -> Demand:
    name = SHORT[environment]
    taken = {primary.name for primary in primaries}
    pool = PoolDemand(needs.first_hardware, needs.first_hardware, SHARED_LOAD, SHARED_LOAD, ())
    return Demand(
        name=name if name not in taken else f"{name}-2",
        environment=environment,
        pools=(pool,),
        members=needs.control_planes,
        version=needs.version,
        suggested=True,
    )
