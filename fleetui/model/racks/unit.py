"""The units of racks, as types whose meaning the published JSON Schema carries too.

Only the shape is enforced while a file is read (a number is a number). What the schema says beyond it (steps, least and
largest values) is held by rules, which name every mistake of a file at once instead of the first.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

MOST_UNITS, MOST = 10_000, 1e9
"""Beyond what any rack or feed has, and what sums and ranges can bear: infinity and no number are refused as well."""
_POSITIVE = {"minimum": 0}

Units = Annotated[
    float, Meta(description="rack units (U), in steps of 0.5", ge=-MOST_UNITS, le=MOST_UNITS,
                extra_json_schema={"multipleOf": 0.5})
]  # fmt: skip
Unit = Annotated[int, Meta(description="a unit (U)", ge=-MOST_UNITS, le=MOST_UNITS)]
Number = Annotated[float, Meta(ge=-MOST, le=MOST)]
Whole = Annotated[int, Meta(ge=-int(MOST), le=int(MOST))]
Watts = Annotated[float, Meta(description="W", ge=-MOST, le=MOST, extra_json_schema=_POSITIVE)]
VoltAmperes = Annotated[float, Meta(description="VA", ge=-MOST, le=MOST, extra_json_schema=_POSITIVE)]
Millimetres = Annotated[float, Meta(description="mm", ge=-MOST, le=MOST, extra_json_schema=_POSITIVE)]
Weight = Annotated[float, Meta(description="in weight_unit", ge=-MOST, le=MOST, extra_json_schema=_POSITIVE)]
Percent = Annotated[
    int, Meta(description="%", ge=-int(MOST), le=int(MOST), extra_json_schema={"minimum": 1, "maximum": 100})
]


class WeightUnit(StrEnum):
    KILOGRAM = "kg"
    GRAM = "g"
    POUND = "lb"
    OUNCE = "oz"

    @property
    def kilograms(self) -> float:
        """One of it; the pound and the ounce are the international avoirdupois ones (1959), exactly."""
        return {"kg": 1.0, "g": 0.001, "lb": 0.45359237, "oz": 0.028349523125}[self.value]
