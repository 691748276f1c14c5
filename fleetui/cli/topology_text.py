"""A planned topology as plain text and as JSON: clusters, racks, what a loss leaves, and why; or the conflict."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

import msgspec

from fleetui.model.quantity import counted
from fleetui.model.topology.plan import Decision, Impossible, Loss, Plan, RackUse

GAP = "  "


def topology_lines(plan: Plan, *, width: int | None = None) -> Iterator[str]:
    """What is planned first, what it cannot do second, why last. With the ``width`` of a terminal sentences are broken
    there; tables are not."""
    yield f"{counted(len(plan.machines), 'machine')} in {counted(len(plan.clusters), 'cluster')}, no hard rule broken"
    yield ""
    yield from _table(_CLUSTER_HEAD, _cluster_rows(plan), right=(2,))
    yield ""
    yield from _table(_RACK_HEAD, _rack_rows(plan), right=(2, 3, 4, 5))
    yield from _broken(_loss_lines(plan), width)
    yield ""
    yield "why, with the rule in brackets"
    yield from _broken(_decision_lines(plan.decisions), width)


def conflict_lines(found: Impossible, *, width: int | None = None) -> Iterator[str]:
    """Each rule with what would break it if all the others of the conflict were kept."""
    return _broken(_conflict(found), width)


def _broken(lines: Iterable[str], width: int | None) -> Iterator[str]:
    """What is too long goes on below, further in."""
    for line in lines:
        margin = " " * (len(line) - len(line.lstrip()) + 2)
        yield from (
            [line]
            if width is None or len(line) <= width
            else wrap(line, width, subsequent_indent=margin, break_on_hyphens=False)
        )


def _conflict(found: Impossible) -> Iterator[str]:
    rules = counted(len(found.conflict), "rule")
    yield f"impossible: no plan keeps {'this rule' if len(found.conflict) == 1 else f'these {rules} at once'}"
    for one in found.conflict:
        yield ""
        yield f"{one.words} [{one.rule}; {one.source}]"
        yield from (f"  {words}" for words in one.evidence[:_EVIDENCE_MOST])
        if len(one.evidence) > _EVIDENCE_MOST:
            yield f"  and {len(one.evidence) - _EVIDENCE_MOST} more"
        yield f"  to mend: {one.mend}"
    if len(found.conflict) > 1:
        yield ""
        yield "to mend one of them is enough; under each stands how a plan that keeps the others would break it"


_EVIDENCE_MOST = 5


def topology_json(found: Plan | Impossible) -> str:
    """``possible``, and then either ``plan`` or ``conflict``."""
    possible = isinstance(found, Plan)
    conflict = found.conflict if isinstance(found, Impossible) else ()
    made = {"possible": possible, "plan": found if possible else None, "conflict": conflict}
    return msgspec.json.format(msgspec.json.encode(made), indent=2).decode() + "\n"


_CLUSTER_HEAD = ("CLUSTER", "SITE", "MACHINES", "CONTROL PLANE", "WORKERS")
_RACK_HEAD = ("RACK", "SITE", "MACHINES", "UNITS", "POWER", "LOAD", "HOLDS")


def _cluster_rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    for one in plan.clusters:
        workers = ", ".join(f"{pool.workers} {pool.name}" for pool in one.pools)
        yield one.name, one.site, str(one.machines), f"{one.members} {one.etcd}", workers


def _rack_rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    held: dict[str, Counter[str]] = {rack.name: Counter() for rack in plan.racks}
    for machine in plan.machines:
        held[machine.rack][machine.cluster] += 1
    for rack in plan.racks:
        holds = ", ".join(f"{cluster} {count}" for cluster, count in held[rack.name].items())
        yield rack.name, rack.site, str(rack.machines), *_budget(rack), holds or "nothing planned"


def _budget(rack: RackUse) -> tuple[str, str, str]:
    """Used of what there is; ``?``: nobody said."""
    power = "?" if rack.watts_limit is None else f"{rack.watts_limit / 1000:.1f}"
    load = "?" if rack.kg is None else f"{rack.kg:g}"
    limit = "?" if rack.kg_limit is None else f"{rack.kg_limit:g}"
    return f"{rack.units:g}/{rack.units_limit:g} U", f"{rack.watts / 1000:.1f}/{power} kW", f"{load}/{limit} kg"


def _loss_lines(plan: Plan) -> Iterator[str]:
    yield ""
    yield "what a loss leaves"
    racks = [loss for loss in plan.losses if loss.kind == "rack"]
    if all(one.carries for loss in racks for one in loss.clusters):
        yield "  any one rack: every quorum holds, and all that is critical is carried"
    else:
        yield from (line for loss in racks for line in _one_loss(loss))
    told: set[tuple[int, tuple[str, ...]]] = set()
    larger = sorted((loss for loss in plan.losses if loss.kind != "rack"), key=lambda loss: loss.kind != "site")
    for loss in larger:
        if loss.machines and (loss.machines, loss.uncovered) not in told:
            told.add((loss.machines, loss.uncovered))  # a room that is the whole site is told as the site
            yield from _one_loss(loss)


def _one_loss(loss: Loss) -> Iterator[str]:
    stopped = [one.cluster for one in loss.clusters if not one.has_quorum]
    end = f"{' and '.join(stopped)} {'stops' if len(stopped) == 1 else 'stop'}" if stopped else "every quorum holds"
    yield f"  {loss.kind} {loss.name}: {counted(loss.machines, 'machine')} gone; {end}"
    yield from (f"    not covered: {words}" for words in loss.uncovered)


def _decision_lines(decisions: Iterable[Decision]) -> Iterator[str]:
    subject = ""
    for one in decisions:
        if one.subject != subject:
            subject = one.subject
            yield f"  {subject}"
        cost = f" ({one.cost})" if one.cost else ""
        yield f"    {one.choice}: {one.reason}{cost} [{one.rule}]"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int]) -> Iterator[str]:
    lines = [head, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    for line in lines:
        cells = [_fit(cell, width, at in right) for at, (cell, width) in enumerate(zip(line, widths, strict=True))]
        yield f"  {GAP.join(cells)}".rstrip()


def _fit(cell: str, width: int, to_right: bool) -> str:
    return cell.rjust(width) if to_right else cell.ljust(width)
