"""One etcd cluster over time, as far as a verdict needs it: the look before, an hour of sizes, a quarter of an hour of
leaders, and each member's pace between two looks at its metrics. Folded look by look; bounded."""

from collections.abc import Mapping

import msgspec

from fleetui.model.fault import Fault
from fleetui.model.health.etcd import Picture
from fleetui.model.health.etcd_compare import READINGS_APART_S
from fleetui.model.health.etcd_pace import Counters, Pace, pace
from fleetui.model.health.etcd_space import WINDOW_S, Reading, forecast
from fleetui.model.health.etcd_trouble import Trend
from fleetui.model.health.etcd_verdict import Verdict, verdict

SIZES_EVERY_S = 30.0
"""An hour of sizes is then 120 readings."""
ELECTIONS_WITHIN_S = 900.0


class Term(msgspec.Struct, frozen=True):
    """From when on a term was seen. Every election begins one."""

    at: float
    term: int


class Course(msgspec.Struct, frozen=True):
    """``after`` makes the next one; ``verdict`` judges where it stands."""

    picture: Picture | None = None
    before: Picture | None = None
    """The latest look that is at least a second older than ``picture``."""
    sizes: tuple[Reading, ...] = ()
    """Of the largest database, oldest first."""
    terms: tuple[Term, ...] = ()
    counters: Mapping[str, Counters] = {}
    paces: Mapping[str, Pace] = {}
    deaf: Mapping[str, str] = {}
    """By member id, why its metrics could not be read when they were last asked for, in a word."""

    def after(self, picture: Picture) -> "Course":
        """With one look more."""
        last = self.picture
        apart = last is not None and picture.at - last.at >= READINGS_APART_S
        return msgspec.structs.replace(
            self,
            picture=picture,
            before=last if apart else self.before,
            sizes=self._sizes(picture),
            terms=self._terms(picture),
        )

    def measured(self, counters: Mapping[str, Counters | Fault]) -> "Course":
        """With one look more at the metrics. A member that gave none, or restarted, has no pace until it gives two."""
        known = {member: found for member, found in counters.items() if isinstance(found, Counters)}
        pairs = ((member, pace(self.counters[member], now)) for member, now in known.items() if member in self.counters)
        return msgspec.structs.replace(
            self,
            counters=known,
            paces={member: found for member, found in pairs if found is not None},
            deaf={member: found.word for member, found in counters.items() if isinstance(found, Fault)},
        )

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """Members that answer and of whose disk nothing is known, each with the reason: ``cp-1: refused``. A disk that
        wrote nothing is known to be idle."""
        members = self.picture.answering if self.picture is not None else ()
        return tuple(f"{member.host}: {why}" for member in members if (why := self._why_unmeasured(member.id)))

    def _why_unmeasured(self, member: str) -> str:
        if (found := self.paces.get(member)) is not None:
            return "" if found.idle or found.fsync_p99 is not None else "not exported"
        return self.deaf.get(member) or ("one sample" if member in self.counters else "no sample")

    def elections(self, at: float) -> int | None:
        """Terms that began within the last 15 minutes; None before the first answer. The first term that was ever seen
        counts for nothing: nobody knows when it began."""
        if not self.terms:
            return None
        recent = [seen for seen in self.terms if at - seen.at <= ELECTIONS_WITHIN_S]
        older = [seen for seen in self.terms if at - seen.at > ELECTIONS_WITHIN_S]
        base = older[-1] if older else self.terms[0]
        return recent[-1].term - base.term if recent else 0

    @property
    def quota(self) -> int | None:
        """The smallest that any member's metrics tell."""
        return min((found.quota for found in self.counters.values() if found.quota), default=None)

    def trend(self, at: float) -> Trend:
        said = [member.said.quota for member in self.picture.answering if member.said] if self.picture else []
        quota = min((quota for quota in said if quota), default=self.quota)
        return Trend(forecast(self.sizes, quota), self.paces, self.elections(at), self.quota)

    def verdict(self, *, at: float, period_s: float) -> Verdict | None:
        """None before the first look."""
        if self.picture is None:
            return None
        return verdict(self.picture, self.before, at=at, period_s=period_s, trend=self.trend(at))

    def _sizes(self, picture: Picture) -> tuple[Reading, ...]:
        size = max((member.said.db_size or 0 for member in picture.answering if member.said), default=0)
        due = not self.sizes or picture.at - self.sizes[-1].at >= SIZES_EVERY_S
        kept = tuple(reading for reading in self.sizes if picture.at - reading.at <= WINDOW_S)
        return (*kept, Reading(picture.at, size)) if size and due else kept

    def _terms(self, picture: Picture) -> tuple[Term, ...]:
        term = max((member.said.term for member in picture.answering if member.said), default=0)
        seen = (*self.terms, Term(picture.at, term)) if not self.terms or term > self.terms[-1].term else self.terms
        old = [place for place, known in enumerate(seen) if picture.at - known.at > ELECTIONS_WITHIN_S]
        kept = seen[old[-1] :] if old else seen
        return kept if term or self.terms else ()
