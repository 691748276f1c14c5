"""Label selectors as kubectl reads them: ``pool=gpu,tier!=test,zone in (a,b),zone notin (c),gpu,!spot``."""

import re
from collections.abc import Iterator

from fleetui.model.table.terms import All, AnyOf, LabelIs, Not, Term

_KEY = r"(?P<key>[A-Za-z0-9][A-Za-z0-9._/-]*)"
_SHAPES = (
    rf"{_KEY}\s+(?P<set>in|notin)\s*\((?P<values>[^()]*)\)",
    rf"{_KEY}\s*(?P<operator>==|=|!=)\s*(?P<value>[A-Za-z0-9._-]*)",
    rf"(?P<absent>!?)\s*{_KEY}",
)
_BETWEEN = r",(?![^()]*\))"
"""A comma outside parentheses."""


class SelectorError(ValueError):
    """A selector that kubectl would not take either; the text shows how they are written."""


def selector(text: str) -> Term:
    """What a row's labels must be; everything when it is blank. Raises SelectorError."""
    return All(tuple(_requirements(text)))


def _requirements(text: str) -> Iterator[Term]:
    for part in re.split(_BETWEEN, text) if text.strip() else ():
        found = next((match for shape in _SHAPES if (match := re.fullmatch(shape, part.strip()))), None)
        if found is None:
            raise SelectorError(
                f"-l {part.strip()}: write key=value, key!=value, key in (a,b), key notin (a,b), key, !key"
            )
        yield _requirement(found.groupdict())


def _requirement(said: dict[str, str]) -> Term:
    key = said["key"]
    if "set" in said:
        values = [value.strip() for value in said["values"].split(",")]
        if said["set"] == "in":
            return AnyOf(tuple(LabelIs(key, value) for value in values))
        return All(tuple(LabelIs(key, value, unequal=True) for value in values))
    if "operator" in said:
        return LabelIs(key, said["value"], unequal=said["operator"] == "!=")
    return Not(LabelIs(key)) if said["absent"] else LabelIs(key)
