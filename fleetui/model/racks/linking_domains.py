"""Declared failure domains on the atlas: what they name, and what is around them."""

from collections.abc import Iterable, Iterator, Mapping

from fleetui.model.racks.atlas import Place, PlacedDevice, PlacedDomain, PlacedFeed, PlacedPanel, PlacedRack
from fleetui.model.racks.domain import FailureDomain
from fleetui.model.racks.finding import Entry
from fleetui.model.racks.following import NOWHERE, Follower
from fleetui.model.racks.reference import Book, distinct

Books = Mapping[str, tuple[str, Book]]
"""By field of a failure domain: the section that it names, and the way there by name."""


def books(
    places: Mapping[str, Place],
    racks: Mapping[str, PlacedRack],
    devices: Mapping[str, PlacedDevice],
    panels: Mapping[str, PlacedPanel],
    feeds: Mapping[str, PlacedFeed],
) -> Books:
    """Of all that a failure domain can name."""
    book = Book(places)
    return {
        "sites": ("places", book), "locations": ("places", book), "racks": ("racks", Book(racks)),
        "panels": ("power_panels", Book(panels)), "feeds": ("power_feeds", Book(feeds)),
        "devices": ("devices", Book(devices)),
    }  # fmt: skip


def chart_domains(domains: tuple[FailureDomain, ...], named: Books, follower: Follower) -> dict[str, PlacedDomain]:
    """By key, ``kind/name``."""
    keys = distinct(f"{domain.kind}/{domain.name}" for domain in domains)
    parents = follower.cut(_parents(domains, keys, follower), "failure_domains", "failure domain")
    return {
        key: PlacedDomain(
            key, at, domain, keys[parents[at]] if at in parents else NOWHERE,
            frozenset(_members(domain, at, named, follower)),
        )
        for at, (key, domain) in enumerate(zip(keys, domains, strict=True))
    }  # fmt: skip


def _parents(domains: Iterable[FailureDomain], keys: tuple[str, ...], follower: Follower) -> dict[int, int]:
    """By index. A bare name is of the same kind first."""
    book, parents = Book(keys), {}
    for at, domain in enumerate(domains):
        path = ("failure_domains", str(at), "parent")
        if parent := follower.follow(book, domain.parent, path, near=(domain.kind,)):
            parents[at] = keys.index(parent)
    return parents


def _members(domain: FailureDomain, at: int, named: Books, follower: Follower) -> Iterator[Entry]:
    for field, (section, book) in named.items():
        for number, name in enumerate(getattr(domain, field)):
            if found := follower.follow(book, name, ("failure_domains", str(at), field, str(number))):
                yield (section, found)
