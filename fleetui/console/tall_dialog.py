"""A dialog with more to tell than a terminal has lines: what it tells scrolls, what it asks for is always in sight."""

from typing import ClassVar

from fleetui.console.dialog import Answer, Dialog
from fleetui.console.page import Page
from fleetui.console.session import Session

NARROW, LOW = 110, 32
"""Columns and lines: below these the dialog takes the whole screen."""
SHARE = 0.9
"""Of the screen's lines that the box takes otherwise, as its style sheet says."""


class TallDialog(Dialog[Answer]):
    """Its box is ``#box``; the page in it that scrolls is ``PAGE``."""

    PAGE: ClassVar[str]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.built = False
        """Its widgets are there: set when it is mounted."""

    def on_resize(self) -> None:
        self.set_class(self.size.width < NARROW or self.size.height < LOW, "-compact")
        self.fit_soon()

    def fit_soon(self) -> None:
        """What stands around the page may have another height now."""
        self.call_after_refresh(self._fit)

    @property
    def is_compact(self) -> bool:
        return self.has_class("-compact")

    def _fit(self) -> None:
        if not self.is_attached or not self.built:
            return
        box, page = self.query_one("#box"), self.query_one(self.PAGE, Page)
        fixed = sum(
            row.outer_size.height + row.styles.margin.height for row in box.children if row is not page and row.display
        )
        share = 1.0 if self.is_compact else SHARE
        page.styles.max_height = max(3, int(self.size.height * share) - fixed - box.gutter.height)
