"""Follows one name at a time to the entry that it means, and writes down which lead nowhere."""

from collections.abc import Sequence

from fleetui.model.racks.finding import Entry, Finding, Path, Rule, Severity
from fleetui.model.racks.reference import Book, round_trip

NOT_THERE = Rule("reference-unknown", Severity.ERROR, "An entry names another that is not there.")
TWO_MEANT = Rule("reference-ambiguous", Severity.ERROR, "A name may mean several entries.")
LOOP = Rule("loop", Severity.ERROR, "What should be around an entry, or feed it, is the entry itself.")
SITE_DIFFERS = Rule("site-differs", Severity.ERROR, "An entry says another site than what it stands in.")
RULES = (NOT_THERE, TWO_MEANT, LOOP, SITE_DIFFERS)

NOWHERE = ""
"""The key of what is not known."""


class Follower:
    """One layout's. ``broken`` is what it has found."""

    def __init__(self) -> None:
        self.broken: list[Finding] = []

    def follow(
        self, book: Book, name: str, path: Path, *, near: Sequence[str] = (), about: tuple[Entry, ...] = ()
    ) -> str:
        """The key that is meant; NOWHERE for no name, and with a finding for one that does not lead to one entry."""
        if not name:
            return NOWHERE
        found = book.find(name, near=near)
        if len(found) == 1:
            return found[0]
        what = next(part for part in reversed(path) if not part.isdecimal()).replace("_", " ")
        if found:
            text, fix = f"{what} {name} may be {' or '.join(found[:3])}", "write more of its path"
            self.tell(TWO_MEANT, text, fix, path, about=about)
        else:
            names = ", ".join(book.similar(name))
            self.tell(
                NOT_THERE,
                f"there is no {what} {name}",
                f"write {names}, or add it" if names else "add it",
                path,
                about=about,
            )
        return NOWHERE

    def tell(self, rule: Rule, text: str, fix: str, path: Path, *, about: tuple[Entry, ...] = ()) -> None:
        self.broken.append(Finding(rule=rule, text=text, fix=fix, path=path, about=about))

    def cut(self, parents: dict[int, int], section: str, noun: str, *, keys: Sequence[str] = ()) -> dict[int, int]:
        """Of entries by index: without the parents of those who are around themselves."""
        biting = [at for at in parents if round_trip(at, parents)]
        for at in biting:
            about = ((section, keys[at]),) if keys else ()
            fix = "remove its parent, or name another"
            self.tell(LOOP, f"the {noun} is around itself", fix, (section, str(at), "parent"), about=about)
        return {at: parent for at, parent in parents.items() if at not in biting}


def climb(at: int, parents: dict[int, int]) -> tuple[int, ...]:
    """What is around an entry, the outermost first."""
    found: list[int] = []
    while at in parents:
        at = parents[at]
        found.insert(0, at)
    return tuple(found)
