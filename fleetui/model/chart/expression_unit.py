"""Which unit an expression's values have, from the names of its metrics (Prometheus' naming rules: base units as
suffixes) and from what is done to them. Where that does not settle it there is none: a bare number is never wrong."""

from collections.abc import Mapping, Sequence

from fleetui.model.chart.tokens import Sort, Token, depths, tokens

PERCENT = 100.0
_SUFFIXES: Mapping[str, str] = {"_bytes": "B", "_seconds": "s", "_ratio": "ratio"}
_COUNTING = frozenset({"count", "count_values", "count_over_time", "absent", "absent_over_time", "group", "changes"})
_RATES = frozenset({"rate", "irate", "deriv"})
_HISTOGRAMS = frozenset({"histogram_quantile", "histogram_avg"})
_GROUPINGS = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})


def unit_of(expression: str) -> str:
    """``s``, ``ratio``, ``B``, ``/s``, ``%``, as boards have them; empty where it is a count, or nobody can tell."""
    try:
        found = [token for token in tokens(expression) if token.sort is not Sort.BLANK]
    except ValueError:
        return ""
    calls, names = _words(found)
    if calls & _COUNTING:
        return ""
    units = {_suffix(name) for name in names}
    unit = units.pop() if len(units) == 1 else ""
    if any(token.text == "/" for token in found):
        return _of_division(found, unit)
    if any(token.text == "*" for token in found):
        return ""
    if calls & _RATES and not calls & _HISTOGRAMS:
        return "" if unit else "/s"
    return unit


def _of_division(found: Sequence[Token], unit: str) -> str:
    """Of what has one unit above and below the line; a hundred times that is percent."""
    hundred = any(_is_hundred(token) for token in found) and any(token.text == "*" for token in found)
    if hundred:
        return "%"
    flat = sum(token.text == "/" for _, token, depth in depths(found) if depth == 0)
    whole = flat == 1 and not any(token.text == "*" for token in found)
    return "ratio" if unit and whole and not any(token.sort is Sort.NUMBER for token in found) else ""


def _is_hundred(token: Token) -> bool:
    return token.sort is Sort.NUMBER and token.text.isdigit() and float(token.text) == PERCENT


def _words(found: Sequence[Token]) -> tuple[set[str], set[str]]:
    """(functions and operators that are called, metrics); labels in a grouping are neither."""
    calls, names, inside = set(), set(), -1
    for index, token, depth in depths(found):
        after = found[index + 1] if index + 1 < len(found) else None
        if inside >= 0 and token.sort is Sort.CLOSE and depth == inside:
            inside = -1
        elif token.sort is Sort.WORD and inside < 0:
            if token.text.lower() in _GROUPINGS:
                inside = depth
            elif after is not None and (after.sort is Sort.OPEN or after.text in _GROUPINGS):
                calls.add(token.text)
            else:
                names.add(token.text)
    return calls, names - {"and", "or", "unless", "bool", "offset", "inf", "Inf", "NaN"}


def _suffix(name: str) -> str:
    bare = name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_total")
    return next((unit for suffix, unit in _SUFFIXES.items() if bare.endswith(suffix)), "")
