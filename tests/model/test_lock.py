"""The lock in the target: who may take a node, and what the patches say."""

import msgspec
import pytest

from fleetui.model.drain import NodeState
from fleetui.model.lock import (
    CORDON_ANNOTATION,
    LOCK_ANNOTATION,
    LOCK_TTL_S,
    Cordon,
    Lock,
    LockState,
    Unreadable,
    cordon_owner,
    cordon_patch,
    judge,
    owns_cordon,
    read_lock,
    release_patch,
    take_patch,
    uncordon_patch,
)

NOW = 1_800_000_000.0
CORDON = Cordon(op="op-1", by="ana@jump", at=NOW, reason="new disk", kind="drain")


def a_lock(**changes: object) -> Lock:
    lock = Lock(holder="jump/1", op="op-1", by="ana@jump", kind="drain", fence=3, expires=NOW + LOCK_TTL_S)
    return msgspec.structs.replace(lock, **changes)


def a_node(*, lock: Lock | str | None = None, cordon: Cordon | str | None = None, **changes: object) -> NodeState:
    texts = {LOCK_ANNOTATION: lock, CORDON_ANNOTATION: cordon}
    annotations = tuple(
        (key, value if isinstance(value, str) else msgspec.json.encode(value).decode())
        for key, value in texts.items()
        if value is not None
    )
    return NodeState(uid="u1", name="wk-1", resource_version="7", annotations=annotations, **changes)


@pytest.mark.parametrize(
    ("lock", "state"),
    [
        (None, LockState.FREE),
        (a_lock(), LockState.OURS),
        (a_lock(fence=2, expires=NOW - 9_999), LockState.OURS),
        (a_lock(fence=4), LockState.HELD),
        (a_lock(op="op-2"), LockState.HELD),
        (a_lock(op="op-2", expires=NOW), LockState.HELD),
        (a_lock(op="op-2", expires=NOW - LOCK_TTL_S), LockState.HELD),
        (a_lock(op="op-2", expires=NOW - LOCK_TTL_S - 1), LockState.LAPSED),
        ("{not json", LockState.UNREADABLE),
        ('{"holder": "somebody else\'s schema"}', LockState.UNREADABLE),
    ],
)
def test_who_may_take_it(lock: Lock | str | None, state: LockState) -> None:
    assert judge(a_node(lock=lock), op="op-1", fence=3, server_now=NOW).state is state


@pytest.mark.parametrize(
    ("state", "may"),
    [
        (LockState.FREE, True),
        (LockState.OURS, True),
        (LockState.LAPSED, True),
        (LockState.HELD, False),
        (LockState.UNREADABLE, False),
    ],
)
def test_only_a_free_own_or_lapsed_lock_may_be_taken(state: LockState, may: bool) -> None:
    nodes = {
        LockState.FREE: a_node(),
        LockState.OURS: a_node(lock=a_lock()),
        LockState.LAPSED: a_node(lock=a_lock(op="op-2", expires=NOW - 999)),
        LockState.HELD: a_node(lock=a_lock(op="op-2")),
        LockState.UNREADABLE: a_node(lock=""),
    }
    assert judge(nodes[state], op="op-1", fence=3, server_now=NOW).may_take is may


def test_a_refusal_names_the_holder_the_operation_and_its_age() -> None:
    held = judge(a_node(lock=a_lock(op="op-2", expires=NOW + 45)), op="op-1", fence=3, server_now=NOW)
    assert held.reason == "held by drain op-2 by ana@jump (controller jump/1), renewed 15s ago"


def test_an_expired_lock_says_since_when_and_when_it_is_free() -> None:
    late = judge(a_node(lock=a_lock(op="op-2", expires=NOW - 15)), op="op-1", fence=3, server_now=NOW)
    assert late.reason == "held by drain op-2 by ana@jump (controller jump/1), expired 15s ago"
    assert late.remedy == "free in 45s"


def test_an_unreadable_lock_comes_with_the_command_that_removes_it() -> None:
    verdict = judge(a_node(lock="[]"), op="op-1", fence=3, server_now=NOW)
    assert verdict.remedy.endswith(f"kubectl annotate node wk-1 {LOCK_ANNOTATION}-")


def test_lock_and_cordon_are_one_patch_that_reads_back() -> None:
    body = msgspec.json.decode(take_patch(a_lock(), CORDON))
    assert body["spec"] == {"unschedulable": True}
    node = a_node(
        lock=body["metadata"]["annotations"][LOCK_ANNOTATION],
        cordon=body["metadata"]["annotations"][CORDON_ANNOTATION],
        unschedulable=True,
    )
    assert read_lock(node) == a_lock()
    assert owns_cordon(node, "op-1")


def test_a_node_cordoned_before_keeps_its_cordon_and_its_owner() -> None:
    body = msgspec.json.decode(take_patch(a_lock(), None))
    assert list(body["metadata"]["annotations"]) == [LOCK_ANNOTATION]
    assert "spec" not in body


def test_release_keeps_the_cordon_and_uncordon_clears_everything() -> None:
    assert msgspec.json.decode(release_patch()) == {"metadata": {"annotations": {LOCK_ANNOTATION: None}}}
    cleared = msgspec.json.decode(uncordon_patch())
    assert cleared["spec"] == {"unschedulable": None}
    assert set(cleared["metadata"]["annotations"].values()) == {None}


def test_a_cordon_takes_a_lapsed_lock_with_it_and_takes_none_itself() -> None:
    body = msgspec.json.decode(cordon_patch(CORDON))
    assert body["spec"] == {"unschedulable": True}
    annotations = body["metadata"]["annotations"]
    assert set(annotations) == {LOCK_ANNOTATION, CORDON_ANNOTATION}
    assert annotations[LOCK_ANNOTATION] is None
    assert owns_cordon(a_node(cordon=annotations[CORDON_ANNOTATION], unschedulable=True), "op-1")


@pytest.mark.parametrize(
    ("cordon", "unschedulable", "owns"),
    [
        (CORDON, True, True),
        (CORDON, False, False),  # somebody uncordoned it meanwhile: the note is stale
        (msgspec.structs.replace(CORDON, op="op-2"), True, False),
        (None, True, False),
        ("{", True, False),
    ],
)
def test_only_its_own_cordon_belongs_to_an_operation(
    cordon: Cordon | str | None, unschedulable: bool, owns: bool
) -> None:
    assert owns_cordon(a_node(cordon=cordon, unschedulable=unschedulable), "op-1") is owns


def test_whose_cordon_it_is_in_words() -> None:
    assert cordon_owner(a_node(cordon=CORDON, unschedulable=True)) == "ana@jump (drain op-1): new disk"
    silent = msgspec.structs.replace(CORDON, reason="")
    assert cordon_owner(a_node(cordon=silent, unschedulable=True)) == "ana@jump (drain op-1)"
    assert cordon_owner(a_node(unschedulable=True)) == "somebody outside fleetui"
    assert cordon_owner(a_node(cordon=CORDON)) == ""


def test_what_cannot_be_read_is_cut_short() -> None:
    unreadable = read_lock(a_node(lock="x" * 1_000))
    assert isinstance(unreadable, Unreadable)
    assert len(unreadable.text) == 120
