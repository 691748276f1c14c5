"""The text of a kind's queries: what can be wrong in it, and how the kind's own labels come into it."""

import re
from collections.abc import Iterable
from string import Template

KIND_NAME = re.compile(r"[a-z][a-z0-9-]*")
METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_HOLE = re.compile(r"\$\{?(\w*)\}?")
_HOLES = ("by", "group", "w")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_STRING = re.compile(r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'|`[^`]*`")


def query_mistake(text: str, *, hole: str) -> str:
    """What is wrong with a query, and what to write; empty when it may be sent. The server has the last word on
    PromQL: this finds what would fail everywhere, or would make one row of all instances."""
    if not text.strip():
        return "is empty: write PromQL"
    for name in _HOLE.findall(text):
        if name not in _HOLES:
            return f"${name} is not known; there are $by, $group and $w"
    if hole not in text:
        return f"has no {hole}: write max by ({hole}) (...), or all instances become one"
    bare = _STRING.sub('""', text)
    if re.sub(r'""', "", bare).count('"') or bare.count("'"):
        return "has a quote that is not closed"
    return _bracket_mistake(bare)


def _bracket_mistake(text: str) -> str:
    opened: list[str] = []
    for char in text:
        if char in "([{":
            opened.append(char)
        elif char in _PAIRS and (not opened or opened.pop() != _PAIRS[char]):
            return f"has a {char} that nothing opens"
    return f"has a {opened[-1]} that is not closed" if opened else ""


def expand(text: str, *, group: Iterable[str], instance: Iterable[str]) -> str:
    """With the kind's labels in it. ``$per`` (the cluster's label and that of replicas) and ``$w`` stay: each source
    has its own."""
    together = ["$per", *group]
    labels = {"by": ", ".join([*together, *instance]), "group": ", ".join(together)}
    return Template(text).safe_substitute(labels)
