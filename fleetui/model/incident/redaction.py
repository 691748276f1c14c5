"""What must not leave this machine with a bundle: rules that take secrets out of foreign text, and say what they took.

A rule that takes too much costs a word; one that takes too little costs a password. What was taken is named by its rule
and its place, never by its value.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

_STRONG = (
    r"password|passwd|passphrase|secret|token|api[-_.]?key|access[-_.]?key|private[-_.]?key|credential|"
    r"client[-_.]?key|encryption[-_.]?key|authorization|htpasswd|kubeconfig|docker(?:config(?:json)?|cfg)|"
    r"(?:certificate[-_.]?authority|client[-_.]?certificate)[-_.]?data|connection[-_.]?string|session[-_.]?id"
)
"""Wherever they stand in a name: ``DB_PASSWORD``, ``mytoken``."""
_WEAK = r"pass|pwd|pw|auth|bearer|cookie|dsn|signature|sig|jwt|psk|salt|otp|pin"
"""Only as a word of their own: ``compass`` and ``author`` are innocent."""
_NAME = rf"(?:[\w.-]*?(?:{_STRONG})[\w.-]*+|(?:[\w.-]*[\d_.-])?(?:{_WEAK})(?:[\d_.-][\w.-]*+)?)"
_SECRET_NAME = re.compile(_NAME, re.IGNORECASE)
_FLAG = re.compile(rf"--?(?:{_NAME}|p|u|user|proxy-user)", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ANNOTATION = re.compile(r"last-applied-configuration|/last-applied\b|\blast-applied\b", re.IGNORECASE)
_WORD = r"(?:\"(?:[^\"\\]|\\.)*(?:\"|\Z)|\\+\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|\S+)"
"""With blanks where it is quoted; of a text that was cut, to its end."""
_VALUE = rf"(?:\[[^\]]*(?:\]|\Z)|\{{[^}}]*(?:\}}|\Z)|[|>][-+]?\s+\S+|{_WORD})"
"""Also a list or an object, up to its first bracket."""


class Rule(msgspec.Struct, frozen=True):
    name: str
    pattern: re.Pattern[str]
    kept: int = 0
    """How many of the pattern's groups are kept in front of what is taken."""


def _rule(name: str, pattern: str, *, kept: int = 0, flags: int = re.IGNORECASE) -> Rule:
    return Rule(name, re.compile(pattern, flags | re.DOTALL), kept)


RULES = (
    # A text that was cut has no END.
    _rule("certificate or key (PEM)", r"-----BEGIN [A-Z0-9 ]*-----.*?(?:-----END [A-Z0-9 ]*-----|\Z)"),
    _rule("certificate or key (PEM in base64)", r"LS0tLS1CRUdJTi[A-Za-z0-9+/=]*", flags=0),
    _rule("annotation with a whole object",
          r"((?<![\w./-])[\w./-]*last-applied(?:-configuration)?[\"']?\s*[:=]?\s*).+", kept=1),
    _rule("HTTP header", r"((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?)"
          r"(?:(?:bearer|basic|digest|negotiate|token)\s+)?[^\s\"',;]+(?:\s*,\s*\w+=\"[^\"]*\")*", kept=1),
    _rule("HTTP header", r"((?:set-)?cookie[\"']?\s*[:=]\s*)[^\r\n\"']+", kept=1),
    _rule("HTTP header", r"(x-[\w-]*(?:token|key|auth|secret)[\w-]*[\"']?\s*[:=]\s*[\"']?)[^\s\"',;]+", kept=1),
    _rule("bearer token", r"\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}", kept=1),
    _rule("JSON web token", r"\beyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,2}", flags=0),
    _rule("password in a URL", r"((?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://)"
          r"(?:[^\s/@:\"'<>]*:[^\s\"'<>]*|[^\s/\"'<>]+)@(?!sha\d+:)", kept=1),
    _rule("password in a DSN", r"\b[\w.+-]+:[^\s:@/\"']+@(?:tcp|unix)?\("),
    _rule("key of a cloud or service",
          r"\b(?:AKIA|ASIA|AGPA|AROA)[A-Z0-9]{12,}|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bgl(?:pat|dt|rt)-[\w-]{12,}|"
          r"\bxox[abeoprs]-[\w-]{8,}|\b[sr]k_(?:live|test)_\w{8,}|\bsk-[\w-]{16,}|\bAIza[\w-]{20,}|\bya29\.[\w-]{10,}|"
          r"\bhv[sbr]\.[\w-]{10,}|\bs\.[A-Za-z0-9]{24}\b|\bnpm_\w{16,}|\bdckr_pat_[\w-]{10,}|\bSG\.[\w-]{8,}\.[\w-]{8,}|"
          r"\bdop_v1_\w{16,}|\bpypi-[\w-]{16,}|\bAGE-SECRET-KEY-\w+", flags=0),
    _rule("bootstrap token", r"\b[a-z0-9]{6}\.[a-z0-9]{16}\b", flags=0),
    _rule("SSH key", r"\b(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\S+)\s+[A-Za-z0-9+/=]+|\bAAAA[BCE][A-Za-z0-9+/=]{20,}",
          flags=0),
    _rule("secret by its name", rf"((?<![\w.-]){_NAME}[\"'\\]*\s*(?:[:=]|=>|:=)\s*){_VALUE}", kept=1),
    _rule("secret by its name", rf"(\bname[\"'\\]*\s*[:=]\s*[\"'\\]*{_NAME}[\"'\\]*[,;\s]\s*[\"'\\]*value[\"'\\]*"
          rf"\s*[:=]\s*){_VALUE}", kept=1),
    # Of a command line, as a text or as a list of words.
    _rule("secret by its name", rf"((?<![\w.-])--?{_NAME}(?:[\"'\\]+\s*,\s*|\s+)){_WORD}", kept=1),
    _rule("secret by its name", rf"((?<![\w.-])-p(?:[\"'\\]+\s*,\s*|\s+|=|(?=\w))){_WORD}", kept=1),
    _rule("user and password", r"((?<![\w.-])(?:-u|-U|--user|--proxy-user)(?:[\"'\\]+\s*,\s*|\s+|=|(?=\w)))"
          r"(?:\\*\"[^\":]*:[^\"]*(?:\"|\Z)|'[^':]*:[^']*(?:'|\Z)|[^\s:\"']*:[^\s\"']+)", kept=1),
    _rule("secret by its name", r"((?:password|passphrase|secret|token)\s+(?:is|was)\s+)[\"']?[^\s\"']+", kept=1),
    # A digest that is named as one is no secret, and tells which image it was.
    _rule("long opaque text", r"(?<![A-Za-z0-9+/_=-])(?=[A-Za-z0-9+/_=-]*\d)(?=[A-Za-z0-9+/_=-]*[A-Z])"
          r"(?=[A-Za-z0-9+/_=-]*[a-z])[A-Za-z0-9+/_=-]{28,}", flags=0),
    _rule("long opaque text", r"(?<!sha1:)(?<!sha256:)(?<!sha512:)(?<![\w-])(?:[0-9a-f]{32,}|[0-9A-F]{32,})(?![\w-])",
          flags=0),
)  # fmt: skip

ADDRESSES = (
    _rule("address", r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\.\d)"),
    _rule("address", r"(?<![\w:])(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}(?![\w:])"
          r"|(?<![\w:])(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?(?![\w:])"),
)  # fmt: skip
"""Only where they are asked for: to whom a bundle goes inside the house, addresses are half of the story."""

OURS = frozenset({"uid", "cluster_uid", "digest", "hash", "previous"})
"""Fields of our own that hold hashes of ours: long, opaque, and no secrets. Shorter identifiers no rule takes."""
_HASH = re.compile(r"[0-9a-f]{32,64}")
_OWN_LISTS = frozenset({"audit"})
"""Fields of a row of ours that hold rows of ours again. What stands in any other mapping has names that others gave:
an alert's labels, a node's."""


class Redactor:
    """Takes secrets out of values, and keeps count by rule and place."""

    def __init__(self, *, addresses: bool = False) -> None:
        self._rules = (*RULES, *(ADDRESSES if addresses else ()))
        self._taken: Counter[tuple[str, str]] = Counter()

    @property
    def taken(self) -> tuple[tuple[str, str, int], ...]:
        """(rule, place, how often), sorted."""
        return tuple((rule, place, count) for (rule, place), count in sorted(self._taken.items()))

    def text(self, text: str, place: str) -> str:
        for rule in self._rules:
            text = rule.pattern.sub(self._mark(rule, place), text)
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
            kept = "".join(found.group(index + 1) or "" for index in range(rule.kept))
            if found.group()[len(kept) :].startswith("[redacted"):
                return found.group()
            self._taken[rule.name, place] += 1
            return kept + _mark(rule.name)

        return marked


def _mark(rule: str) -> str:
    return f"[redacted: {rule}]"


def is_secret_name(key: str) -> bool:
    """``clientSecret``, ``db_password``, ``token``; not ``tokenizer``."""
    return bool(_SECRET_NAME.fullmatch(_CAMEL.sub("-", key)))
