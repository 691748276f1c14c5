"""Row ids follow the object: another node of the same name is another row."""

import pytest

from fleetui.model.cluster import Cluster
from fleetui.model.machine import Machine
from fleetui.model.picture import Delta, row_id
from fleetui.model.pod import Pod


def test_ids_are_the_clusters_name_or_cluster_and_uid() -> None:
    assert row_id(Cluster(name="prod")) == "prod"
    assert row_id(Machine(uid="u1", name="wk-1", cluster="prod", status="Ready")) == "prod/u1"
    assert row_id(Pod(uid="u2", name="web", namespace="shop", cluster="prod", status="Running")) == "prod/u2"


def test_an_object_made_again_under_its_old_name_is_another_row() -> None:
    old = Machine(uid="u1", name="wk-1", cluster="prod", status="Ready")
    assert row_id(old) != row_id(Machine(uid="u2", name="wk-1", cluster="prod", status="Ready"))


@pytest.mark.parametrize(
    ("delta", "says_something"),
    [
        (Delta(), False),
        (Delta(reset=True), True),
        (Delta(removes=("a/1",)), True),
        (Delta(upserts=(("a", Cluster(name="a")),)), True),
    ],
)
def test_only_an_empty_delta_is_false(delta: Delta[Cluster], says_something: bool) -> None:
    assert bool(delta) is says_something


@pytest.mark.parametrize(
    ("status", "ready", "cordoned"),
    [
        ("Ready", True, False),
        ("NotReady", False, False),
        ("Unknown", None, False),
        ("Ready,SchedulingDisabled", True, True),
        ("NotReady,SchedulingDisabled", False, True),
        ("", None, False),
    ],
)
def test_a_machines_readiness_is_three_valued(status: str, ready: bool | None, cordoned: bool) -> None:
    machine = Machine(uid="u", name="n", cluster="c", status=status)
    assert (machine.ready, machine.cordoned) == (ready, cordoned)


@pytest.mark.parametrize("role", ["control-plane", "master", "controlplane"])
def test_the_control_plane_is_known_by_each_of_its_roles(role: str) -> None:
    assert Machine(uid="u", name="n", cluster="c", status="Ready", roles=("worker", role)).control_plane
    assert not Machine(uid="u", name="n", cluster="c", status="Ready", roles=("worker",)).control_plane
