"""Preflight: every check in parallel, each with its own time limit; one that errs is unknown and the others stay."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from fleetui.control.facts import Facts
from fleetui.model.fault import ClusterError
from fleetui.model.operation import Check, Outcome, Severity, Target


class Finding(msgspec.Struct, frozen=True):
    """What one look came to."""

    outcome: Outcome
    evidence: str
    remedy: str = ""
    severity: Severity | None = None
    """When it weighs otherwise than the check usually does."""


def ok(evidence: str) -> Finding:
    return Finding(Outcome.OK, evidence)


def fail(evidence: str, remedy: str = "", *, severity: Severity | None = None) -> Finding:
    return Finding(Outcome.FAIL, evidence, remedy, severity)


def unknown(evidence: str, remedy: str = "", *, severity: Severity | None = None) -> Finding:
    return Finding(Outcome.UNKNOWN, evidence, remedy, severity)


class CheckKind(msgspec.Struct, frozen=True):
    id: str
    title: str
    severity: Severity
    source: str
    """The requests it comes from; ``{name}`` is the machine."""
    look: Callable[[Facts, Target], Awaitable[Finding]]
    per_machine: bool = True
    """False: made once for the operation; ``look`` then gets the first target and must not mind which."""
    guards: bool = False
    """Made again when the approved plan begins and, if it is of one machine, at every guarded step of that machine."""


async def run_checks(
    kinds: Iterable[CheckKind], facts: Facts, targets: tuple[Target, ...], *, limit_s: float
) -> tuple[Check, ...]:
    """All of them at once, in the order of the catalogue, machine by machine."""
    wanted = [(kind, target) for kind in kinds for target in (targets if kind.per_machine else targets[:1])]
    return tuple(await asyncio.gather(*(_run(kind, target, facts, limit_s) for kind, target in wanted)))


async def _run(kind: CheckKind, target: Target, facts: Facts, limit_s: float) -> Check:
    try:
        async with asyncio.timeout(limit_s):
            finding = await kind.look(facts, target)
    except TimeoutError:
        finding = unknown(f"no answer within {limit_s:g} s")
    except ClusterError as error:
        finding = unknown(f"{error.fault.word}: {error.fault.detail}", error.fault.remedy)
    except Exception as error:  # a fence: a check that breaks is unknown, it must not take the plan with it
        finding = unknown(f"the check itself failed: {type(error).__name__}: {error}")
    return Check(
        id=kind.id,
        title=kind.title,
        severity=finding.severity or kind.severity,
        outcome=finding.outcome,
        evidence=finding.evidence,
        source=kind.source.format(name=target.name),
        at=facts.clock.now(),
        target=target.name if kind.per_machine else "",
        remedy=finding.remedy,
    )
