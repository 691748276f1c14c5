"""How the cells of racks read: a figure, its limit, and never a number for what nobody knows."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from fleetui.model.racks.amount import Amount
from fleetui.model.racks.cooling import btu_per_hour, tons
from fleetui.model.racks.form import units_text
from fleetui.model.racks.space import Space
from fleetui.model.table.column import NOTHING, UNKNOWN, Align, Column, Field, Json, Kind
from fleetui.model.table.columns_shared import verdict_column, why_column, word_column

RED, YELLOW = 0.8, 0.6


def percent(share: float | None) -> str:
    """``58%``; over 100 what it is, so that a little too much does not read as enough."""
    if share is None:
        return UNKNOWN
    if share == float("inf"):
        return ">999%"
    shown = f"{share:.0%}"
    return f"{share:.1%}" if shown == "100%" and share != 1 else shown


def amount_text(amount: Amount, unit: str, scale: float = 1.0) -> str:
    """``6.5/7kW``, ``6.5kW`` without a limit, ``?/7kW`` where a part is not known, ``>7.2/7kW`` where what is known is
    too much already."""
    limit = "" if amount.limit is None else f"/{number(amount.limit * scale)}"
    if amount.value is not None:
        return f"{number(amount.value * scale)}{limit}{unit}"
    return f">{number(amount.known * scale)}{limit}{unit}" if amount.over else f"{UNKNOWN}{limit}{unit}"


def number(value: float) -> str:
    """Three digits: ``6.48``, ``64.8``, ``648``."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) < 10 else f"{value:.1f}".removesuffix(".0")


def amount_json(amount: Amount) -> Json:
    """``value`` is null where a part is not known; ``atLeast`` is what is known of it."""
    missing: list[Json] = list(amount.missing)
    value = None if amount.value is None else round(amount.value, 1)
    limit = None if amount.limit is None else round(amount.limit, 1)
    return {
        "value": value, "atLeast": round(amount.known, 1), "limit": limit, "share": finite(amount.share),
        "over": amount.over, "unknownOf": missing,
    }  # fmt: skip


def finite(share: float | None) -> float | None:
    """JSON has no infinity: a share of nothing is none."""
    return None if share is None or share == float("inf") else round(share, 4)


def space_text(space: Space) -> str:
    """``27/42U``; ``?/42U`` where something has no position."""
    used = UNKNOWN if space.unplaced else units_text(space.taken + space.reserved)
    return f"{used}/{units_text(space.total)}U" if space.total else NOTHING


def space_json(space: Space) -> Json:
    unplaced: list[Json] = list(space.unplaced)
    return {
        "totalU": space.total / 2, "takenU": space.taken / 2, "reservedU": space.reserved / 2,
        "share": finite(space.share),
        "largestFreeFrontU": space.front_run / 2, "largestFreeRearU": space.rear_run / 2, "unplaced": unplaced,
    }  # fmt: skip


def share_style(share: float | None) -> str:
    """openDCIM's limits, 80 and 60 %."""
    if share is None:
        return "unknown"
    return "danger" if share > 1 else "warn" if share > RED else "" if share > YELLOW else "muted"


def amount_column(
    column_id: str,
    title: str,
    of: Callable[[Any], Amount],
    *,
    doc: str,
    unit: str,
    scale: float = 1.0,
    priority: int = 3,
    wide: bool = False,
) -> Column[Any]:
    """A sum and its limit; filters compare the sum in the unit that is shown."""

    def value(row: Any) -> float | None:
        said = of(row).value
        return None if said is None else said * scale

    def style(row: Any, _: float) -> str:
        amount = of(row)
        if amount.over:
            return "danger"
        return "unknown" if amount.value is None else "muted" if amount.limit is None else share_style(amount.share)

    return Column(
        id=column_id, title=title, doc=doc, kind=Kind.NUMBER, value=value,
        text=lambda row, _: amount_text(of(row), unit, scale), least=10, most=16, priority=priority, align=Align.RIGHT,
        style=style, wide=wide,
    )  # fmt: skip


def share_column(
    column_id: str, title: str, of: Callable[[Any], float | None], *, doc: str, priority: int = 3, wide: bool = False
) -> Column[Any]:
    """Percent; filters compare percent."""

    def value(row: Any) -> float | None:
        share = of(row)
        return None if share is None else round(share * 100, 1)

    return Column(
        id=column_id, title=title, doc=doc, kind=Kind.NUMBER, value=value, text=lambda row, _: percent(of(row)),
        least=max(6, len(title)), most=9, priority=priority, align=Align.RIGHT, wide=wide,
        style=lambda row, _: share_style(of(row)),
    )  # fmt: skip


def space_column(doc: str) -> Column[Any]:
    """Of a row with a budget."""

    def value(row: Any) -> tuple[int, int] | None:
        space = row.budget.space
        return None if space.share is None else (space.taken + space.reserved, space.total)

    return Column(
        id="space", title="SPACE", doc=doc, kind=Kind.RATIO, value=value, least=7, most=13, priority=2,
        text=lambda row, _: space_text(row.budget.space), align=Align.RIGHT,
    )  # fmt: skip


def count_column(column_id: str, doc: str) -> Column[Any]:
    """The number in the row's attribute of that name."""
    read: Callable[[Any], int] = attrgetter(column_id)
    return Column(
        id=column_id, title=column_id.upper(), doc=doc, kind=Kind.NUMBER, value=read, known=True,
        text=lambda row, _: str(read(row)), least=5, most=7, priority=6, align=Align.RIGHT,
    )  # fmt: skip


def heat_field() -> Field[Any]:
    return Field("heat", "watts, btuPerHour, tons of refrigeration", _heat)


def _heat(row: Any) -> Json:
    watts = row.budget.heat.value
    return None if watts is None else {"watts": watts, "btuPerHour": btu_per_hour(watts), "tons": tons(watts)}


def name_column(doc: str) -> Column[Any]:
    return word_column("name", "name", doc=doc, least=8, most=28, priority=1)


def verdict_columns() -> tuple[Column[Any], ...]:
    return (
        verdict_column("How many findings of the worst severity; ok: none but hints.", least=9, most=12),
        why_column("The worst finding, and the line where to mend it.", priority=5),
    )


def key_fields() -> tuple[Field[Any], ...]:
    return (
        Field("name", "as it is written", lambda row: row.name),
        Field("path", "the name with all that is around it; unique", lambda row: row.key),
        Field("health", "broken, warning, unknown, calm", lambda row: row.level.value),
    )


def finding_field() -> Field[Any]:
    doc = "code, severity, text, fix, place (file and line), the worst first"
    return Field("findings", doc, _findings)


def _findings(row: Any) -> Json:
    return [
        {
            "code": each.finding.rule.code, "severity": each.finding.severity.value, "text": each.finding.text,
            "fix": each.finding.fix, "place": each.where,
        }
        for each in row.verdict.told
    ]  # fmt: skip


def basis_field() -> Field[Any]:
    return Field("basis", "the figure of power: nameplate, allocated, measured", lambda row: row.basis.value)
