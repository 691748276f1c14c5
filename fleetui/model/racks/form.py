"""What a rack or a device is once its type has filled in what it does not say itself."""

import msgspec

from fleetui.model.racks.device import Device, DeviceAirflow, DeviceType, PowerRedundancy, SubdeviceRole
from fleetui.model.racks.rack import FormFactor, Rack, RackType, RackWidth
from fleetui.model.racks.unit import WeightUnit


def half_units(units: float) -> int:
    """1.5 U as 3. What is no multiple of a half is cut; a rule tells of it."""
    return int(units * 2)


def units_text(half: int) -> str:
    """3 as ``1.5``, 84 as ``42``."""
    return f"{half / 2:g}"


def kilograms(weight: float | None, unit: WeightUnit) -> float | None:
    return None if weight is None else weight * unit.kilograms


class RackForm(msgspec.Struct, frozen=True, kw_only=True):
    """The measures of a rack, weights in kg."""

    form_factor: FormFactor | None
    width: RackWidth
    u_height: int
    starting_unit: int
    desc_units: bool
    mounting_depth: float | None
    weight_kg: float | None
    max_weight_kg: float | None

    @property
    def first_half(self) -> int:
        return half_units(self.starting_unit)

    @property
    def last_half(self) -> int:
        """The first half-unit above it."""
        return self.first_half + half_units(self.u_height)


def rack_form(rack: Rack, kind: RackType | None) -> RackForm:
    """Its own word first, then its type's, then the default."""
    of = kind or RackType(model="")
    own = rack.weight_unit or of.weight_unit
    loads = (rack.weight, own) if rack.weight is not None else (of.weight, of.weight_unit)
    most = (rack.max_weight, own) if rack.max_weight is not None else (of.max_weight, of.weight_unit)
    return RackForm(
        form_factor=rack.form_factor or of.form_factor,
        width=rack.width or of.width,
        u_height=of.u_height if rack.u_height is None else rack.u_height,
        starting_unit=of.starting_unit if rack.starting_unit is None else rack.starting_unit,
        desc_units=of.desc_units if rack.desc_units is None else rack.desc_units,
        mounting_depth=of.mounting_depth if rack.mounting_depth is None else rack.mounting_depth,
        weight_kg=kilograms(*loads),
        max_weight_kg=kilograms(*most),
    )


class DeviceForm(msgspec.Struct, frozen=True, kw_only=True):
    """The measures of a device: half-units, mm, kg, W."""

    half_height: int
    full_depth: bool
    depth: float | None
    airflow: DeviceAirflow | None
    weight_kg: float | None
    excluded: bool
    """It does not count as used space."""
    powered: bool
    maximum_draw: float | None
    allocated_draw: float | None
    redundancy: PowerRedundancy | None
    subdevice_role: SubdeviceRole | None


def device_form(device: Device, kind: DeviceType | None) -> DeviceForm:
    """Its own word first, then its type's, then the default."""
    of = kind or DeviceType(model="")
    own = kilograms(device.weight, device.weight_unit)
    return DeviceForm(
        half_height=half_units(of.u_height if device.u_height is None else device.u_height),
        full_depth=of.is_full_depth if device.is_full_depth is None else device.is_full_depth,
        depth=of.depth,
        airflow=device.airflow or of.airflow,
        weight_kg=kilograms(of.weight, of.weight_unit) if own is None else own,
        excluded=of.exclude_from_utilization,
        powered=of.is_powered,
        maximum_draw=of.maximum_draw if device.maximum_draw is None else device.maximum_draw,
        allocated_draw=of.allocated_draw if device.allocated_draw is None else device.allocated_draw,
        redundancy=device.power_redundancy or of.power_redundancy,
        subdevice_role=of.subdevice_role,
    )
