"""An etcd cluster in words: the verdict with its reason and the host to look at, each member, what may be stopped."""

from fleetui.model.amount import bytes_text, number_text
from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.health.etcd import Member
from fleetui.model.health.etcd_forbids import may_stop
from fleetui.model.health.etcd_quorum import Ruling, illness
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.section import Fact, Section, present, section
from fleetui.model.table.cell_text import HEALTH_STYLES
from fleetui.model.table.column import UNKNOWN
from fleetui.model.table.etcd_cells import role


def etcd_sections(state: EtcdState, *, now: float) -> tuple[Section, ...]:
    return present(
        section(state.cluster, *_verdict(state, now)),
        section("members", *(_member(state, member) for member in state.members)),
        section("may be stopped now", *_guard(state, now)),
        section("also", *(Fact(each.word, each.detail, _tone(each.level)) for each in state.findings[1:])),
        section("figures", *_figures(state)),
    )


def _verdict(state: EtcdState, now: float) -> tuple[Fact, ...]:
    hosts = ", ".join(state.bad)
    views = state.views
    return (
        Fact("verdict", state.word, _tone(state.level)),
        Fact("because", state.reason),
        Fact("look at", hosts, "danger" if state.level is Health.BROKEN else "warn"),
        Fact("then", state.remedy, "accent"),
        Fact("said by", _said_by(state, now), "muted"),
        Fact("views", views.text if views is not None else "", "warn" if views and views.differences else "muted"),
    )


def _said_by(state: EtcdState, now: float) -> str:
    if state.sampled_at is None:
        return f"{state.source_name}: nothing yet" if state.source_name else "nobody"
    return f"{state.source_name}, {format_duration(max(0.0, now - state.sampled_at))} ago"


def _member(state: EtcdState, member: Member) -> Fact:
    said = member.said
    if said is None:
        why = member.fault.word if member.fault is not None else member.status.why
        return Fact(member.host, f"{role(state, member)}  {why}", "danger" if member.certainly_down else "warn")
    behind = state.lag_of(member)
    parts = [
        role(state, member),
        f"db {bytes_text(said.db_size)}",
        "at the front" if not behind else f"{behind:,} behind",
        said.version,
        *(error.strip() for error in said.errors),
    ]
    ill = state.direct is not None and illness(state.direct, member)
    return Fact(member.host, ", ".join(part for part in parts if part), "danger" if ill else "")


def _guard(state: EtcdState, now: float) -> tuple[Fact, ...]:
    """The rule of a plan's checks on each member; one sentence where it is the same for all."""
    anyone = may_stop(state.seen, now=now)
    rulings = [(member.host, may_stop(state.seen, member.name, now=now)) for member in state.members]
    if not rulings or (len({ruling.reason for _, ruling in rulings}) == 1 and not anyone.allowed):
        return (Fact("none", anyone.reason, "unknown" if anyone.unknown else "warn"),)
    down = {member.host: member.absence for member in state.members if member.certainly_down}
    return tuple(Fact(host, down[host], "danger") if host in down else _ruled(host, ruling) for host, ruling in rulings)


def _ruled(host: str, ruling: Ruling) -> Fact:
    if not ruling.allowed:
        return Fact(host, ruling.reason, "warn")
    return Fact(host, f"yes, {ruling.first} first" if ruling.first else "yes", "ok")


def _figures(state: EtcdState) -> tuple[Fact, ...]:
    share = UNKNOWN if state.db_share is None else f"{state.db_share:.0%} of the quota"
    fsync = UNKNOWN if state.fsync_s is None else f"{number_text(round(state.fsync_s * 1000, 1))} ms"
    hours = state.forecast.hours
    return (
        Fact("database", f"{bytes_text(state.db_size)}, {share}"),
        Fact("full in", state.forecast.why if hours is None else format_duration(hours * 3600)),
        Fact("fsync p99", fsync),
        Fact("version", ", ".join(state.versions) or UNKNOWN),
    )


def _tone(level: Health) -> str:
    return HEALTH_STYLES[level]
