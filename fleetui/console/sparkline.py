"""Sparklines of the rows that are on the screen: asked for together, kept for a while, forgotten with the screen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, fit, line
from fleetui.console.session import Session
from fleetui.model.chart.curve import Curve
from fleetui.model.chart.drawing import exact
from fleetui.model.chart.spark import CELLS, MOMENTS, SPAN_S, heights, spark_style, spark_text
from fleetui.model.chart.subject import Place, Subject, Wish
from fleetui.model.table.column import Align, Column

EVERY_S = 30.0
"""A cell stands for five minutes: asking oftener shows nothing new."""
LABEL_CELLS = 16
KEPT = 500
"""Sparklines remembered: some screens of rows that were scrolled away and may come back."""

WishOf = Callable[[Any], Wish | None]
Key = tuple[str, Place]


class Spark(msgspec.Struct, frozen=True):
    """One as it is drawn."""

    found: tuple[int | None, ...]
    style: str
    last: float | None = None

    def text(self, glyphs: Glyphs) -> str:
        return spark_text(self.found, glyphs.spark)


class Sparklines:
    """What is known of them, and what has to be asked. Asks nobody by itself."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[Key, Spark | None] = {}
        self._asked: frozenset[Key] = frozenset()
        self._asked_at = float("-inf")

    def due(self, wishes: Sequence[Wish]) -> bool:
        """Others than before are on the screen, or what is there was asked a while ago."""
        wanted = frozenset(wish.key for wish in wishes)
        old = self._session.clock.monotonic() - self._asked_at > EVERY_S
        return bool(wanted) and (old or not wanted <= self._asked)

    async def ask(self, wishes: Sequence[Wish]) -> bool:
        """Whether anything is drawn otherwise than before. What is cancelled is due again."""
        assert self._session.charts is not None
        self._asked, self._asked_at = frozenset(), float("-inf")
        found = await self._session.charts.sparks(wishes, span_s=SPAN_S, moments=MOMENTS)
        self._asked, self._asked_at = frozenset(wish.key for wish in wishes), self._session.clock.monotonic()
        drawn = {wish.key: _spark(found.get(wish.key), wish.subject) for wish in wishes}
        changed = any(key not in self._known or self._known[key] != spark for key, spark in drawn.items())
        self._known = dict(list((self._known | drawn).items())[-KEPT:])
        return changed

    def of(self, wish: Wish | None) -> Spark | None:
        """None while nobody knows any."""
        return None if wish is None else self._known.get(wish.key)

    def column(self, wish_of: WishOf) -> Column[Any]:
        """The last hour of the figure that decided each row's verdict."""

        def text(row: Any, _: float) -> str:
            spark = self.of(wish_of(row))
            return "" if spark is None else spark.text(self._session.glyphs)

        def style(row: Any, _: float) -> str:
            spark = self.of(wish_of(row))
            return "" if spark is None else spark.style

        return Column(
            id="trend",
            title="LAST HOUR",
            doc="The figure that decided the verdict, over the last hour; a blank is five minutes without a sample.",
            value=lambda _: None,
            text=text,
            least=CELLS,
            most=CELLS,
            priority=4,
            align=Align.LEFT,
            style=style,
        )

    def lines(self, wishes: Iterable[Wish], cells: int) -> tuple[Line, ...]:
        """One a figure: its name, its last hour, its last value. Those without any sample are left out."""
        told = [(wish.subject, spark) for wish in wishes if (spark := self.of(wish)) is not None]
        if not told:
            return ()
        lines = (spark_line(subject, spark, self._session.glyphs, cells) for subject, spark in told)
        key = self._session.key_of("look.chart")
        return (line(("last hour  ", "heading"), (key, "key"), (" chart", "muted")), *lines)


def spark_line(subject: Subject, spark: Spark, glyphs: Glyphs, cells: int) -> Line:
    """``  WAL fsync p99     ▁▁▂▁▁▁▃█  12 ms``."""
    label = (
        subject.title if len(subject.title) <= LABEL_CELLS else f"{subject.title[: LABEL_CELLS - 1]}{glyphs.ellipsis}"
    )
    value = "" if spark.last is None else exact(spark.last, subject.unit)
    return fit(
        line((f"  {label.ljust(LABEL_CELLS)}  ", "muted"), (spark.text(glyphs), spark.style), (f"  {value}", "text")),
        cells,
    )


def spark_of(curve: Curve, subject: Subject) -> Spark:
    last = curve.last[1] if curve.last is not None else None
    return Spark(heights(curve, subject.limit), spark_style(curve, subject.limit), last)


def _spark(curve: Curve | None, subject: Subject) -> Spark | None:
    return None if curve is None else spark_of(curve, subject)


def wished(rows: Iterable[Any], wish_of: WishOf) -> tuple[Wish, ...]:
    """Each once."""
    found: Mapping[Key, Wish] = {wish.key: wish for row in rows if (wish := wish_of(row)) is not None}
    return tuple(found.values())


def after_first(lines: Sequence[Line], found: Sequence[Line]) -> tuple[Line, ...]:
    """The inspector's lines, with what was found after what is said first."""
    if not found:
        return tuple(lines)
    end = next((n for n, each in enumerate(lines) if not each), len(lines))
    return (*lines[:end], (), *found, *lines[end:])
