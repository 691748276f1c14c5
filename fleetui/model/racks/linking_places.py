"""Sites and locations on the atlas: what lies in what."""

from collections.abc import Sequence

from fleetui.model.racks.atlas import SITE_KIND, Place
from fleetui.model.racks.finding import Entry, Path
from fleetui.model.racks.following import NOWHERE, SITE_DIFFERS, Follower, climb
from fleetui.model.racks.place import Location, Site
from fleetui.model.racks.reference import Book, distinct


class Places:
    """Sites and locations by key, and the way to them by name."""

    def __init__(self, sites: Sequence[Site], locations: Sequence[Location], follower: Follower) -> None:
        self._follower = follower
        self.all = {
            key: Place(key, SITE_KIND, ("sites", str(at)), (), site.cooling_units)
            for at, (key, site) in enumerate(zip(distinct(site.name for site in sites), sites, strict=True))
        }
        self._sites = Book(self.all)
        self._add(locations)
        self._locations = Book(key for key, place in self.all.items() if place.kind != SITE_KIND)

    def _add(self, locations: Sequence[Location]) -> None:
        parents = self._parents(locations)
        roots = [
            self._follower.follow(self._sites, each.site, ("locations", str(at), "site"))
            for at, each in enumerate(locations)
        ]
        chains = [climb(at, parents) for at in range(len(locations))]
        keys = distinct(
            "/".join([root or each.site, *(locations[outer].name for outer in chain), each.name])
            for root, chain, each in zip(roots, chains, locations, strict=True)
        )
        for at, (key, root, chain, each) in enumerate(zip(keys, roots, chains, locations, strict=True)):
            around = (*((root,) if root else ()), *(keys[outer] for outer in chain))
            self.all[key] = Place(key, each.kind.value, ("locations", str(at)), around, each.cooling_units)

    def _parents(self, locations: Sequence[Location]) -> dict[int, int]:
        """By index. A parent is looked for in the same site."""
        parents: dict[int, int] = {}
        for at, location in enumerate(locations):
            candidates = {
                f"{other}/{each.parent}/{each.name}": other
                for other, each in enumerate(locations)
                if each.site == location.site and other != at
            }
            path = ("locations", str(at), "parent")
            key = self._follower.follow(Book(candidates), location.parent, path) if location.parent else NOWHERE
            if key:
                parents[at] = candidates[key]
        return self._follower.cut(parents, "locations", "location")

    def around(self, site: str, location: str, path: Path, *, about: tuple[Entry, ...] = ()) -> tuple[str, ...]:
        """Keys of the places that an entry names, the outermost first."""
        follow = self._follower.follow
        root = follow(self._sites, site, (*path, "site"), about=about)
        near = (root,) if root else ()
        inner = follow(self._locations, location, (*path, "location"), near=near, about=about)
        if not inner:
            return near
        around = (*self.all[inner].around, inner)
        self.same_site(root, around, f"location {inner}", path, about=about)
        return around

    def same_site(
        self, root: str, around: tuple[str, ...], what: str, path: Path, *, about: tuple[Entry, ...] = ()
    ) -> None:
        """Tells of an entry that says site ``root`` and stands in something of another site."""
        if root and around and self.all[around[0]].kind == SITE_KIND and around[0] != root:
            fix = f"write site: {around[0]}, or name something in {root}"
            self._follower.tell(SITE_DIFFERS, f"{what} is not in site {root}", fix, (*path, "site"), about=about)
