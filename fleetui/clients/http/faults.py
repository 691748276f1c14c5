"""Faults whose texts may be shown: never a secret, never more than a line.

Their words come from servers, proxies and plugins, which like to quote what they were given; so all of it goes through
``redact`` and ``clean_message``.
"""

from collections.abc import Mapping

from fleetui.model.fault import Fault, FaultKind
from fleetui.model.redaction_rules import masked
from fleetui.model.text import clean_message

MASK = "••••"
_LOOKED_AT = 10_000
"""Characters of a text: four times what a message can show, so that no secret is cut before it is recognised."""


def redact(text: str, *known: str) -> str:
    """``text`` without the ``known`` secrets and without what looks like one (``model.redaction_rules``)."""
    for secret in known:
        if len(secret) >= 4:
            text = text.replace(secret, MASK)
    return masked(text, MASK)


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
