"""Faults whose texts may be shown: never a secret, never more than a line.

Their words come from servers, proxies and plugins, which like to quote what they were given; so all of it goes through
``redact`` and ``clean_message``.
"""

import re
from collections.abc import Mapping
from functools import cache

from fleetui.model.fault import Fault, FaultKind
from fleetui.model.text import clean_message

MASK = "••••"
_LOOKED_AT = 10_000
"""Characters of a text: four times what a message can show, so that no secret is cut before it is recognised."""


def redact(text: str, *known: str) -> str:
    """``text`` without the ``known`` secrets and without what looks like one: JWTs, bearer and basic headers, user
    information in URLs, ``token=…`` pairs, PEM blocks, very long base64 of either alphabet (paths mix them)."""
    for secret in known:
        if len(secret) >= 4:
            text = text.replace(secret, MASK)
    return _secrets().sub(lambda found: (found["pair"] or "") + MASK, text)


@cache
def _secrets() -> re.Pattern[str]:
    """Compiled when the first fault is told: most starts meet none."""
    return re.compile(
        r"""(?P<jwt>\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?)
        | (?P<bearer>\b(?:bearer|basic)\s+[\w.~+/=-]{8,})
        | (?P<userinfo>(?<=://)[^/\s]+(?=@))
        | (?P<pair>(?<![^\W_])(?:(?:access|id|refresh|session|client|api)?[-_]?(?:token|secret|key)|password|passwd
            |secret[-_]?access[-_]?key)["']?\s*[=:]\s*["']?)(?P<value>[^\s"',;&}]{4,})
        | (?P<pem>-----BEGIN[^-]*-----.*?(?:-----END[^-]*-----|$))
        | (?P<long>\b(?:[A-Za-z0-9+/]{120,}|[A-Za-z0-9_-]{120,})={0,2})""",
        re.IGNORECASE | re.VERBOSE | re.DOTALL,
    )


def fault(
    kind: FaultKind, word: str, detail: str, remedy: str, *, what: str = "", retry_after_s: float | None = None
) -> Fault:
    """A Fault whose texts are redacted and fit one line each."""
    return Fault(
        kind=kind,
        word=clean_message(word, limit=40),
        detail=clean_message(redact(detail[:_LOOKED_AT])),
        remedy=clean_message(redact(remedy)),
        what=what,
        retry_after_s=retry_after_s,
    )


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds from a Retry-After header, given as seconds or as a date."""
    said = headers.get("Retry-After", "").strip()
    if said.isdecimal():
        return float(said)
    from email.utils import parsedate_to_datetime  # the first frame needs none of it

    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - now) if said else None
    except ValueError:
        return None
