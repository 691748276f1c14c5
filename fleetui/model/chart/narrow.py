"""An expression asked about a few clusters alone: matchers put into each of its selectors. What is not on the screen is
then not read either, so the cost follows what is seen and not how many clusters a store holds."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fleetui.model.chart.tokens import Sort, Token, tokens

_LABEL_LISTS = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
_OPERATORS = frozenset({"and", "or", "unless", "atan2", "bool", "offset", "inf", "nan"})
_AGGREGATIONS = frozenset(
    {"sum", "min", "max", "avg", "group", "stddev", "stdvar", "count", "count_values", "bottomk", "topk", "quantile",
     "limitk", "limit_ratio"}
)  # fmt: skip
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")

Matchers = Mapping[str, Iterable[str]]
"""Label to the values that it may have."""


def narrowed(expression: str, wanted: Matchers) -> str:
    """The same expression over series with these labels. Raises ValueError for what cannot be read."""
    said = ",".join(_matcher(label, values) for label, values in wanted.items())
    return "".join(_narrowed(tokens(expression), said)) if said else expression


def _matcher(label: str, values: Iterable[str]) -> str:
    found = sorted(set(values))
    if len(found) == 1:
        return f'{label}="{_quoted(found[0])}"'
    return f'{label}=~"{_quoted("|".join(_SPECIAL.sub(_escaped, value) for value in found))}"'


def _escaped(sign: re.Match[str]) -> str:
    return f"\\{sign[0]}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _narrowed(found: Sequence[Token], said: str) -> Iterator[str]:
    index = 0
    while index < len(found):
        token, following = found[index], _following(found, index)
        if token.sort is Sort.WORD and token.text.lower() in _LABEL_LISTS and following == "(":
            end = next(at for at in range(index, len(found)) if found[at].sort is Sort.CLOSE)
            yield "".join(each.text for each in found[index : end + 1])
            index = end
        elif token.sort is Sort.BRACES:
            yield _inside(token.text, said)
        elif _is_metric(token, following) and following != "{":
            yield f"{token.text}{{{said}}}"
        else:
            yield token.text
        index += 1


def _is_metric(token: Token, following: str) -> bool:
    word = token.text.lower()
    if token.sort is not Sort.WORD or following == "(" or word in _OPERATORS | _LABEL_LISTS:
        return False
    return not (word in _AGGREGATIONS and following in ("by", "without"))


def _following(found: Sequence[Token], index: int) -> str:
    """The next token that says something; of braces the first sign."""
    token = next((each for each in found[index + 1 :] if each.sort is not Sort.BLANK), None)
    if token is None:
        return ""
    return "{" if token.sort is Sort.BRACES else token.text.lower()


def _inside(braces: str, said: str) -> str:
    inner = braces[1:-1].strip().removesuffix(",")
    return f"{{{inner},{said}}}" if inner else f"{{{said}}}"
