"""The two views of one etcd cluster side by side: what its members say when asked, and what was scraped of them.

They are of different moments, so only what cannot be explained by that is a disagreement: both views young, and the
scraped one not older than what has changed since.
"""

from collections.abc import Iterator

import msgspec

from fleetui.model.duration import format_duration
from fleetui.model.health.etcd import Member, Picture
from fleetui.model.health.etcd_board import EtcdRow
from fleetui.model.health.etcd_quorum import follows, margin
from fleetui.model.health.etcd_scrape import Scraped
from fleetui.model.health.sample import Age


class Disagreement(msgspec.Struct, frozen=True):
    """One thing that the two views say differently."""

    about: str
    """``members``, ``m2 up``, ``leader``, ``quorum``, ``version of m1``, ``database of m1``."""
    direct: str
    scraped: str
    host: str = ""
    likely: str = ""
    """What usually explains it."""


class Agreement(msgspec.Struct, frozen=True):
    """What comparing gave."""

    compared: bool
    why: str = ""
    """Why nothing was compared."""
    differences: tuple[Disagreement, ...] = ()

    @property
    def text(self) -> str:
        """For the line over the board: ``agree``, ``disagree: leader``, ``not compared: …``."""
        if not self.compared:
            return f"not compared: {self.why}"
        return f"disagree: {', '.join(each.about for each in self.differences)}" if self.differences else "agree"


SIZES_APART = 0.25
"""Databases grow between two moments; a quarter is another database."""


def agreement(direct: Picture, row: EtcdRow, *, now: float) -> Agreement:
    """Of one poll and one row of the board."""
    if not direct.answering:
        return Agreement(False, direct.why or "no member answers us")
    if row.age in (Age.NONE, Age.STALE):
        seconds = None if row.sample_at is None else now - row.sample_at
        age = f"{format_duration(seconds)} old" if seconds is not None else row.word
        return Agreement(False, f"what was scraped is {age}" if seconds is not None else age)
    return Agreement(True, differences=tuple(_differences(direct, row, now=now)))


def _differences(direct: Picture, row: EtcdRow, *, now: float) -> Iterator[Disagreement]:
    pairs = list(_pairs(direct, row))
    yield from _count(direct, row)
    for member, scraped in pairs:
        yield from _member(member, scraped, now=now)
    yield from _leader(direct, pairs)
    yield from _quorum(direct, row)


def _pairs(direct: Picture, row: EtcdRow) -> Iterator[tuple[Member, Scraped]]:
    """The same member in both views: by its id, else by the address that it is reached at."""
    for scraped in row.members:
        member = direct.member(scraped.id) if scraped.id else None
        found = member or next((each for each in direct.members if scraped.host in _addresses(each)), None)
        if found is not None:
            yield found, scraped


def _addresses(member: Member) -> frozenset[str]:
    hosts = {member.name, *(url.split("://")[-1].rpartition(":")[0].strip("[]") for url in member.client_urls)}
    return frozenset(hosts - {"", "127.0.0.1", "localhost", "::1"})


def _count(direct: Picture, row: EtcdRow) -> Iterator[Disagreement]:
    if direct.listed_at is not None and len(direct.members) != len(row.members):
        likely = "the scraper's targets are not the member list: service discovery, or a member of 127.0.0.1"
        yield Disagreement("members", str(len(direct.members)), str(len(row.members)), likely=likely)


def _member(member: Member, scraped: Scraped, *, now: float) -> Iterator[Disagreement]:
    host = member.host
    if member.answers and scraped.down:
        likely = f"the scraper's way to it: {scraped.error}" if scraped.error else "the scraper's way to it"
        yield Disagreement(f"{host} up", "answers", "not scraped", host, likely)
    if member.certainly_down and scraped.counts(now):
        yield Disagreement(f"{host} up", "down", "up", host, "it died since the last scrape, or the store is behind")
    said = member.said
    if said is None or not scraped.counts(now):
        return
    if scraped.version and said.version and scraped.version != said.version:
        yield Disagreement(f"version of {host}", said.version, scraped.version, host, "it was upgraded, or another one")
    size = scraped.figures.get("size")
    if size and said.db_size and abs(size - said.db_size) > SIZES_APART * max(size, said.db_size):
        sizes = f"{said.db_size / 2**20:,.0f} MiB", f"{size / 2**20:,.0f} MiB"
        yield Disagreement(f"database of {host}", *sizes, host, "it was defragmented since the last scrape")


def _leader(direct: Picture, pairs: list[tuple[Member, Scraped]]) -> Iterator[Disagreement]:
    leading = direct.leader
    claimed = [member for member, scraped in pairs if scraped.flag("is_leader")]
    if leading is None or len(claimed) != 1 or claimed[0].id == leading.id:
        return
    likely = "the leader changed since the last scrape"
    yield Disagreement("leader", leading.host, claimed[0].host, leading.host, likely)


def _quorum(direct: Picture, row: EtcdRow) -> Iterator[Disagreement]:
    ours = margin(direct)
    if ours is None or row.margin is None:
        return
    here, there = ours.can_lose >= 0, row.margin.can_lose >= 0
    if here != there and any(follows(member) for member in direct.members):
        yield Disagreement("quorum", ours.text, row.margin.text, likely="one of the two does not reach all members")
