"""Matchers as Alertmanager understands them: anchored, and a label that is not there has the empty value."""

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from fleetui.model.alerts.label_set import Labels, get
from fleetui.model.text import MESSAGE_LIMIT, clean

_TEXT = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!~|!=|=)\s*(.*?)\s*", re.DOTALL)
_PART = re.compile(r'[a-zA-Z_:][a-zA-Z0-9_:]*\s*(?:=~|!~|!=|=)\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"{}]*)', re.DOTALL)
_META = re.compile(r"([\\.+*?()|\[\]{}^$])")
"""What Go's regexp.QuoteMeta escapes; Python's own escape knows no alternative for RE2."""


class MatcherError(ValueError):
    """A matcher that cannot be read or used, with the fix."""


class Matcher(msgspec.Struct, frozen=True, order=True):
    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    @property
    def text(self) -> str:
        """As Alertmanager reads it."""
        sign = ("=~" if self.is_regex else "=") if self.is_equal else ("!~" if self.is_regex else "!=")
        value = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{sign}"{value}"'

    def __str__(self) -> str:
        """As amtool writes it, harmless to show: ``alertname="etcdNoLeader"``. The value itself stays as it is, or an
        edited silence would not be the same."""
        return clean(self.text, limit=MESSAGE_LIMIT)

    def matches(self, value: str) -> bool:
        """Raises MatcherError for an expression that only RE2 understands."""
        same = expression(self.value).fullmatch(value) is not None if self.is_regex else self.value == value
        return same is self.is_equal


@lru_cache(maxsize=512)
def expression(pattern: str) -> re.Pattern[str]:
    """Raises MatcherError. RE2 and Python differ in few corners; what Python does not know is refused, not guessed."""
    try:
        return re.compile(f"(?:{pattern})", re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        raise MatcherError(f"{pattern!r} is not a regular expression that can be previewed: {error}") from None


def quoted(value: str) -> str:
    """As a part of a regular expression of RE2."""
    return _META.sub(r"\\\1", value)


def one_of(name: str, values: Iterable[str]) -> Matcher:
    """Equality for one value, an alternation of literals for several."""
    found = sorted(set(values))
    if len(found) == 1:
        return Matcher(name, found[0])
    return Matcher(name, "|".join(quoted(value) for value in found), is_regex=True)


def all_match(matchers: Iterable[Matcher], labels: Labels) -> bool:
    """Raises MatcherError."""
    return all(matcher.matches(get(labels, matcher.name)) for matcher in matchers)


def parse_matcher(text: str) -> Matcher:
    """``alertname=etcdNoLeader``, ``cluster=~"eu-1|eu-2"``. Raises MatcherError with the form that is wanted."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise MatcherError(f'{text!r} is not a matcher: write name=value, name!=value, name=~"a|b" or name!~"a|b"')
    name, sign, value = found[1], found[2], _unquoted(found[3], text)
    matcher = Matcher(name, value, is_regex=sign.endswith("~"), is_equal=sign.startswith("="))
    if matcher.is_regex:
        expression(value)
    return matcher


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """``alertname="A" cluster=~"eu-1|eu-2"``, apart by blanks or commas; a value with one of them stands in quotes.
    Sorted. Raises MatcherError."""
    parts = _PART.findall(text)
    if left := _PART.sub("", text).strip(" ,{}\n"):
        raise MatcherError(f'{left!r} is no part of a matcher: write name="value" name=~"a|b", apart by blanks')
    return tuple(sorted(parse_matcher(part) for part in parts))


def _unquoted(value: str, text: str) -> str:
    if not value.startswith('"'):
        return value
    if len(value) < 2 or not value.endswith('"'):
        raise MatcherError(f"{text!r}: the closing quote is missing")
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value[1:-1], flags=re.DOTALL)
