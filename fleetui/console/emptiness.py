"""Why a table is empty, in the place of its rows, and what to do about it. Pure.

An empty table is never left to be read as "there are none": a fault, a missing right, a filter and a list that has not
arrived look the same without words.
"""

from collections.abc import Iterable

import msgspec

from fleetui.console.glyphs import Glyphs
from fleetui.console.headline import age, trust_mark
from fleetui.console.ink import Line, fit, join, line, wrap
from fleetui.console.inspector import fault_lines
from fleetui.model.cluster import Cluster, Feed
from fleetui.model.fault import Fault
from fleetui.model.freshness import Trust
from fleetui.model.table.view import Counts

NAMED = 8
"""Clusters named one by one; the rest are a number."""

WIDEST = 100
"""Cells: longer lines are hard to read."""

Lines = tuple[Line, ...]


class Wanted(msgspec.Struct, frozen=True):
    """What a table was to show."""

    noun: str
    """``machines``."""
    feed: str
    """Kind of the feed that brings the rows: ``nodes``."""
    clusters: tuple[Cluster, ...]
    """Those whose rows belong here."""
    place: str = ""
    """What it is narrowed to: ``wk-b-04 in prod-east-2``."""
    connect: str = "^r"
    """The key that connects a cluster, or asks it again."""

    def is_known(self) -> bool:
        """True when all of the clusters have answered: then nothing means none."""
        return all(cluster.trust is Trust.LIVE and _is_complete(self.feed_of(cluster)) for cluster in self.clusters)

    def feed_of(self, cluster: Cluster) -> Feed | None:
        return next((feed for feed in cluster.feeds if feed.kind == self.feed), None)

    def fault_of(self, cluster: Cluster) -> Fault | None:
        """Why its rows are not here: the refused or broken list, else the broken connection."""
        feed = self.feed_of(cluster)
        return feed.fault if feed is not None and feed.fault is not None else cluster.fault


def asking(sources: Iterable[str], glyphs: Glyphs) -> Line:
    """Nobody has answered yet: that is no reason to explain how a source is configured."""
    return line((f"{glyphs.connecting} asking {', '.join(sorted(sources))} …", "muted"))


def all_hidden(noun: str, counts: Counts, *, query: str, faults: bool, settled: bool, change: str = "/") -> Lines:
    """Rows are there, and a filter shows none of them; ``change`` is the key that opens it again."""
    if not settled:
        return (line((f"looking through {counts.total:,} {noun} …", "muted")),)
    lines = [line(f"none of {counts.total:,} {noun} ", *_narrowed(query, faults))]
    if counts.unknown:
        lines.append(line((f"the filter cannot tell of {counts.unknown:,}: what it asks is not known", "unknown")))
    keys = line(("esc", "key"), (" clears the filter   ", "muted"), (change, "key"), (" changes it", "muted"))
    return (*lines, (), keys if query else line(("esc", "key"), (" shows what is calm too", "muted")))


def _narrowed(query: str, faults: bool) -> Line:
    matches = line("matches  ", (f"/{query}", "accent")) if query else ()
    return join([matches, line("is in trouble") if faults else ()], ", or ")


def none_there(wanted: Wanted, *, now: float, glyphs: Glyphs, cells: int) -> Lines:
    """No row has come."""
    cells = min(cells, WIDEST)
    if not wanted.clusters:
        return no_clusters(cells)
    if wanted.is_known():
        where = f" {wanted.place}" if wanted.place else ""
        return (line((f"no {wanted.noun}{where}", "text")), line(("the server says so: this is not a fault", "muted")))
    if len(wanted.clusters) == 1:
        return _of_one(wanted, wanted.clusters[0], now=now, glyphs=glyphs, cells=cells)
    return _of_many(wanted, glyphs=glyphs, cells=cells)


def no_clusters(cells: int) -> Lines:
    """Nothing to look at."""
    return (
        line(("no cluster is configured", "strong")),
        (),
        *wrap(
            "fleetui shows the contexts of your kubeconfig: KUBECONFIG, or ~/.kube/config. None was found there.", cells
        ),
        *wrap(
            "With a config.yaml, clusters under its heading are shown; fleetui info tells which files are read.", cells
        ),
        (),
        line(("fleetui demo", "accent"), (" shows a simulated fleet", "muted")),
    )


def unknown_cluster(name: str) -> Lines:
    return (
        line((f"there is no cluster {name} in this session", "text")),
        (),
        line((":fleet", "accent"), (" shows those that are", "muted")),
    )


def _of_one(wanted: Wanted, cluster: Cluster, *, now: float, glyphs: Glyphs, cells: int) -> Lines:
    fault = wanted.fault_of(cluster)
    if fault is None:
        return _not_yet(wanted, cluster, glyphs)
    seen = age(cluster.last_contact, now)
    refused = cluster.trust is Trust.LIVE
    return (
        line((f"the {wanted.noun} of {cluster.name} are not known", "strong")),
        (),
        *fault_lines(fault, glyphs, cells),
        (),
        line(("last seen: ", "muted"), ("now, it answers" if refused else f"{seen} ago" if seen else "never", "text")),
        line(("asked again by itself;  ", "muted"), (wanted.connect, "key"), (" asks now", "muted")),
    )


def _not_yet(wanted: Wanted, cluster: Cluster, glyphs: Glyphs) -> Lines:
    glyph, style = trust_mark(cluster.trust, glyphs)
    if cluster.trust is Trust.IDLE:
        return (
            line((f"{glyph} {cluster.name} is not connected", style)),
            line((wanted.connect, "key"), (" connects it", "muted")),
        )
    if cluster.trust is Trust.CONNECTING:
        return (line((f"{glyph} connecting to {cluster.name}: it has not answered yet", style)),)
    return (line((f"{glyphs.connecting} reading the {wanted.noun} of {cluster.name} …", "muted")),)


def _of_many(wanted: Wanted, *, glyphs: Glyphs, cells: int) -> Lines:
    """Those in trouble by name, the others in numbers."""
    faulty = [(cluster, fault) for cluster in wanted.clusters if (fault := wanted.fault_of(cluster)) is not None]
    lines: list[Line] = [line((f"no {wanted.noun} are known yet", "strong")), ()]
    lines += [fit(_said(cluster, fault, glyphs), cells) for cluster, fault in faulty[:NAMED]]
    if len(faulty) > NAMED:
        lines.append(line((f"and {len(faulty) - NAMED} more", "muted")))
    quiet = [cluster for cluster in wanted.clusters if wanted.fault_of(cluster) is None]
    lines += _counted(wanted, quiet, glyphs)
    return tuple(lines)


def _said(cluster: Cluster, fault: Fault, glyphs: Glyphs) -> Line:
    remedy = f"  {glyphs.arrow} {fault.remedy}" if fault.remedy else ""
    return line((f"{glyphs.broken} {cluster.name}  ", "danger"), (fault.word, "text"), (remedy, "muted"))


def _counted(wanted: Wanted, clusters: Iterable[Cluster], glyphs: Glyphs) -> list[Line]:
    words: dict[str, int] = {}
    for cluster in clusters:
        word = _word(wanted, cluster)
        words[word] = words.get(word, 0) + 1
    return [line((f"{glyphs.connecting} {count:,} {word}", "muted")) for word, count in words.items()]


def _word(wanted: Wanted, cluster: Cluster) -> str:
    if cluster.trust is not Trust.LIVE:
        return cluster.trust.value
    return f"answered: no {wanted.noun}" if _is_complete(wanted.feed_of(cluster)) else f"reading their {wanted.noun} …"


def _is_complete(feed: Feed | None) -> bool:
    return feed is not None and feed.complete and feed.fault is None
