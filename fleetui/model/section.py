"""A described thing: sections of facts, as data. A screen lays them out, plain output prints them."""

import msgspec


class Fact(msgspec.Struct, frozen=True):
    """One line: what it is about, and what is to be said."""

    label: str
    text: str
    tone: str = ""
    """``warn``, ``danger``, ``muted``, ``accent`` (what to do); empty is plain."""


class Section(msgspec.Struct, frozen=True):
    title: str
    facts: tuple[Fact, ...]


def section(title: str, *facts: Fact | None) -> Section | None:
    """None without a fact: nothing is said about nothing."""
    said = tuple(fact for fact in facts if fact is not None and fact.text)
    return Section(title, said) if said else None


def present(*sections: Section | None) -> tuple[Section, ...]:
    """Those that say something."""
    return tuple(one for one in sections if one is not None)
