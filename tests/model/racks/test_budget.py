"""Space, weight and heat of racks, rows and sites, and what is unknown of them."""

import pytest
from msgspec.structs import replace

from fleetui.model.racks.cooling import btu_per_hour, left_with_one_lost, tons
from fleetui.model.racks.place import CoolingUnit
from fleetui.model.racks.rack import Face, RackReservation
from fleetui.model.racks.unit import WeightUnit
from fleetui.model.racks.weight import centre_of_mass_u
from tests.model.racks.samples import WELL, changed, cords, machine, survey, with_devices

R1 = "east/hall/row-1/R1"


def test_units_are_counted_with_what_is_kept() -> None:
    layout = replace(
        with_devices(machine("half", position=3, u_height=0.5, power_ports=cords("R1", 3))),
        reservations=(RackReservation(rack="R1", units=(2, 10, 11)),),
    )
    space = survey(layout).budgets.racks[R1].space
    assert (space.total, space.taken, space.reserved) == (84, 5, 4)
    assert space.share == pytest.approx(9 / 84)
    assert space.front_run == 62


def test_the_largest_free_piece_is_of_each_face() -> None:
    layout = with_devices(machine("rear", position=22, face=Face.REAR, is_full_depth=False, power_ports=cords("R1", 7)))
    space = survey(layout).budgets.racks[R1].space
    assert (space.front_run, space.rear_run) == (80, 40)


def test_nobody_knows_how_full_a_rack_is_in_which_something_stands_nobody_knows_where() -> None:
    whole = survey(changed("devices", 4, position=None, face=None)).budgets
    assert whole.racks[R1].space.share is None
    assert whole.places["east"].space.unplaced == ("east/wk-1",)


def test_what_does_not_count_leaves_the_units_free_but_not_the_piece() -> None:
    kinds = (replace(WELL.device_types[0], exclude_from_utilization=True), WELL.device_types[1])
    space = survey(replace(WELL, device_types=kinds)).budgets.racks[R1].space
    assert (space.taken, space.front_run) == (0, 80)


@pytest.mark.parametrize(
    ("weight", "unit", "kilograms"),
    [(1_200, WeightUnit.POUND, 544.310844), (500, WeightUnit.KILOGRAM, 500), (16_000, WeightUnit.OUNCE, 453.59237),
     (1_000, WeightUnit.GRAM, 1)],
)  # fmt: skip
def test_weights_are_compared_in_kilograms(weight: float, unit: WeightUnit, kilograms: float) -> None:
    budget = survey(changed("racks", 0, max_weight=weight, weight_unit=unit)).budgets.racks[R1]
    assert budget.weight.limit == pytest.approx(kilograms)
    assert budget.weight.value == 50


def test_the_racks_own_weight_is_not_its_load() -> None:
    assert survey(changed("racks", 0, weight=200)).budgets.racks[R1].weight.value == 50


def test_a_weight_that_nobody_says_makes_the_sum_unknown() -> None:
    whole = survey(with_devices(machine("m", position=5, device_type="", allocated_draw=1)))
    assert whole.budgets.racks[R1].weight.value is None
    assert whole.budgets.racks[R1].weight.known == 50
    assert centre_of_mass_u(whole.atlas, whole.atlas.racks[R1]) is None


def test_heat_in_the_units_of_cooling() -> None:
    assert btu_per_hour(1_000) == 3_412
    assert tons(3_517) == pytest.approx(1, abs=0.0001)
    assert tons(10_000) == pytest.approx(2.8433, abs=0.0001)


@pytest.mark.parametrize(
    ("units", "left"),
    [((), None), ((9.0,), 0), ((9.0, 12.0, 7.0), 16), ((9.0, None), None)],
)
def test_the_largest_cooling_unit_may_stand_still(units: tuple[float | None, ...], left: float | None) -> None:
    said = tuple(CoolingUnit(name=str(n), capacity_w=watts) for n, watts in enumerate(units))
    assert left_with_one_lost(said) == left


def test_rows_and_sites_have_what_their_racks_have() -> None:
    places = survey(WELL).budgets.places
    for key in ("east", "east/hall", "east/hall/row-1"):
        assert places[key].power.value == 1_500
        assert places[key].power.limit == 14_000
        assert places[key].weight.value == 80
        assert places[key].space.total == 168
        assert places[key].failover == pytest.approx(1_000 / 0.95 / 5_888)
    assert places["east/hall"].heat.limit == 9_000
    assert places["east"].heat.limit is None


def test_what_stands_beside_racks_makes_heat_too() -> None:
    beside = machine("desk", rack="", position=None, face=None, site="east", location="hall", power_ports=())
    places = survey(with_devices(beside)).budgets.places
    assert places["east/hall"].heat.value == 2_000
    assert places["east/hall/row-1"].heat.value == 1_500
    assert places["east/hall"].power.value == 1_500


def test_one_rack_without_a_limit_leaves_the_row_without() -> None:
    assert survey(changed("racks", 0, max_power_w=None)).budgets.places["east"].power.limit is None
