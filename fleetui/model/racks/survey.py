"""A layout read as a whole: where everything is, what it uses, what shares its fate, and what is wrong."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property

import msgspec

from fleetui.model.racks.atlas import Atlas
from fleetui.model.racks.basis import Basis
from fleetui.model.racks.budget import Budgets
from fleetui.model.racks.domains import Domains
from fleetui.model.racks.finding import Entry, Finding
from fleetui.model.racks.layout import Layout
from fleetui.model.racks.linking import chart
from fleetui.model.racks.rules.verdict import judge


class Survey(msgspec.Struct, frozen=True, dict=True):
    """Each part is made when it is asked for."""

    layout: Layout
    basis: Basis
    today: date
    """Ends of reservations are compared with it."""

    @cached_property
    def atlas(self) -> Atlas:
        return chart(self.layout)

    @cached_property
    def budgets(self) -> Budgets:
        return Budgets(self.atlas, self.basis)

    @cached_property
    def domains(self) -> Domains:
        return Domains(self.budgets.grid)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The worst first."""
        return judge(self.budgets, today=self.today)

    @cached_property
    def _about(self) -> Mapping[Entry, tuple[Finding, ...]]:
        found: dict[Entry, list[Finding]] = {}
        for finding in self.findings:
            for entry in finding.about:
                found.setdefault(entry, []).append(finding)
        return {entry: tuple(findings) for entry, findings in found.items()}

    def about(self, section: str, key: str) -> tuple[Finding, ...]:
        """What is found of one entry, and of what is in it."""
        return self._about.get((section, key), ())
