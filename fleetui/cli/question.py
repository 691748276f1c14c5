"""Which rows are asked for: the console's filter, kubectl's options and an exact name, all of which must hold."""

from collections.abc import Sequence
from typing import Any, TypeVar

from fleetui.cli.select import SelectionError
from fleetui.cli.selector import SelectorError, selector
from fleetui.model.table.column import Table
from fleetui.model.table.filter import EVERYTHING, Filter, FilterError, compiled
from fleetui.model.table.grammar import read
from fleetui.model.table.terms import All, Compare, Term

R = TypeVar("R")


def asked(
    table: Table[R], words: Sequence[str] = (), *, labels: str = "", namespace: str = "", name: str = ""
) -> Filter[Any]:
    """As one filter. ``words`` may hold an ``or``: the rest holds for both sides of it. Raises SelectionError."""
    if namespace and table.column("namespace") is None:
        raise SelectionError(f"-n {namespace}: only pods have a namespace")
    try:
        parts: list[Term] = [read(" ".join(words), table), selector(labels)]
        parts += [_is(column, value) for column, value in (("namespace", namespace), ("name", name)) if value]
        term = All(tuple(part for part in parts if part != All(())))
        return compiled(_flat(term), table) if term.terms else EVERYTHING
    except (FilterError, SelectorError) as error:
        raise SelectionError(str(error)) from error


def _is(column: str, value: str) -> Term:
    return Compare(column, "=", value, quoted=True, at=0)


def _flat(term: All) -> Term:
    """One level of "all of", so that what each part demands is seen by whoever looks."""
    parts = tuple(inner for part in term.terms for inner in (part.terms if isinstance(part, All) else (part,)))
    return All(parts)
