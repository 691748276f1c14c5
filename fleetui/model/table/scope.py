"""Which clusters a filter can concern: the others need not be asked, so a dead one does not hold up the answer of the
command line, and the console watches no pods that its table would hide."""

import re
from collections.abc import Callable, Iterable
from fnmatch import translate

from fleetui.model.table.terms import All, InCluster, Term


def concerned(term: Term, names: Iterable[str]) -> frozenset[str]:
    """The names that every ``@pattern`` of the filter lets through; all of them when it has none."""
    tests = [_matcher(part) for part in _parts(term) if isinstance(part, InCluster)]
    return frozenset(name for name in names if all(test(name) for test in tests))


def _parts(term: Term) -> tuple[Term, ...]:
    """What all must hold at once."""
    return term.terms if isinstance(term, All) else (term,)


def _matcher(term: InCluster) -> Callable[[str], bool]:
    matches = [re.compile(translate(pattern), re.IGNORECASE).match for pattern in term.patterns]
    return lambda name: any(match(name) for match in matches)
