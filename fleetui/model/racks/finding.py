"""What a rule has found: what is wrong with which entry, where it stands, and what to write instead."""

from enum import StrEnum

import msgspec

Path = tuple[str, ...]
"""Of a field in the document: ``("devices", "12", "position")``."""
Entry = tuple[str, str]
"""One entry of the document: its section, and its key in the atlas."""


class Severity(StrEnum):
    """The worst first."""

    ERROR = "error"
    """It cannot be so, or what it promises does not hold."""
    WARNING = "warning"
    UNKNOWN = "unknown"
    """Whether it holds cannot be told: something is not said."""
    HINT = "hint"


SEVERITIES = tuple(Severity)


class Rule(msgspec.Struct, frozen=True):
    """What holds of racks."""

    code: str
    severity: Severity
    doc: str
    """What is found, in one sentence."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One entry against one rule."""

    rule: Rule
    text: str
    fix: str
    path: Path
    """Where to write the fix."""
    about: tuple[Entry, ...] = ()
    """Whose it is besides: rows that show it."""

    @property
    def severity(self) -> Severity:
        return self.rule.severity

    def __str__(self) -> str:
        return f"{self.severity}: {self.text}; {self.fix} [{self.rule.code}]"


def worst(findings: tuple[Finding, ...]) -> Severity | None:
    """None where nothing was found."""
    return min((finding.severity for finding in findings), key=SEVERITIES.index, default=None)
