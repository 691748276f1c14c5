"""A filter after it was read: what each term asks, with the place where it stands for messages."""

import msgspec


class FilterError(ValueError):
    """A filter that makes no sense. The message says what is wrong and what to write instead."""

    def __init__(self, message: str, *, at: int, length: int = 1, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(f"{message} (at {at + 1})")
        self.message = message
        self.at = at
        """Offset of the offending text, from 0."""
        self.length = length
        self.suggestions = suggestions
        """What may stand there instead."""


class Word(msgspec.Struct, frozen=True):
    """A plain word: somewhere in the row's text."""

    text: str
    """Lower case."""


class State(msgspec.Struct, frozen=True):
    """A plain word that the table knows as a state: ``drained``."""

    word: str
    """Lower case."""


class Compare(msgspec.Struct, frozen=True):
    column: str
    """The column's id."""
    operator: str
    """``= != ~ !~ > >= < <=``."""
    value: str
    quoted: bool
    """Quoted values are meant literally: no pattern, no list, no unknown."""
    at: int
    """Where the value begins."""


class LabelIs(msgspec.Struct, frozen=True):
    """``key=value``, ``key!=value``, or ``key`` (exists), as kubectl's -l; a missing key is "not equal" as there."""

    key: str
    value: str | None = None
    unequal: bool = False


class InCluster(msgspec.Struct, frozen=True):
    """``@eu-*``: any of the patterns."""

    patterns: tuple[str, ...]
    """Lower case."""


class Not(msgspec.Struct, frozen=True):
    term: "Term"


class All(msgspec.Struct, frozen=True):
    terms: "tuple[Term, ...]"


class AnyOf(msgspec.Struct, frozen=True):
    terms: "tuple[Term, ...]"


Term = Word | State | Compare | LabelIs | InCluster | Not | All | AnyOf
