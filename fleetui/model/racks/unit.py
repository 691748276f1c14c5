"""The units of racks, as types whose meaning the published JSON Schema carries too.

Only the shape is enforced while a file is read (a number is a number). What the schema says beyond it (steps, least and
largest values) is held by rules, which name every mistake of a file at once instead of the first.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

Units = Annotated[float, Meta(description="rack units (U), in steps of 0.5", extra_json_schema={"multipleOf": 0.5})]
Watts = Annotated[float, Meta(description="W", extra_json_schema={"minimum": 0})]
VoltAmperes = Annotated[float, Meta(description="VA", extra_json_schema={"minimum": 0})]
Millimetres = Annotated[float, Meta(description="mm", extra_json_schema={"minimum": 0})]
Weight = Annotated[float, Meta(description="in weight_unit", extra_json_schema={"minimum": 0})]
Percent = Annotated[int, Meta(description="%", extra_json_schema={"minimum": 1, "maximum": 100})]


class WeightUnit(StrEnum):
    KILOGRAM = "kg"
    GRAM = "g"
    POUND = "lb"
    OUNCE = "oz"

    @property
    def kilograms(self) -> float:
        """One of it; the pound and the ounce are the international avoirdupois ones (1959), exactly."""
        return {"kg": 1.0, "g": 0.001, "lb": 0.45359237, "oz": 0.028349523125}[self.value]
