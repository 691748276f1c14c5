"""What stands in racks: servers, switches, PDUs; their types, and what tells one machine from every other."""

from enum import StrEnum

import msgspec

from fleetui.model.racks.power import PowerOutlet, PowerPort
from fleetui.model.racks.rack import Face
from fleetui.model.racks.unit import Millimetres, Units, Watts, Weight, WeightUnit


class DeviceStatus(StrEnum):
    OFFLINE = "offline"
    ACTIVE = "active"
    PLANNED = "planned"
    STAGED = "staged"
    FAILED = "failed"
    INVENTORY = "inventory"
    DECOMMISSIONING = "decommissioning"


class Slot(StrEnum):
    """Ours: which part of the width it takes; NetBox has none."""

    FULL = "full"
    LEFT = "left"
    RIGHT = "right"


class SubdeviceRole(StrEnum):
    PARENT = "parent"
    CHILD = "child"


class DeviceAirflow(StrEnum):
    FRONT_TO_REAR = "front-to-rear"
    REAR_TO_FRONT = "rear-to-front"
    LEFT_TO_RIGHT = "left-to-right"
    RIGHT_TO_LEFT = "right-to-left"
    SIDE_TO_REAR = "side-to-rear"
    REAR_TO_SIDE = "rear-to-side"
    BOTTOM_TO_TOP = "bottom-to-top"
    TOP_TO_BOTTOM = "top-to-bottom"
    PASSIVE = "passive"
    MIXED = "mixed"


class PowerRedundancy(StrEnum):
    """Ours: how many of its power supplies a device can lose."""

    NONE = "N"
    ONE = "N+1"
    HALF = "2N"


class DeviceType(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What devices of one model have in common."""

    model: str
    manufacturer: str = ""
    u_height: Units = 1.0
    """0 for what stands beside the units, such as a vertical PDU."""
    is_full_depth: bool = True
    depth: Millimetres | None = None
    """Ours."""
    subdevice_role: SubdeviceRole | None = None
    airflow: DeviceAirflow | None = None
    weight: Weight | None = None
    weight_unit: WeightUnit = WeightUnit.KILOGRAM
    exclude_from_utilization: bool = False
    is_powered: bool = True
    maximum_draw: Watts | None = None
    """Ours: of the whole device, whatever it has of power supplies."""
    allocated_draw: Watts | None = None
    power_redundancy: PowerRedundancy | None = None


class Bmc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The controller beside the machine. Its secret is never in this file."""

    address: str
    """Host, with its port where it is not the usual one."""
    protocol: str = "redfish"
    system_id: str = ""
    """Which of several systems behind one address."""


class Interface(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A network port, and the switch on its other end."""

    name: str
    mac: str = ""
    mgmt_only: bool = False
    """The BMC's."""
    boot: bool = False
    """The machine boots from it."""
    switch: str = ""
    """The device it is cabled to: the top-of-rack switch, the management switch."""
    switch_port: str = ""


class Device(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One device. Of the fields that a type has too, its own come first."""

    name: str
    role: str = ""
    device_type: str = ""
    """The ``model`` of a device type."""
    status: DeviceStatus = DeviceStatus.ACTIVE
    site: str = ""
    """Of what is in no rack."""
    location: str = ""
    rack: str = ""
    position: Units | None = None
    """The lowest unit that it takes."""
    face: Face | None = None
    slot: Slot = Slot.FULL
    parent: str = ""
    """The device in whose bay it is; it has no position of its own then."""
    device_bay: str = ""
    tenant: str = ""
    cluster: str = ""
    serial: str = ""
    asset_tag: str = ""
    product_uuid: str = ""
    u_height: Units | None = None
    is_full_depth: bool | None = None
    airflow: DeviceAirflow | None = None
    weight: Weight | None = None
    weight_unit: WeightUnit = WeightUnit.KILOGRAM
    maximum_draw: Watts | None = None
    """Nameplate, of the whole device."""
    allocated_draw: Watts | None = None
    measured_draw: Watts | None = None
    """Such as the 95th percentile of what its BMC has reported."""
    power_redundancy: PowerRedundancy | None = None
    power_ports: tuple[PowerPort, ...] = ()
    power_outlets: tuple[PowerOutlet, ...] = ()
    """What makes a PDU of it."""
    interfaces: tuple[Interface, ...] = ()
    bmc: Bmc | None = None
    labels: dict[str, str] = {}
    description: str = ""
