"""Which clusters a filter can concern: the others need not be asked, so a dead one does not hold up the answer."""

import re
from collections.abc import Callable, Iterable
from fnmatch import translate
from typing import Any

from fleetui.model.table.column import Table
from fleetui.model.table.filter import FilterError, parse
from fleetui.model.table.terms import All, InCluster, Term


def concerned(query: str, table: Table[Any], names: Iterable[str]) -> frozenset[str]:
    """The names that every ``@pattern`` of the filter lets through; all of them when it has none or cannot be read."""
    try:
        term = parse(query, table).term
    except FilterError:
        return frozenset(names)
    tests = [_matcher(part) for part in _parts(term) if isinstance(part, InCluster)]
    return frozenset(name for name in names if all(test(name) for test in tests))


def _parts(term: Term) -> tuple[Term, ...]:
    """What all must hold at once."""
    return term.terms if isinstance(term, All) else (term,)


def _matcher(term: InCluster) -> Callable[[str], bool]:
    matches = [re.compile(translate(pattern), re.IGNORECASE).match for pattern in term.patterns]
    return lambda name: any(match(name) for match in matches)
