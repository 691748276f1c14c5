"""Sites, and the buildings, rooms and rows in them."""

from enum import StrEnum

import msgspec

from fleetui.model.racks.unit import Number, Watts


class SiteStatus(StrEnum):
    PLANNED = "planned"
    STAGING = "staging"
    ACTIVE = "active"
    DECOMMISSIONING = "decommissioning"
    RETIRED = "retired"


class LocationKind(StrEnum):
    """Ours; NetBox nests locations without saying what they are."""

    BUILDING = "building"
    FLOOR = "floor"
    ROOM = "room"
    CAGE = "cage"
    ROW = "row"


class CoolingUnit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One machine that takes heat out of a place; the others must suffice when it stands still."""

    name: str
    capacity_w: Watts | None = None


class Site(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One data centre."""

    name: str
    status: SiteStatus = SiteStatus.ACTIVE
    region: str = ""
    facility: str = ""
    time_zone: str = ""
    latitude: Number | None = None
    longitude: Number | None = None
    cooling_units: tuple[CoolingUnit, ...] = ()
    """Those that serve the whole site."""
    description: str = ""


class Location(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a site, or of another location."""

    name: str
    kind: LocationKind
    site: str
    parent: str = ""
    """The location around it; empty directly in the site."""
    status: SiteStatus = SiteStatus.ACTIVE
    cooling_units: tuple[CoolingUnit, ...] = ()
    description: str = ""
