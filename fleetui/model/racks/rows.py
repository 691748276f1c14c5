"""What lists of racks show: a row a rack, a device, a feed, a place, each with what is wrong with it."""

from collections.abc import Callable, Iterator

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.quantity import counted
from fleetui.model.racks.atlas import Place, PlacedDevice, PlacedFeed, PlacedRack
from fleetui.model.racks.basis import Basis
from fleetui.model.racks.budget import Budget
from fleetui.model.racks.domains import Domain
from fleetui.model.racks.finding import Finding, Path, Severity, worst
from fleetui.model.racks.load import FeedLoad
from fleetui.model.racks.survey import Survey

_LEVELS = {
    Severity.ERROR: Health.BROKEN, Severity.WARNING: Health.WARNING, Severity.UNKNOWN: Health.UNKNOWN,
    Severity.HINT: Health.CALM, None: Health.CALM,
}  # fmt: skip


class Told(msgspec.Struct, frozen=True):
    """A finding, and the file and line where it is mended."""

    finding: Finding
    where: str


class Verdict(msgspec.Struct, frozen=True):
    """What is found of a row, the worst first."""

    told: tuple[Told, ...] = ()

    @property
    def level(self) -> Health:
        return _LEVELS[worst(tuple(each.finding for each in self.told))]

    @property
    def word(self) -> str:
        """``2 errors``: how many there are of the worst; ``ok`` where hints are all there is."""
        severity = worst(tuple(each.finding for each in self.told))
        if severity in (None, Severity.HINT):
            return "ok"
        count = sum(1 for each in self.told if each.finding.severity is severity)
        return f"{count} unknown" if severity is Severity.UNKNOWN else counted(count, severity.value)

    @property
    def reason(self) -> str:
        """The first of the worst, and where to mend it: the file's name without its directory."""
        first = next(iter(self.told), None)
        return "" if first is None else f"{first.finding.text} ({first.where.rpartition('/')[2]})"


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    name: str
    verdict: Verdict

    @property
    def level(self) -> Health:
        return self.verdict.level

    @property
    def word(self) -> str:
        return self.verdict.word

    @property
    def reason(self) -> str:
        return self.verdict.reason


class RackRow(_Row, frozen=True, kw_only=True):
    placed: PlacedRack
    site: str
    room: str
    row: str
    budget: Budget
    devices: int
    basis: Basis


class DeviceRow(_Row, frozen=True, kw_only=True):
    placed: PlacedDevice
    site: str
    rack: str
    """The name of the rack; its key is ``placed.rack``."""
    draw_w: float | None
    basis: Basis
    feeds: tuple[str, ...]
    """Names of those that it is known to hang on."""
    cabled: bool
    """Whether it is known of each of its power supplies on what it hangs."""
    domains: tuple[Domain, ...]


class FeedRow(_Row, frozen=True, kw_only=True):
    placed: PlacedFeed
    rack: str
    load: FeedLoad
    basis: Basis


class PlaceRow(_Row, frozen=True, kw_only=True):
    place: Place
    budget: Budget
    racks: int
    devices: int
    basis: Basis


class Rows:
    """Of one survey. ``where`` says the file and line of a path."""

    def __init__(self, survey: Survey, where: Callable[[Path], str]) -> None:
        self._survey, self._where = survey, where

    def racks(self) -> Iterator[RackRow]:
        atlas, budgets = self._survey.atlas, self._survey.budgets
        for key, placed in atlas.racks.items():
            yield RackRow(
                key=key,
                name=placed.rack.name,
                verdict=self._verdict("racks", key),
                placed=placed,
                site=self._name(placed.around, "site"),
                room=self._name(placed.around, "room"),
                row=self._name(placed.around, "row"),
                budget=budgets.racks[key],
                devices=len(atlas.in_rack.get(key, ())),
                basis=budgets.basis,
            )

    def devices(self) -> Iterator[DeviceRow]:
        atlas, budgets = self._survey.atlas, self._survey.budgets
        for key, placed in atlas.devices.items():
            yield DeviceRow(
                key=key,
                name=placed.device.name,
                verdict=self._verdict("devices", key),
                placed=placed,
                site=self._name(placed.around, "site"),
                rack=atlas.racks[placed.rack].rack.name if placed.rack else "",
                draw_w=budgets.loads.draw(key),
                basis=budgets.basis,
                feeds=tuple(atlas.feeds[feed].feed.name for feed in budgets.grid.feeds(key)),
                cabled=budgets.grid.cabled(key),
                domains=self._survey.domains.of(key),
            )

    def feeds(self) -> Iterator[FeedRow]:
        atlas, budgets = self._survey.atlas, self._survey.budgets
        for key, placed in atlas.feeds.items():
            yield FeedRow(
                key=key,
                name=placed.feed.name,
                verdict=self._verdict("power_feeds", key),
                placed=placed,
                rack=atlas.racks[placed.rack].rack.name if placed.rack else "",
                load=budgets.loads.feeds[key],
                basis=budgets.basis,
            )

    def places(self) -> Iterator[PlaceRow]:
        """Sites, then locations, as the document has them."""
        atlas, budgets = self._survey.atlas, self._survey.budgets
        for key, place in atlas.places.items():
            yield PlaceRow(
                key=key,
                name=key.rpartition("/")[2],
                verdict=self._verdict_within(place),
                place=place,
                budget=budgets.places[key],
                racks=len(atlas.racks_in.get(key, ())),
                devices=sum(1 for device in atlas.devices.values() if key in device.around),
                basis=budgets.basis,
            )

    def _verdict(self, section: str, key: str) -> Verdict:
        return Verdict(tuple(Told(each, self._where(each.path)) for each in self._survey.about(section, key)))

    def _verdict_within(self, place: Place) -> Verdict:
        """A place is as well as the racks in it."""
        within = {(place.path[0], place.key)}
        within.update(("racks", rack.key) for rack in self._survey.atlas.racks_in.get(place.key, ()))
        found = (each for each in self._survey.findings if not within.isdisjoint(each.about))
        return Verdict(tuple(Told(each, self._where(each.path)) for each in found))

    def _name(self, around: tuple[str, ...], kind: str) -> str:
        return self._survey.atlas.kind_around(around, kind).rpartition("/")[2]
