"""Which machines let a pod in: the scheduler's rules, one line each."""

import msgspec
import pytest

from fleetui.model.drain import LabelRequirement, NodeState, NodeTerm, PodState, Taint, Toleration
from fleetui.model.placement import lets_in, untolerated

NODE = NodeState(uid="u", name="wk-1", resource_version="1", labels=(("cores", "16"), ("disk", "fast")))
POD = PodState(uid="p", namespace="pay", name="api", node="", phase="Pending")
GPU = Taint("gpu", "yes", "NoSchedule")


@pytest.mark.parametrize(
    ("taint", "tolerations", "lets"),
    [
        (GPU, (), False),
        (Taint("gpu", "yes", "NoExecute"), (), False),
        (Taint("gpu", "yes", "PreferNoSchedule"), (), True),
        (GPU, (Toleration("gpu", "Equal", "yes", "NoSchedule"),), True),
        (GPU, (Toleration("gpu", "", "yes"),), True),
        (GPU, (Toleration("gpu", "Equal", "no"),), False),
        (GPU, (Toleration("gpu", "Exists"),), True),
        (GPU, (Toleration("", "Exists"),), True),
        (GPU, (Toleration("", "Equal"),), False),
        (GPU, (Toleration("gpu", "Exists", effect="NoExecute"),), False),
        (GPU, (Toleration("other", "Exists"),), False),
        (GPU, (Toleration("gpu", "Resembles", "yes"),), False),
        (GPU, (Toleration("other", "Exists"), Toleration("gpu", "Exists")), True),
    ],
)
def test_taints_and_tolerations(taint: Taint, tolerations: tuple[Toleration, ...], lets: bool) -> None:
    assert (untolerated([taint], tolerations) is None) is lets
    node = msgspec.structs.replace(NODE, taints=(taint,))
    assert lets_in(node, msgspec.structs.replace(POD, tolerations=tolerations)) is lets


def test_every_taint_must_be_tolerated() -> None:
    other = Taint("disk", "", "NoSchedule")
    assert untolerated([GPU, other], (Toleration("gpu", "Exists"),)) == other


@pytest.mark.parametrize(
    ("selector", "lets"),
    [((), True), ((("disk", "fast"),), True), ((("disk", "slow"),), False), ((("gpu", ""),), False)],
)
def test_node_selectors(selector: tuple[tuple[str, str], ...], lets: bool) -> None:
    assert lets_in(NODE, msgspec.structs.replace(POD, node_selector=selector)) is lets


def _label(key: str, operator: str, *values: str) -> NodeTerm:
    return NodeTerm(labels=(LabelRequirement(key, operator, values),))


@pytest.mark.parametrize(
    ("terms", "lets"),
    [
        (None, True),
        ((), False),
        ((NodeTerm(),), False),
        ((_label("disk", "In", "slow", "fast"),), True),
        ((_label("disk", "In", "slow"),), False),
        ((_label("disk", "In", "slow"), _label("disk", "Exists")), True),
        ((_label("gpu", "NotIn", "yes"),), True),
        ((_label("disk", "NotIn", "fast"),), False),
        ((_label("gpu", "DoesNotExist"),), True),
        ((_label("disk", "DoesNotExist"),), False),
        ((_label("cores", "Gt", "8"),), True),
        ((_label("cores", "Gt", "16"),), False),
        ((_label("cores", "Lt", "32"),), True),
        ((_label("disk", "Gt", "8"),), False),
        ((_label("gpu", "Gt", "8"),), False),
        ((_label("cores", "Gt"),), False),
        ((_label("disk", "Resembles", "fast"),), False),
        ((NodeTerm(fields=(LabelRequirement("metadata.name", "In", ("wk-1",)),)),), True),
        ((NodeTerm(fields=(LabelRequirement("metadata.name", "NotIn", ("wk-1",)),)),), False),
        ((NodeTerm(_label("disk", "Exists").labels, (LabelRequirement("metadata.name", "In", ("wk-2",)),)),), False),
    ],
)
def test_required_node_affinity(terms: tuple[NodeTerm, ...] | None, lets: bool) -> None:
    assert lets_in(NODE, msgspec.structs.replace(POD, node_terms=terms)) is lets
