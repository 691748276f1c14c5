"""Silences: what they are, and what may be done to one without making another of it."""

from enum import StrEnum

import msgspec

from fleetui.model.alerts.label_set import Labels
from fleetui.model.alerts.matcher import Matcher, all_match

ACK = "ACK!"
"""How the comment of a silence begins that means "somebody is at it": the convention of karma and kthxbye."""
WARN_BEFORE_S = 600.0
"""How long before its end an operator hears of it, who may need some minutes to decide."""


class SilenceState(StrEnum):
    PENDING = "pending"
    """Begins later."""
    ACTIVE = "active"
    EXPIRED = "expired"
    """Alertmanager keeps it for its retention, 120 h by default."""


class Silence(msgspec.Struct, frozen=True):
    """One silence as an Alertmanager has it. Times are Unix seconds."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: float
    ends_at: float
    created_by: str
    comment: str
    state: SilenceState = SilenceState.ACTIVE
    updated_at: float | None = None

    @property
    def is_ack(self) -> bool:
        return self.comment.startswith(ACK)

    def matches(self, labels: Labels) -> bool:
        """Raises MatcherError for an expression that only RE2 understands."""
        return all_match(self.matchers, labels)

    def left_s(self, now: float) -> float:
        """Seconds to its end; 0 when it is over."""
        return 0.0 if self.state is SilenceState.EXPIRED else max(0.0, self.ends_at - now)

    def ends_soon(self, now: float) -> bool:
        return self.state is SilenceState.ACTIVE and self.left_s(now) <= WARN_BEFORE_S


class Draft(msgspec.Struct, frozen=True):
    """A silence before an Alertmanager has it. With an ``id`` it edits that one."""

    matchers: tuple[Matcher, ...]
    starts_at: float
    ends_at: float
    created_by: str
    comment: str
    id: str = ""


def edited(
    silence: Silence,
    *,
    matchers: tuple[Matcher, ...] | None = None,
    ends_at: float | None = None,
    created_by: str | None = None,
    comment: str | None = None,
) -> Draft:
    """The same silence with some of it changed. Equal matchers keep their order: Alertmanager compares them in it."""
    same = matchers is None or set(matchers) == set(silence.matchers)
    return Draft(
        matchers=silence.matchers if same or matchers is None else matchers,
        starts_at=silence.starts_at,
        ends_at=silence.ends_at if ends_at is None else ends_at,
        created_by=silence.created_by if created_by is None else created_by,
        comment=silence.comment if comment is None else comment,
        id=silence.id,
    )


def extended(silence: Silence, *, by_s: float, now: float) -> Draft:
    """The same for longer; one that has expired begins anew, as another silence."""
    if silence.state is SilenceState.EXPIRED:
        renewed = edited(silence, ends_at=now + by_s)
        return msgspec.structs.replace(renewed, id="", starts_at=now)
    return edited(silence, ends_at=max(silence.ends_at, now) + by_s)
