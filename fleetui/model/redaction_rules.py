"""What secrets look like: the one table of rules that take them out of foreign text, on the screen and out of a bundle.

Rules of form (a token, a key, a password in a URL) hold everywhere. Where only a name or a length gives a secret away,
less is taken on the screen than out of a bundle: a fault that reads ``kubeconfig: no such file`` must still be read,
and of what leaves the machine a rule that takes too much costs a word, one that takes too little a password. Nothing is
compiled before it is needed: most starts meet no fault.
"""

import re
from enum import Flag, auto
from functools import cache

import msgspec


class Place(Flag):
    SCREEN = auto()
    """Faults and reports, of a line or a few, for whoever sits there."""
    BUNDLE = auto()
    """What is handed over."""
    EVERYWHERE = SCREEN | BUNDLE
    ADDRESSES = auto()
    """Only where it is asked for: to whom a bundle goes inside the house, addresses are half of the story."""


_STRONG = (
    r"password|passwd|passphrase|secret|token|api[-_.]?key|access[-_.]?key|private[-_.]?key|credential|"
    r"client[-_.]?key|encryption[-_.]?key|authorization|htpasswd|kubeconfig|docker(?:config(?:json)?|cfg)|"
    r"(?:certificate[-_.]?authority|client[-_.]?certificate)[-_.]?data|connection[-_.]?string|session[-_.]?id"
)
"""Wherever they stand in a name: ``DB_PASSWORD``, ``mytoken``."""
_WEAK = r"pass|pwd|pw|auth|bearer|cookie|dsn|signature|sig|jwt|psk|salt|otp|pin"
"""Only as a word of their own: ``compass`` and ``author`` are innocent."""
NAME = rf"(?:[\w.-]*?(?:{_STRONG})[\w.-]*+|(?:[\w.-]*[\d_.-])?(?:{_WEAK})(?:[\d_.-][\w.-]*+)?)"
_WORD = r"(?:\"(?:[^\"\\]|\\.)*(?:\"|\Z)|\\+\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|\S+)"
"""With blanks where it is quoted; of a text that was cut, to its end."""
_VALUE = rf"(?:\[[^\]]*(?:\]|\Z)|\{{[^}}]*(?:\}}|\Z)|[|>][-+]?\s+\S+|{_WORD})"
"""Also a list or an object, up to its first bracket."""


class Rule(msgspec.Struct, frozen=True):
    name: str
    pattern: str
    """Matches over lines."""
    kept: int = 0
    """How many of the pattern's groups are kept in front of what is taken."""
    cased: bool = False
    """Letters count as they are written."""
    where: Place = Place.EVERYWHERE


RULES = (
    # A text that was cut has no END.
    Rule("certificate or key (PEM)", r"-----BEGIN [A-Z0-9 ]*-----.*?(?:-----END [A-Z0-9 ]*-----|\Z)"),
    Rule("certificate or key (PEM in base64)", r"LS0tLS1CRUdJTi[A-Za-z0-9+/=]*", cased=True),
    Rule("annotation with a whole object",
          r"((?<![\w./-])[\w./-]*last-applied(?:-configuration)?[\"']?\s*[:=]?\s*).+", kept=1, where=Place.BUNDLE),
    Rule("HTTP header", r"((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?)"
          r"(?:(?:bearer|basic|digest|negotiate|token)\s+)?[^\s\"',;]+(?:\s*,\s*\w+=\"[^\"]*\")*", kept=1),
    Rule("HTTP header", r"((?:set-)?cookie[\"']?\s*[:=]\s*)[^\r\n\"']+", kept=1),
    # From the beginning of a name, and no way back into it: servers may say "x-key-" a thousand times.
    Rule("HTTP header", r"((?<![\w-])x-(?=[\w-]*?(?:token|key|auth|secret))[\w-]*+[\"']?\s*[:=]\s*[\"']?)[^\s\"',;]+",
          kept=1),
    Rule("bearer token", r"\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}", kept=1),
    Rule("JSON web token", r"\beyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,2}", cased=True),
    Rule("password in a URL", r"((?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://)"
          r"(?:[^\s/@:\"'<>]*:[^\s\"'<>]*|[^\s/\"'<>]+)(?=@)(?!@sha\d+:)", kept=1),
    Rule("password in a DSN", r"\b[\w.+-]+:[^\s:@/\"']+@(?:tcp|unix)?\("),
    Rule("key of a cloud or service",
          r"\b(?:AKIA|ASIA|AGPA|AROA)[A-Z0-9]{12,}|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bgl(?:pat|dt|rt)-[\w-]{12,}|"
          r"\bxox[abeoprs]-[\w-]{8,}|\b[sr]k_(?:live|test)_\w{8,}|\bsk-[\w-]{16,}|\bAIza[\w-]{20,}|\bya29\.[\w-]{10,}|"
          r"\bhv[sbr]\.[\w-]{10,}|\bs\.[A-Za-z0-9]{24}\b|\bnpm_\w{16,}|\bdckr_pat_[\w-]{10,}|\bSG\.[\w-]{8,}\.[\w-]{8,}|"
          r"\bdop_v1_\w{16,}|\bpypi-[\w-]{16,}|\bAGE-SECRET-KEY-\w+", cased=True),
    Rule("bootstrap token", r"\b[a-z0-9]{6}\.[a-z0-9]{16}\b", cased=True, where=Place.BUNDLE),
    Rule("SSH key", r"\b(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\S+)\s+[A-Za-z0-9+/=]+|\bAAAA[BCE][A-Za-z0-9+/=]{20,}",
          cased=True),
    # On the screen: names that are said of nothing else, with a value of some length; base64 of either alphabet, so
    # long that it is no word, while a path mixes both.
    Rule("secret by its name", r"((?<![^\W_])(?:(?:access|id|refresh|session|client|api)?[-_]?(?:token|secret|key)|"
         r"password|passwd|client-key-data|secret[-_]?access[-_]?key)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&}]{4,}", kept=1,
         where=Place.SCREEN),
    Rule("long opaque text", r"\b(?:[A-Za-z0-9+/]{120,}|[A-Za-z0-9_-]{120,})={0,2}", where=Place.SCREEN),
    # In a bundle: also in the middle of a name, and whatever stands there.
    Rule("secret by its name", rf"((?<![\w.-]){NAME}[\"'\\]*\s*(?:[:=]|=>|:=)\s*){_VALUE}", kept=1,
         where=Place.BUNDLE),
    Rule("secret by its name", rf"(\bname[\"'\\]*\s*[:=]\s*[\"'\\]*{NAME}[\"'\\]*[,;\s]\s*[\"'\\]*value[\"'\\]*"
          rf"\s*[:=]\s*){_VALUE}", kept=1,
         where=Place.BUNDLE),
    # Of a command line, as a text or as a list of words.
    Rule("secret by its name", rf"((?<![\w.-])--?{NAME}(?:[\"'\\]+\s*,\s*|\s+)){_WORD}", kept=1,
         where=Place.BUNDLE),
    Rule("secret by its name", rf"((?<![\w.-])-p(?:[\"'\\]+\s*,\s*|\s+|=|(?=\w))){_WORD}", kept=1,
         where=Place.BUNDLE),
    Rule("user and password", r"((?<![\w.-])(?:-u|-U|--user|--proxy-user)(?:[\"'\\]+\s*,\s*|\s+|=|(?=\w)))"
          r"(?:\\*\"[^\":]*:[^\"]*(?:\"|\Z)|'[^':]*:[^']*(?:'|\Z)|[^\s:\"']*:[^\s\"']+)", kept=1,
         where=Place.BUNDLE),
    Rule("secret by its name", r"((?:password|passphrase|secret|token)\s+(?:is|was)\s+)[\"']?[^\s\"']+", kept=1,
         where=Place.BUNDLE),
    # A digest that is named as one is no secret, and tells which image it was.
    Rule("long opaque text", r"(?<![A-Za-z0-9+/_=-])(?=[A-Za-z0-9+/_=-]*\d)(?=[A-Za-z0-9+/_=-]*[A-Z])"
          r"(?=[A-Za-z0-9+/_=-]*[a-z])[A-Za-z0-9+/_=-]{28,}", cased=True, where=Place.BUNDLE),
    Rule("long opaque text", r"(?<!sha1:)(?<!sha256:)(?<!sha512:)(?<![\w-])(?:[0-9a-f]{32,}|[0-9A-F]{32,})(?![\w-])",
          cased=True, where=Place.BUNDLE),
    Rule("address", r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\.\d)", where=Place.ADDRESSES),
    Rule("address", r"(?<![\w:])(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}(?![\w:])"
          r"|(?<![\w:])(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?(?![\w:])",
          where=Place.ADDRESSES),
)  # fmt: skip


@cache
def rules(where: Place) -> tuple[tuple[Rule, "re.Pattern[str]"], ...]:
    """Those that hold there, in the order in which they are used."""
    return tuple(
        (rule, re.compile(rule.pattern, re.DOTALL | (0 if rule.cased else re.IGNORECASE)))
        for rule in RULES
        if rule.where & where
    )


def kept(found: "re.Match[str]", rule: Rule) -> str:
    """What stays in front of what is taken."""
    return "".join(found.group(index + 1) or "" for index in range(rule.kept))


def masked(text: str, mask: str) -> str:
    """For the screen."""
    for rule, pattern in rules(Place.SCREEN):
        text = pattern.sub(lambda found, rule=rule: kept(found, rule) + mask, text)  # type: ignore[misc]
    return text
