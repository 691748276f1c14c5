"""Failure domains that the operator declares beside those that follow from racks, power and cables."""

import msgspec


class FailureDomain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What fails together: a cooling zone, a fire zone, a UPS. Domains of one kind form a tree; trees overlap, and a
    device is in as many as name it, or name what it stands in or hangs on."""

    kind: str
    name: str
    parent: str = ""
    """Another domain, as ``kind/name`` where its kind is another."""
    sites: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    racks: tuple[str, ...] = ()
    panels: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    description: str = ""
