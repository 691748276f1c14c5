"""What is known of one cluster's etcd from every side at once: its members' own answers, what was scraped of them, and
where the two differ. One row of the etcd table."""

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.freshness import Source
from fleetui.model.health.board import LEVELS, worst_level
from fleetui.model.health.etcd import Member, Picture
from fleetui.model.health.etcd_agreement import Agreement, agreement
from fleetui.model.health.etcd_board import EtcdRow
from fleetui.model.health.etcd_compare import Lag, lags
from fleetui.model.health.etcd_course import Course
from fleetui.model.health.etcd_finding import About, Finding
from fleetui.model.health.etcd_forbids import NO_WAY, Seen, alarmed
from fleetui.model.health.etcd_quorum import Margin
from fleetui.model.health.etcd_space import Forecast, fullness
from fleetui.model.health.etcd_verdict import Verdict
from fleetui.model.health.sample import Age

REMEDY = "write etcd: with endpoints or certificates under the cluster, or a source under metrics:"


class EtcdState(msgspec.Struct, frozen=True):
    """Everything that a screen or a command says of one etcd cluster. ``None`` is unknown throughout."""

    cluster: str
    """Display name of the Kubernetes cluster."""
    level: Health = Health.UNKNOWN
    word: str = ""
    """For the cell: ``can lose 1``, ``NOSPACE``, ``not scraped``."""
    reason: str = ""
    remedy: str = ""
    bad: tuple[str, ...] = ()
    """Hosts to look at."""
    findings: tuple[Finding, ...] = ()
    """Worst first."""
    margin: Margin | None = None
    source: Source | None = None
    """Whose word the verdict is; None while nobody has said anything."""
    source_name: str = ""
    """``direct``, or what the configuration calls the source of metrics."""
    sampled_at: float | None = None
    """When what the verdict rests on was true, Unix seconds."""
    settled: bool = False
    """Every way that is configured has answered or failed once."""
    configured: bool = True
    """There is a way: its members are named, or a source of metrics covers the cluster."""
    direct: Picture | None = None
    scraped: EtcdRow | None = None
    views: Agreement | None = None
    """None where there are no two views to compare."""
    lags: tuple[Lag, ...] = ()
    forecast: Forecast = Forecast(why="not asked directly")
    fsync_direct_s: float | None = None
    """The slowest member's 99th percentile between two looks at its own metrics."""
    quota: int | None = None
    """Bytes, where the statuses do not say it."""
    unmeasured: tuple[str, ...] = ()
    """Of whose disk nobody knows how long it takes, each with the reason; empty where that is known."""

    @property
    def name(self) -> str:
        return self.cluster

    @property
    def members(self) -> tuple[Member, ...]:
        """As they were when asked directly; none otherwise."""
        return self.direct.members if self.direct is not None else ()

    @property
    def counted(self) -> Margin | None:
        """The margin, where it is known: of members of which none answers, and none is certainly down, it is not."""
        left = self.margin
        if left is None or (left.up + left.leaderless == 0 and not left.lost):
            return None
        return left

    @property
    def up(self) -> int | None:
        return self.counted.up if self.counted is not None else None

    @property
    def can_lose(self) -> int | None:
        """Members that may still fail; negative without a quorum. None to spare under an alarm: the whole cluster is at
        stake, however many of them work."""
        if self.counted is None:
            return None
        return min(self.counted.can_lose, 0) if alarmed(self.findings) else self.counted.can_lose

    @property
    def urgency(self) -> int:
        """Within its level, smallest first: what its worst finding is about. Who can lose no member comes before whose
        versions differ."""
        return list(About).index(self.findings[0].about) if self.findings else len(About)

    @property
    def voters(self) -> int | None:
        return self.margin.voters if self.margin is not None else None

    @property
    def doubt(self) -> str:
        """Why its state says nothing about now; empty when it does."""
        if self.direct is None and self.scraped is None:
            return NO_WAY
        if self.source is None or any(one.about in (About.NOTHING_KNOWN, About.STALE) for one in self.findings):
            return f"etcd: {self.reason or self.word or 'no answer yet'}"
        return ""

    @property
    def seen(self) -> Seen:
        """For the rules of what it forbids."""
        return Seen(self.findings, self.counted, self.direct, self.doubt)

    @property
    def leader(self) -> str:
        """Its host; empty when nobody is known to lead."""
        if self.direct is not None and self.direct.answering:
            return self.direct.leader.host if self.direct.leader is not None else ""
        return self.scraped.leader if self.scraped is not None and self.scraped.age is not Age.STALE else ""

    @property
    def alarms(self) -> tuple[str, ...] | None:
        """Kinds that are raised; None while nobody can tell."""
        if self.direct is not None and self.direct.answering:
            return tuple(dict.fromkeys(alarm.kind.value for alarm in self.direct.alarms))
        if self.scraped is None or self.scraped.age in (Age.STALE, Age.NONE):
            return None
        abouts = {About.CORRUPT: "CORRUPT", About.NO_SPACE: "NOSPACE", About.ALARM: "OTHER"}
        said = [each for each in self.scraped.findings if each.about in abouts]
        raised = tuple(abouts[each.about] for each in said if each.level is Health.BROKEN)
        return raised if raised or not said else None  # counted by the metrics, and perhaps over: nobody can tell

    @property
    def versions(self) -> tuple[str, ...]:
        """Of the members that say one, oldest first."""
        said = {member.said.version for member in self.members if member.said and member.said.version}
        if not said and self.scraped is not None:
            said = {member.version for member in self.scraped.members if member.version}
        return tuple(sorted(said, key=lambda text: tuple(int(part) for part in text.split(".") if part.isdigit())))

    @property
    def db_share(self) -> float | None:
        """Of the fullest member: its database file over its quota, 0 to 1 and a little more."""
        shares = [share for member in self.members if member.said if (share := self._share(member)) is not None]
        return max(shares, default=None) if shares else self._figure("of_quota")

    @property
    def db_size(self) -> int | None:
        """Bytes of the largest member's file."""
        sizes = [member.said.db_size for member in self.members if member.said and member.said.db_size is not None]
        if sizes:
            return max(sizes)
        scraped = self._figure("size")
        return None if scraped is None else int(scraped)

    @property
    def fsync_s(self) -> float | None:
        """The slowest member's 99th percentile: scraped, which spans minutes, else between two looks of our own."""
        scraped = self._figure("fsync")
        return self.fsync_direct_s if scraped is None else scraped

    @property
    def lag(self) -> int | None:
        """Log entries that the slowest member has not applied."""
        if self.lags:
            return self.lags[0].entries
        scraped = self._figure("unapplied")
        return None if scraped is None else int(scraped)

    def lag_of(self, member: Member) -> int | None:
        return next((lag.entries for lag in self.lags if lag.member == member.id), None)

    def _share(self, member: Member) -> float | None:
        return fullness(member.said, self.quota) if member.said is not None else None

    def _figure(self, panel: str) -> float | None:
        """Of the scraped board, while it is young enough to say anything."""
        cell = self.scraped.cell(panel) if self.scraped is not None else None
        return cell.sample.value if cell is not None and cell.age in (Age.FRESH, Age.LATE) else None


class Known(msgspec.Struct, frozen=True):
    """What has come in of one cluster."""

    cluster: str
    course: Course | None = None
    """None where its members are not asked directly."""
    scraped: EtcdRow | None = None
    heard_at: float | None = None
    """When a member last answered us."""
    settled: bool = False
    configured: bool = True
    period_s: float = 5.0
    """How often its members are asked."""


def etcd_state(known: Known, *, at: float) -> EtcdState:
    """The row as of ``at``. Time alone makes it worse and never better: to be made anew every few seconds."""
    if not known.configured:
        why = "neither its etcd nor a source of metrics is configured"
        return msgspec.structs.replace(_unknown(known.cluster, "not configured", why, REMEDY), configured=False)
    direct = known.course.verdict(at=at, period_s=known.period_s) if known.course is not None else None
    picture = known.course.picture if known.course is not None else None
    if _speaks(picture, direct) or known.scraped is None or not _usable(known.scraped):
        state = _of_direct(known, direct, at=at) if direct is not None else _of_scraped(known)
    else:
        state = _beside_silence(_of_scraped(known), direct)
    return _completed(state, known, at=at)


def _unknown(cluster: str, word: str, reason: str, remedy: str = "") -> EtcdState:
    finding = Finding(Health.UNKNOWN, About.NOTHING_KNOWN, word, reason, remedy=remedy)
    return EtcdState(cluster, word=word, reason=reason, remedy=remedy, findings=(finding,), settled=True)


def _speaks(picture: Picture | None, direct: Verdict | None) -> bool:
    """A member answers us, or it is certain that none can."""
    if picture is None or direct is None:
        return False
    return bool(picture.answering) or (direct.margin is not None and direct.margin.lost)


def _usable(row: EtcdRow) -> bool:
    return row.age in (Age.FRESH, Age.LATE)


def _of_direct(known: Known, said: Verdict, *, at: float) -> EtcdState:
    assert known.course is not None
    return msgspec.structs.replace(
        _judged(known.cluster, said),
        source=Source.POLLED,
        source_name="direct",
        sampled_at=known.heard_at,
        forecast=known.course.trend(at).forecast,
    )


def _of_scraped(known: Known) -> EtcdState:
    row = known.scraped
    if row is None:
        word = "no answer yet" if not known.settled else "no data"
        return msgspec.structs.replace(_unknown(known.cluster, word, "it has just been asked"), settled=False)
    return msgspec.structs.replace(
        _judged(known.cluster, row),
        source=Source.SCRAPED if row.source else None,
        source_name=row.source,
        sampled_at=row.sample_at,
    )


def _judged(cluster: str, said: Verdict | EtcdRow) -> EtcdState:
    """A judgement in the words of the table, whoever made it."""
    return EtcdState(
        cluster,
        level=said.level,
        word=said.word,
        reason=said.reason,
        remedy=next((finding.remedy for finding in said.findings if finding.remedy), ""),
        bad=said.bad,
        findings=said.findings,
        margin=said.margin,
    )


def _beside_silence(state: EtcdState, direct: Verdict | None) -> EtcdState:
    """What was scraped stands in for members that do not answer us; that they do not is never left out."""
    if direct is None or not direct.findings:
        return state
    first = direct.findings[0]
    detail = f"its members do not answer us: {first.detail}"
    return _with(state, Finding(Health.WARNING, About.MEMBER_SILENT, "direct silent", detail, remedy=first.remedy))


def _completed(state: EtcdState, known: Known, *, at: float) -> EtcdState:
    """With what only the two views together tell."""
    course, picture = known.course, known.course.picture if known.course is not None else None
    paces = course.paces.values() if course is not None else ()
    if course is not None and not paces and state.source is Source.POLLED and known.scraped is not None:
        state = _with_paces(state, known.scraped)
    views = agreement(picture, known.scraped, now=at) if picture is not None and known.scraped is not None else None
    if views is not None and views.differences:
        state = _with(state, _difference(views))
    return msgspec.structs.replace(
        state,
        settled=known.settled,
        direct=picture,
        scraped=known.scraped,
        views=views,
        lags=lags(picture, course.before) if course is not None and picture is not None else (),
        fsync_direct_s=max((pace.fsync_p99 for pace in paces if pace.fsync_p99 is not None), default=None),
        quota=course.quota if course is not None else None,
        unmeasured=_unmeasured(known),
    )


def _with_paces(state: EtcdState, row: EtcdRow) -> EtcdState:
    """Members that were asked once say nothing of their pace; who scrapes them does."""
    for finding in row.findings if _usable(row) else ():
        if finding.about in (About.SLOW_DISK, About.SLOW_NETWORK, About.FLAPPING):
            state = _with(state, finding)
    return state


def _unmeasured(known: Known) -> tuple[str, ...]:
    cell = known.scraped.cell("fsync") if known.scraped is not None and _usable(known.scraped) else None
    if cell is not None and cell.sample.known:
        return ()
    if known.course is not None:
        return known.course.unmeasured
    return (f"{known.scraped.source}: {cell.sample.why}",) if cell is not None and known.scraped is not None else ()


def _difference(views: Agreement) -> Finding:
    """A view that says otherwise is a reason to look, whichever is right."""
    told = "; ".join(f"{each.about}: direct {each.direct}, scraped {each.scraped}" for each in views.differences)
    hosts = tuple(dict.fromkeys(each.host for each in views.differences if each.host))
    likely = next((each.likely for each in views.differences if each.likely), "")
    return Finding(Health.WARNING, About.DISAGREEMENT, "views differ", told, hosts, likely)


def _with(state: EtcdState, finding: Finding) -> EtcdState:
    """One finding more; it takes the word only from what was calm or unknown."""
    ranked = sorted((*state.findings, finding), key=lambda each: LEVELS.index(each.level))
    if LEVELS.index(state.level) <= LEVELS.index(finding.level):
        return msgspec.structs.replace(state, findings=tuple(ranked))
    return msgspec.structs.replace(
        state,
        findings=tuple(ranked),
        level=worst_level((state.level, finding.level)),
        word=f"{state.word}, {finding.word}" if state.level is Health.CALM else finding.word,
        reason=finding.detail,
        remedy=finding.remedy,
        bad=state.bad or finding.hosts,
    )
