"""Racks, their types, and what is reserved in them."""

from enum import IntEnum, StrEnum

import msgspec

from fleetui.model.racks.unit import Millimetres, Unit, Watts, Weight, WeightUnit

DEFAULT_HEIGHT_U = 42
"""NetBox's."""


class RackStatus(StrEnum):
    RESERVED = "reserved"
    AVAILABLE = "available"
    PLANNED = "planned"
    ACTIVE = "active"
    DEPRECATED = "deprecated"


class FormFactor(StrEnum):
    TWO_POST_FRAME = "2-post-frame"
    FOUR_POST_FRAME = "4-post-frame"
    FOUR_POST_CABINET = "4-post-cabinet"
    WALL_FRAME = "wall-frame"
    WALL_FRAME_VERTICAL = "wall-frame-vertical"
    WALL_CABINET = "wall-cabinet"
    WALL_CABINET_VERTICAL = "wall-cabinet-vertical"


class RackWidth(IntEnum):
    """Inches between the rails. NetBox says 21 where the device type library says 20."""

    IN_10 = 10
    IN_19 = 19
    IN_20 = 20
    IN_21 = 21
    IN_23 = 23


class RackAirflow(StrEnum):
    FRONT_TO_REAR = "front-to-rear"
    REAR_TO_FRONT = "rear-to-front"


class RackType(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What racks of one model have in common."""

    model: str
    manufacturer: str = ""
    form_factor: FormFactor | None = None
    width: RackWidth = RackWidth.IN_19
    u_height: Unit = DEFAULT_HEIGHT_U
    starting_unit: Unit = 1
    desc_units: bool = False
    outer_width: Millimetres | None = None
    outer_height: Millimetres | None = None
    outer_depth: Millimetres | None = None
    mounting_depth: Millimetres | None = None
    weight: Weight | None = None
    max_weight: Weight | None = None
    weight_unit: WeightUnit = WeightUnit.KILOGRAM


class Rack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One rack. What it does not say itself is its type's, and then the default of ``RackType``."""

    name: str
    site: str
    location: str = ""
    """The row or room it stands in."""
    facility_id: str = ""
    status: RackStatus = RackStatus.ACTIVE
    role: str = ""
    tenant: str = ""
    rack_type: str = ""
    """The ``model`` of a rack type."""
    serial: str = ""
    asset_tag: str = ""
    airflow: RackAirflow | None = None
    form_factor: FormFactor | None = None
    width: RackWidth | None = None
    u_height: Unit | None = None
    starting_unit: Unit | None = None
    """The number of its lowest unit."""
    desc_units: bool | None = None
    """Units are numbered from the top. It changes labels alone: a position is always the lowest-numbered unit."""
    mounting_depth: Millimetres | None = None
    weight: Weight | None = None
    """Empty, without its load."""
    max_weight: Weight | None = None
    """Of the load alone."""
    weight_unit: WeightUnit | None = None
    max_power_w: Watts | None = None
    """Ours: what may be drawn in it whatever its feeds can give, such as by contract."""
    cooling_w: Watts | None = None
    """Ours: heat that can be taken out of it."""
    description: str = ""


class Face(StrEnum):
    FRONT = "front"
    REAR = "rear"


class ReservationStatus(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    STALE = "stale"


class RackReservation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Units that are kept for somebody."""

    rack: str
    units: tuple[Unit, ...]
    status: ReservationStatus = ReservationStatus.ACTIVE
    face: Face | None = None
    """Ours; None: both."""
    user: str = ""
    tenant: str = ""
    description: str = ""
    expires: str = ""
    """Ours: a date, ``2027-01-31``."""
