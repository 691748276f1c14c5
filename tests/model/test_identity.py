"""Who is who: one kube-system UID is one cluster, and its name does not change under the operator's cursor."""

from fleetui.model.fault import FaultKind
from fleetui.model.identity import SETTLE_S, Claim, changed, impostor, takes_over


def claim(order: int, at: float) -> Claim:
    return Claim(name=f"context-{order}", order=order, at=at)


def test_the_earlier_context_takes_over_while_all_is_still_settling() -> None:
    assert takes_over(claim(1, 100.0 + SETTLE_S), claim(2, 100.0))
    assert not takes_over(claim(1, 100.1 + SETTLE_S), claim(2, 100.0))
    assert not takes_over(claim(3, 100.0), claim(2, 100.0))


def test_an_unreadable_uid_proves_nothing() -> None:
    assert changed("a", "b")
    assert not changed("a", "a")
    assert not changed("a", "")
    assert not changed("", "b")


def test_the_fault_names_both_clusters_and_the_way_out() -> None:
    fault = impostor(known="old-uid", answered="new-uid")
    assert fault.kind is FaultKind.IMPOSTOR
    assert "old-uid" in fault.detail
    assert "new-uid" in fault.detail
    assert "connect again" in fault.remedy
    assert len(fault.word.split()) <= 4
