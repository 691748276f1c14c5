"""Choices of what is shown, and how: clusters to connect, the order, the theme, the lists of all that can be chosen.

Windows are imported when they are first opened: the first frame needs none of them.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from fleetui.console import commands
from fleetui.console.command import MACHINES, Item, PromptKind, chosen
from fleetui.console.host import ChoosingHost
from fleetui.console.keymap import bound
from fleetui.console.theme import ThemeError
from fleetui.console.views import View
from fleetui.model.cluster import Cluster
from fleetui.model.ledger import Operation


class Choosing:
    """Implements ``command.ChoosingFace``."""

    def __init__(self, host: ChoosingHost) -> None:
        self._host = host
        self._session = host.session

    def connect(self, words: str, *, away: bool) -> None:
        """Patterns of names; without any, the marked clusters or the one under the cursor."""
        patterns = words.split()
        names = frozenset(self._matching(patterns) if patterns else self._chosen_clusters())
        if not names:
            raise ValueError(f"no cluster matches {words.strip()}" if patterns else "no cluster chosen")
        (self._session.fleet.disconnect if away else self._session.fleet.connect)(names)
        said = next(iter(names)) if len(names) == 1 else f"{len(names)} clusters"
        self._host.say(f"{'lets go of' if away else 'connects'} {said}")

    def _matching(self, patterns: Sequence[str]) -> list[str]:
        wanted = [pattern.removeprefix("@") for pattern in patterns]
        return [name for name in self._session.clusters if any(fnmatchcase(name, pattern) for pattern in wanted)]

    def _chosen_clusters(self) -> list[str]:
        """Of a screen that shows none of its rows, the cluster that it is about."""
        here = self._host.go.here.cluster
        return [_cluster_of(item) for item in chosen(self._host)] or [here] * bool(here)

    def theme(self, name: str) -> None:
        try:
            self._host.wear(self._host.themes.get(name))
        except ThemeError as error:
            raise ValueError(str(error)) from error

    def pick_sort(self) -> None:
        from fleetui.console.screens.choose import ChooseScreen, Offer

        table = self._host.table
        if table is None:
            return
        offers = [Offer(f"by {column}", title.lower(), about) for column, title, about in table.sort_choices()]

        def picked(choice: str | None) -> None:
            if choice is not None:
                self._host.attempt(lambda: table.sort(choice.removeprefix("by ")))

        self._host.push_screen(ChooseScreen(self._session, "Sort by", offers), picked)

    def help(self) -> None:
        from fleetui.console.screens.help import HelpScreen

        frame = self._host.frame
        self._host.push_screen(HelpScreen(self._session, frame.PLACE, frame.help_sections()))

    def palette(self) -> None:
        from fleetui.console.screens.choose import ChooseScreen, Offer

        offers = [Offer(*offer) for offer in palette_offers(self._host)]
        self._host.push_screen(ChooseScreen(self._session, "Go to, or do", offers), self._palette_chosen)

    def _palette_chosen(self, choice: str | None) -> None:
        if choice is None:
            return
        kind, _, name = choice.partition(" ")
        if kind == "cluster":
            self._host.go.open(View(MACHINES, cluster=name))
        else:
            self._host.action_command(name)

    def prompt(self, kind: PromptKind) -> None:
        self._host.frame.prompt(kind)


def _cluster_of(item: Item) -> str:
    if isinstance(item, Cluster):
        return item.name
    return item.intent.cluster.name if isinstance(item, Operation) else item.cluster


def palette_offers(host: ChoosingHost) -> list[tuple[str, str, str, str, str]]:
    """(id, title, detail, keys, why not now): the commands of this place, then every cluster."""
    here, keys = host.go.here.screen, host.session.config.keys
    offers = [
        (f"command {command.id}", command.title, command.help, bound(command, keys).shown_keys, command.available(host))
        for command in commands.of_place(here)
        if command.id != "session.palette"
    ]
    for cluster in host.session.clusters.values():
        tags = " ".join(part for part in (cluster.tags.environment, cluster.tags.group, cluster.version or "") if part)
        offers.append((f"cluster {cluster.name}", cluster.name, tags, "", ""))
    return offers
