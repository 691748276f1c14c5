"""From names on the command line to machines frozen by uid."""

from collections.abc import Iterable, Sequence

from fleetui.model.machine import Machine
from fleetui.model.operation import Option, Target


class TargetError(ValueError):
    """The names do not say which machines are meant; the message says what to add."""


def resolve(
    machines: Iterable[Machine], names: Sequence[str], *, cluster: str | None
) -> tuple[str, tuple[Target, ...]]:
    """(cluster, targets in the order of the names). All must be machines of one cluster. Raises TargetError."""
    found: dict[str, dict[str, Machine]] = {name: {} for name in names}
    for machine in machines:
        if machine.name in found and cluster in (None, machine.cluster):
            found[machine.name][machine.cluster] = machine
    missing = [name for name, places in found.items() if not places]
    if missing:
        where = f"cluster {cluster}" if cluster else "any connected cluster"
        raise TargetError(f"no machine {', '.join(missing)} in {where}")
    shared = set.intersection(*(set(places) for places in found.values()))
    if not shared:
        raise TargetError("the machines are in different clusters: one operation is for one cluster")
    if len(shared) > 1:
        raise TargetError(f"those names exist in {', '.join(sorted(shared))}: say --cluster NAME")
    only = shared.pop()
    return only, tuple(Target(name=name, uid=places[only].uid) for name, places in found.items())


def parse_options(pairs: Iterable[str]) -> tuple[tuple[str, Option], ...]:
    """``force=true grace_s=30`` as the operation's options, sorted. Raises TargetError."""
    return tuple(sorted(_option(pair) for pair in pairs))


def _option(pair: str) -> tuple[str, Option]:
    key, equals, value = pair.partition("=")
    if not equals or not key:
        raise TargetError(f"--option {pair}: write KEY=VALUE, such as force=true")
    if value in ("true", "false"):
        return key, value == "true"
    return key, int(value) if value.lstrip("-").isdigit() else value
