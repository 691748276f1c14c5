"""The filter language: ``status=NotReady age>2h @eu-* !drained``. Reads text into terms.

    filter  = group { "or" group }          group = term { term }        blanks mean "and"
    term    = { "!" } ( word | column operator value | "@" pattern { "," pattern } | "-l" labels | "label:" labels )
    operator = "=" | "!=" | "~" | "!~" | ">" | ">=" | "<" | "<="
    labels  = label { "," label }           label = key | key "=" value | key "!=" value

A word that the table knows as a state asks for it (``drained``), one with ``*`` or ``?`` is a pattern of the
whole name (``wk-*-1?``), any other is a text to look for.

Quotes (' or ") keep blanks and make a word or value literal.
"""

import re
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from fleetui.model.table.column import Kind, Table
from fleetui.model.table.terms import All, AnyOf, Compare, FilterError, InCluster, LabelIs, Not, State, Term, Word

R = TypeVar("R")

_COMPARISON = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(!=|!~|>=|<=|=|~|>|<)")
_LABEL = re.compile(r"([^=!,\s]+)(?:(!=|==|=)(.*))?")
_QUOTES = "'\""


class Token(msgspec.Struct, frozen=True):
    """One word between blanks, quotes taken off."""

    text: str
    at: int
    """Where it begins in the filter."""
    literal_from: int
    """Offset in ``text`` from which it was quoted; its length when it was not."""

    @property
    def literal(self) -> bool:
        return self.literal_from == 0 and bool(self.text)


def read(text: str, table: Table[R]) -> Term:
    """The filter as one term; ``All(())`` when it is blank. Raises FilterError with the place and the fix."""
    tokens = iter(list(_tokens(text)))
    groups: list[list[Term]] = [[]]
    for token in tokens:
        if token.text.lower() == "or" and not token.literal:
            if not groups[-1]:
                raise FilterError("or stands between two conditions", at=token.at, length=2)
            groups.append([])
        else:
            groups[-1].append(_term(token, tokens, table))
    if len(groups) > 1 and not groups[-1]:
        raise FilterError("after or comes another condition", at=len(text))
    alternatives = tuple(_all(group) for group in groups)
    return alternatives[0] if len(alternatives) == 1 else AnyOf(alternatives)


def suggest(text: str, table: Table[R]) -> tuple[str, ...]:
    """Columns that the last word of an unfinished filter may be meant to name; all of them after a blank."""
    last = text.rpartition(" ")[2].lstrip("!").lower()
    return tuple(column.id for column in table.columns if column.id.startswith(last))


def _all(terms: list[Term]) -> Term:
    return terms[0] if len(terms) == 1 else All(tuple(terms))


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token, at = _token(text, at)
        yield token


def _token(text: str, start: int) -> tuple[Token, int]:
    """The word that begins at ``start``, and where it ends. Quotes may begin anywhere in it."""
    kept: list[str] = []
    literal_from: int | None = None
    at = start
    while at < len(text) and not text[at].isspace():
        if text[at] in _QUOTES and (not kept or kept[-1] in "=~<>!@"):
            end = text.find(text[at], at + 1)
            if end < 0:
                raise FilterError(f"the quote {text[at]} is not closed", at=at, length=len(text) - at)
            literal_from = len(kept) if literal_from is None else literal_from
            kept += text[at + 1 : end]
            at = end + 1
        else:
            kept.append(text[at])
            at += 1
    word = "".join(kept)
    return Token(word, start, len(word) if literal_from is None else literal_from), at


def _term(token: Token, rest: Iterator[Token], table: Table[R]) -> Term:
    if token.literal:
        return Word(token.text.lower())
    if token.text.startswith("!"):
        return _negation(token, rest, table)
    if token.text.startswith("@"):
        return _in_cluster(token)
    if token.text == "-l" or token.text.startswith("label:"):
        return _labelled(token, rest)
    found = _COMPARISON.match(token.text)
    if found is None or found.end(1) > token.literal_from:
        return _word(token, table)
    return _comparison(token, found, table)


def _word(token: Token, table: Table[R]) -> Term:
    """A state, a pattern of the name, or a text; what has quotes in it is a text."""
    word = token.text.lower()
    if token.literal_from < len(word):
        return Word(word)
    if word in table.words:
        return State(word)
    named = table.column(table.headline)
    is_pattern = "*" in word or ("?" in word and word.strip("?"))
    if not is_pattern or named is None or named.kind is not Kind.TEXT:
        return Word(word)
    return Compare(named.id, "=", token.text, False, token.at)


def _negation(token: Token, rest: Iterator[Token], table: Table[R]) -> Term:
    if len(token.text) == 1:
        raise FilterError("after ! comes what must not be, such as !drained", at=token.at)
    inner = Token(token.text[1:], token.at + 1, max(0, token.literal_from - 1))
    return Not(_term(inner, rest, table))


def _in_cluster(token: Token) -> Term:
    patterns = tuple(pattern for pattern in token.text[1:].lower().split(",") if pattern)
    if not patterns:
        raise FilterError("after @ comes a cluster, such as @eu-*", at=token.at)
    return InCluster(patterns)


def _labelled(token: Token, rest: Iterator[Token]) -> Term:
    if token.text != "-l":
        return _labels(token.text.removeprefix("label:"), at=token.at + len("label:"))
    labels = next(rest, None)
    if labels is None:
        raise FilterError("after -l come labels, such as -l pool=gpu", at=token.at, length=2)
    return _labels(labels.text, at=labels.at)


def _labels(text: str, *, at: int) -> Term:
    terms: list[Term] = []
    for part in text.split(","):
        found = _LABEL.fullmatch(part)
        if found is None:
            raise FilterError("labels are written KEY=VALUE, KEY!=VALUE or KEY", at=at, length=max(1, len(part)))
        key, operator, value = found.groups()
        terms.append(LabelIs(key, value, unequal=operator == "!="))
        at += len(part) + 1
    return _all(terms)


def _comparison(token: Token, found: "re.Match[str]", table: Table[R]) -> Term:
    name, operator = found.groups()
    column = table.column(name)
    if column is None:
        raise _no_column(name, token, table)
    value = token.text[found.end() :]
    quoted = token.literal_from <= found.end() and token.literal_from < len(token.text)
    return Compare(column.id, operator, value, quoted, token.at + found.end())


def _no_column(name: str, token: Token, table: Table[R]) -> FilterError:
    from difflib import get_close_matches  # a millisecond that only a mistake needs

    names = [column.id for column in table.columns]
    near = tuple(get_close_matches(name.lower(), names, n=3, cutoff=0.5))
    hint = f"did you mean {near[0]}?" if near else f"write one of {', '.join(names)}."
    message = f"no column {name}: {hint} Quote it to look for the text"
    return FilterError(message, at=token.at, length=len(name), suggestions=near or tuple(names))
