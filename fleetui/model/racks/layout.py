"""Everything that a file of racks says: flat lists, whose entries name each other."""

import msgspec

from fleetui.model.racks.device import Device, DeviceType
from fleetui.model.racks.domain import FailureDomain
from fleetui.model.racks.place import Location, Site
from fleetui.model.racks.power import PowerFeed, PowerPanel
from fleetui.model.racks.rack import Rack, RackReservation, RackType
from fleetui.model.racks.unit import Whole

FORMAT = 1


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One file, or several files of one directory as one.

    An entry is named by its ``name``, or by as much of its path as tells it from the others of that name:
    ``A``, ``row-3/A``, ``east/hall-1/row-3/A``.
    """

    version: Whole = FORMAT
    sites: tuple[Site, ...] = ()
    locations: tuple[Location, ...] = ()
    rack_types: tuple[RackType, ...] = ()
    racks: tuple[Rack, ...] = ()
    reservations: tuple[RackReservation, ...] = ()
    device_types: tuple[DeviceType, ...] = ()
    devices: tuple[Device, ...] = ()
    power_panels: tuple[PowerPanel, ...] = ()
    power_feeds: tuple[PowerFeed, ...] = ()
    failure_domains: tuple[FailureDomain, ...] = ()
