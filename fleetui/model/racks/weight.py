"""What the load of a rack weighs, and how high its centre of mass is."""

from math import fsum

from fleetui.model.racks.amount import Amount, total
from fleetui.model.racks.atlas import Atlas, PlacedRack


def load_kg(atlas: Atlas, placed: PlacedRack) -> Amount:
    """Of everything in the rack, without the rack itself: that is what ``max_weight`` limits."""
    inside = atlas.in_rack.get(placed.key, ())
    return total(((device.key, device.form.weight_kg) for device in inside), limit=placed.form.max_weight_kg)


def centre_of_mass_u(atlas: Atlas, placed: PlacedRack) -> float | None:
    """U above the floor of the rack, of what takes units of it; None where nobody knows where or how heavy something
    is, or where there is nothing. What is in a bay is as high as what it is in; 0U devices hang over all of it."""
    moments, weights = [], []
    for device in atlas.in_rack.get(placed.key, ()):
        if device.form.weight_kg is None:
            return None
        outer = device
        while outer.parent:
            outer = atlas.devices[outer.parent]
        if outer.form.half_height and not outer.mounted:
            return None
        middle = (outer.first_half + outer.last_half) / 2 if outer.mounted else _middle(placed)
        moments.append(device.form.weight_kg * (middle - placed.form.first_half) / 2)
        weights.append(device.form.weight_kg)
    return fsum(moments) / fsum(weights) if fsum(weights) > 0 else None


def _middle(placed: PlacedRack) -> float:
    return (placed.form.first_half + placed.form.last_half) / 2
