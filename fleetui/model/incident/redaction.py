"""What must not leave this machine with a bundle is taken out of texts and values, by the rules for all foreign text.

What was taken is named by its rule and its place, never by its value.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fleetui.model.redaction_rules import NAME, Place, Rule, kept, rules

_SECRET_NAME = re.compile(NAME, re.IGNORECASE)
_FLAG = re.compile(rf"--?(?:{NAME}|p|u|user|proxy-user)", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ANNOTATION = re.compile(r"last-applied-configuration|/last-applied\b|\blast-applied\b", re.IGNORECASE)

OURS = frozenset({"uid", "cluster_uid", "digest", "hash", "previous"})
"""Fields of our own that hold hashes of ours: long, opaque, and no secrets. Shorter identifiers no rule takes."""
_HASH = re.compile(r"[0-9a-f]{32,64}")
_OWN_LISTS = frozenset({"audit"})
"""Fields of a row of ours that hold rows of ours again. What stands in any other mapping has names that others gave:
an alert's labels, a node's."""


class Redactor:
    """Takes secrets out of values, and keeps count by rule and place."""

    def __init__(self, *, addresses: bool = False) -> None:
        self._rules = rules(Place.BUNDLE | Place.ADDRESSES if addresses else Place.BUNDLE)
        self._taken: Counter[tuple[str, str]] = Counter()

    @property
    def taken(self) -> tuple[tuple[str, str, int], ...]:
        """(rule, place, how often), sorted."""
        return tuple((rule, place, count) for (rule, place), count in sorted(self._taken.items()))

    def text(self, text: str, place: str) -> str:
        for rule, pattern in self._rules:
            text = pattern.sub(self._mark(rule, place), text)
        return text

    def value(self, value: Any, place: str, *, ours: bool = False) -> Any:
        """JSON-like values, each text in them; what stands under the name of a secret goes whole. ``ours``: the names
        of its fields are our own, not from a cluster."""
        if isinstance(value, str):
            return self.text(value, place)
        if isinstance(value, Mapping):
            return self._mapping(value, place, ours)
        if isinstance(value, list | tuple):
            return self._list(value, place, ours)
        return value

    def _mapping(self, value: Mapping[Any, Any], place: str, ours: bool) -> dict[str, Any]:
        named = next((value[key] for key in ("name", "Name") if isinstance(value.get(key), str)), "")
        secret = frozenset({"value", "Value"} if is_secret_name(named) else ())
        return {
            self.text(str(key), place): self._member(str(key), inner, place, ours=ours, secret=key in secret)
            for key, inner in value.items()
        }

    def _list(self, value: Sequence[Any], place: str, ours: bool) -> list[Any]:
        """A word of a command line may say that the next one is a secret."""
        flags = (isinstance(before, str) and _FLAG.fullmatch(before) is not None for before in (None, *value))
        return [
            self._whole("secret by its name", inner, place) if flag else self.value(inner, place, ours=ours)
            for flag, inner in zip(flags, value, strict=False)
        ]

    def _member(self, key: str, value: Any, place: str, *, ours: bool, secret: bool) -> Any:
        if ours and key in OURS and isinstance(value, str) and _HASH.fullmatch(value):
            return value
        if _ANNOTATION.search(key):
            return self._whole("annotation with a whole object", value, place)
        if secret or is_secret_name(key):
            return self._whole("secret by its name", value, place)
        return self.value(value, place, ours=ours and key in _OWN_LISTS)

    def _whole(self, rule: str, value: Any, place: str) -> Any:
        if value is None or value in ("", [], (), {}):
            return value
        if isinstance(value, str) and value.startswith("[redacted"):
            return value
        self._taken[rule, place] += 1
        return _mark(rule)

    def _mark(self, rule: Rule, place: str) -> Callable[[re.Match[str]], str]:
        def marked(found: re.Match[str]) -> str:
            before = kept(found, rule)
            if found.group()[len(before) :].startswith("[redacted"):
                return found.group()
            self._taken[rule.name, place] += 1
            return before + _mark(rule.name)

        return marked


def _mark(rule: str) -> str:
    return f"[redacted: {rule}]"


def is_secret_name(key: str) -> bool:
    """``clientSecret``, ``db_password``, ``token``; not ``tokenizer``."""
    return bool(_SECRET_NAME.fullmatch(_CAMEL.sub("-", key)))
