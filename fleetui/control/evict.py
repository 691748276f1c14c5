"""The eviction step of a drain: pass after pass it reads the machine's pods, evicts what is due, says what holds them.

A pod has gone when its uid is no longer on the machine; what the server answered only decides when to ask again. After
a restart the passes begin anew from the journal, so that no pod is evicted twice.
"""

import asyncio
from collections.abc import Iterable, Mapping

from fleetui.control.effect_kind import EVICT
from fleetui.control.effects import several_budgets
from fleetui.control.step_context import StepContext, StepFailedError
from fleetui.model.budget import BudgetVerdict, Ruling, rehearse, selects
from fleetui.model.drain import NodeState, PodState
from fleetui.model.eviction import Action, must_leave, owner_name
from fleetui.model.fault import ClusterError
from fleetui.model.holdup import HELD, Refusal, hold_up, outside_plan
from fleetui.model.journal import EffectOutcome, Waiting
from fleetui.model.operation import PlannedPod
from fleetui.ports.target import EvictionAnswer


class EvictStep:
    """One machine's eviction; ``run`` returns when nothing evictable of the plan, or of anybody, is left on it."""

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._planned = {pod.uid: pod for pod in context.step.pods}
        self._skew = 0.0
        self._accepted: set[str] = set()
        self._refused: dict[str, Refusal] = {}
        self._next_try: dict[str, float] = {}
        self._tries: dict[str, int] = {}
        self._unwatched: set[str] = set()
        self._unready: dict[str, tuple[str, ...]] = {}
        """By budget and its numbers, the pods that it waits for: looked for again when the numbers change."""
        self._workloads: dict[tuple[str, str], str] = {}
        """By namespace and controller, the workload at the top: what a person knows, and would scale."""
        self._held_since: float | None = None
        """Monotonic; None while anything moves."""
        for effect in context.logbook.effects(EVICT.name):
            if effect.answered is not None and effect.answered.outcome is EffectOutcome.DONE:
                self._accepted.add(effect.intended.uid)

    async def run(self) -> str:
        """What it came to. Raises StepFailedError when the time is up, LockLostError, AbortRequestedError."""
        self._skew = await self._context.answered(self._context.cluster.server_now) - self._context.now()
        while True:
            await self._context.safe_point()
            node = await self._cordoned()
            present = self._concerned(await self._pods())
            if not present:
                self._context.wait_for((), 0)
                return self._summary()
            budgets = await self._rehearse(present)
            due = self._due(present, budgets)
            if not self._has_place(due):
                due = []
            for pod in due:
                await self._context.safe_point()
                await self._evict(pod)
            if any(pod.uid in self._refused for pod in due):
                budgets = await self._rehearse(present)
            waiting = tuple(self._hold_ups(present, node, budgets))
            self._context.wait_for(waiting, len(present))
            self._lend_when_held(is_held=len(waiting) == len(present) and all(one.why in HELD for one in waiting))
            self._check_time(waiting)
            await self._context.rest(self._context.jittered(self._context.around.timing.poll_s))

    async def _cordoned(self) -> NodeState:
        """The machine. Without its cordon evicted pods could come back to it; the lock is looked at less often."""
        node = await self._context.node()
        if not node.unschedulable:
            raise StepFailedError(f"somebody uncordoned {node.name} meanwhile")
        return node

    async def _pods(self) -> tuple[PodState, ...]:
        return await self._context.answered(lambda: self._context.cluster.pods_on(self._context.target.name))

    def _concerned(self, pods: Iterable[PodState]) -> tuple[PodState, ...]:
        """Of the pods on the machine those that must go: the plan's, and strangers that nobody confirmed."""
        return tuple(pod for pod in pods if self._must_go(pod) and not self._given_up(pod))

    def _must_go(self, pod: PodState) -> bool:
        planned = self._planned.get(pod.uid)
        if planned is not None:
            return planned.action in (Action.EVICT, Action.WAIT)
        return must_leave(pod)

    def _given_up(self, pod: PodState) -> bool:
        """A silent kubelet's pod past the time the operator is ready to wait for it."""
        limit = int(self._context.option("skip_wait_unreachable_s"))
        late = pod.deletes_at is not None and limit > 0 and self._server_now() - pod.deletes_at > limit
        if late:
            self._unwatched.add(pod.uid)
        return late

    def _due(self, present: Iterable[PodState], budgets: Mapping[str, BudgetVerdict]) -> list[PodState]:
        """Pods to be evicted now. A budget that has just opened makes its pods due at once."""
        return [pod for pod in present if self._evictable(pod) and self._is_due(pod, budgets.get(pod.uid))]

    def _evictable(self, pod: PodState) -> bool:
        planned = self._planned.get(pod.uid)
        allowed = planned is not None and planned.action == Action.EVICT
        return allowed and pod.deleting_since is None and pod.uid not in self._accepted

    def _is_due(self, pod: PodState, budget: BudgetVerdict | None) -> bool:
        if budget is not None and budget.ruling is Ruling.SEVERAL:
            return False  # the server can only answer 500 until somebody changes a selector
        if budget is not None and budget.ruling is Ruling.ALLOWED and self._held_by_budget(pod):
            return True
        return self._context.around.clock.monotonic() >= self._next_try.get(pod.uid, 0.0)

    def _held_by_budget(self, pod: PodState) -> bool:
        refusal = self._refused.get(pod.uid)
        return refusal is not None and (refusal.code == 429 or several_budgets(refusal.code, refusal.message))

    def _has_place(self, due: list[PodState]) -> bool:
        """Whether this machine may move pods now; it takes its place back when it has some to move."""
        turn = self._context.turn
        return turn is None or not due or turn.hold()

    def _lend_when_held(self, *, is_held: bool) -> None:
        now = self._context.around.clock.monotonic()
        if not is_held:
            self._held_since = None
            return
        self._held_since = now if self._held_since is None else self._held_since
        if self._context.turn is not None and now - self._held_since >= self._context.around.timing.lend_s:
            self._context.turn.lend()

    async def _evict(self, pod: PodState) -> None:
        context = self._context
        grace = int(context.option("grace_s"))

        async def act() -> EvictionAnswer:
            return await context.cluster.evict(
                pod.namespace, pod.name, uid=pod.uid, grace_s=None if grace < 0 else grace, dry_run=False
            )

        answered, answer = await context.perform(EVICT, "POST", f"pod {pod.full_name}", pod.uid, act)
        if answered.outcome is EffectOutcome.DONE:
            self._accepted.add(pod.uid)
            return
        said = " ".join((answered.message, *(answer.causes if answer else ())))
        before = self._refused.get(pod.uid)
        since = before.at if before is not None and before.code == answered.code else self._server_now()
        self._refused[pod.uid] = Refusal(answered.code, said, since)
        self._put_off(pod.uid, answer.retry_after_s if answer else None)

    def _put_off(self, uid: str, retry_after_s: float | None) -> None:
        """The server's own word is a lower bound, stretched so that those who got the same one do not come together."""
        timing, chance = self._context.around.timing, self._context.around.chance
        pause = min(timing.evict_retry_s * 1.5 ** self._tries.get(uid, 0), timing.evict_retry_max_s)
        self._tries[uid] = self._tries.get(uid, 0) + 1
        wait = max(self._context.jittered(pause), (retry_after_s or 0.0) * chance.uniform(1.0, 1.2))
        self._next_try[uid] = self._context.around.clock.monotonic() + wait

    async def _rehearse(self, present: tuple[PodState, ...]) -> Mapping[str, BudgetVerdict]:
        """What the budgets say now, by uid: only where something was refused, so that a free drain reads none."""
        held = [pod for pod in present if pod.uid in self._refused and self._evictable(pod)]
        namespaces = sorted({pod.namespace for pod in held})
        try:
            found = await asyncio.gather(*(self._context.cluster.budgets(namespace) for namespace in namespaces))
        except ClusterError:
            return {}  # then the server's own words must do
        verdicts = rehearse(held, (budget for budgets in found for budget in budgets))
        await asyncio.gather(*(self._look_up(verdict.pod) for verdict in verdicts if verdict.blocks))
        for verdict in verdicts:
            await self._find_unready(verdict)
        return {verdict.pod.uid: verdict for verdict in verdicts}

    async def _find_unready(self, verdict: BudgetVerdict) -> None:
        if verdict.ruling is not Ruling.REFUSED or verdict.detail in self._unready:
            return
        budget = verdict.budgets[0]
        try:
            pods = await self._context.cluster.pods_in(budget.namespace)
        except ClusterError:
            return  # its numbers must do until they are asked for again
        self._unready[verdict.detail] = tuple(
            sorted(pod.name for pod in pods if selects(budget, pod) and not pod.ready)
        )

    async def _look_up(self, pod: PodState) -> None:
        """Once for each controller."""
        key = (pod.namespace, owner_name(pod))
        if key in self._workloads or pod.controller is None:
            return
        self._workloads[key] = ""
        try:
            top = await self._context.cluster.owner(pod)
        except ClusterError:
            del self._workloads[key]  # the controller's name must do until it is asked again
            return
        self._workloads[key] = f"{top.kind}/{top.name}" if top is not None else ""

    def _hold_ups(
        self, present: Iterable[PodState], node: NodeState, budgets: Mapping[str, BudgetVerdict]
    ) -> Iterable[Waiting]:
        """Strangers first, then what is refused, then what is merely on its way out."""
        ordered = sorted(present, key=lambda pod: (pod.uid in self._planned, pod.uid not in self._refused))
        for pod in ordered:
            if pod.uid not in self._planned:
                yield outside_plan(pod)
            elif pod.uid not in self._accepted or pod.deleting_since is not None:
                refusal, budget = self._refused.get(pod.uid), budgets.get(pod.uid)
                workload = self._workloads.get((pod.namespace, owner_name(pod)), "")
                yield hold_up(
                    pod,
                    node,
                    refusal=refusal,
                    budget=budget,
                    workload=workload,
                    unready=self._unready.get(budget.detail, ()) if budget else (),
                    now=self._server_now(),
                )

    def _check_time(self, waiting: tuple[Waiting, ...]) -> None:
        limit = int(self._context.option("timeout_s"))
        if limit and self._context.busy_s() > limit:
            held = "; ".join(f"{one.object}: {one.why}: {one.detail}" for one in waiting[:3])
            raise StepFailedError(f"not empty after {limit} s, still there: {held or 'pods on their way out'}")

    def _summary(self) -> str:
        evicted = sum(self._is_evicted(pod) for pod in self._planned.values())
        unwatched = f", {len(self._unwatched)} not waited for (silent kubelet)" if self._unwatched else ""
        noun = "pod" if evicted == 1 else "pods"
        return f"{evicted} {noun} evicted{unwatched}"

    def _is_evicted(self, pod: PlannedPod) -> bool:
        return pod.action == Action.EVICT and pod.uid in self._accepted

    def _server_now(self) -> float:
        return self._context.now() + self._skew
