"""Which follower a primary means by an address or a name in its own metrics."""

from collections.abc import Iterable, Mapping, Sequence
from math import isnan

import msgspec


class Stream(msgspec.Struct, frozen=True):
    """One follower as its primary lists it."""

    names: tuple[str, ...]
    """The values of the labels that name it, without empty ones."""
    value: float


class Ties(msgspec.Struct, frozen=True):
    """What belongs together, and what is left."""

    of: Mapping[str, tuple[Stream, ...]]
    """By the follower's instance."""
    loose: tuple[Stream, ...] = ()
    """Streams that name no follower that is known, or several."""


def tie(streams: Iterable[Stream], followers: Sequence[str]) -> Ties:
    """``followers`` are instances: ``10.0.0.12:9187``. A name that fits two of them fits none: a wrong guess would give
    a broken one the health of another."""
    found: dict[str, list[Stream]] = {}
    loose: list[Stream] = []
    for stream in streams:
        if isnan(stream.value):
            continue
        fits = [one for one in followers if _spellings(one) & _all_spellings(stream.names)]
        if len(fits) == 1:
            found.setdefault(fits[0], []).append(stream)
        else:
            loose.append(stream)
    return Ties({one: tuple(streams) for one, streams in found.items()}, tuple(loose))


def host_of(instance: str) -> str:
    """``10.0.0.12`` of ``10.0.0.12:9187``."""
    head, colon, port = instance.rpartition(":")
    return (head if colon and port.isdecimal() else instance).strip("[]")


def _all_spellings(names: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*map(_spellings, names))


def _spellings(name: str) -> frozenset[str]:
    """As it stands, without its port, and the first part of a DNS name (pods of one set differ in it)."""
    host = host_of(name).lower()
    short = host if _is_address(host) else host.partition(".")[0]
    return frozenset({name.lower(), host, short}) - {""}


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdecimal()
