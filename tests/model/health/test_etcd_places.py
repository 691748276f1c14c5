"""Where etcd is asked when the configuration names certificates only."""

from fleetui.model.health.etcd_places import control_plane_endpoints
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod


def machine(name: str, ip: str, *roles: str) -> Machine:
    return Machine(uid=name, name=name, cluster="east", status="Ready", roles=roles, internal_ip=ip)


def pod(name: str, node: str, namespace: str = "kube-system", component: str = "etcd") -> Pod:
    labels = (("component", component), ("tier", "control-plane"))
    return Pod(uid=name, name=name, namespace=namespace, cluster="east", status="Running", node=node, labels=labels)


MACHINES = (
    machine("cp-b", "10.0.0.2", "control-plane"),
    machine("cp-a", "10.0.0.1", "master"),
    machine("cp-6", "fd00::6", "control-plane"),
    machine("cp-new", "", "control-plane"),
    machine("wk-1", "10.0.1.1"),
)


def test_the_control_plane_machines_that_have_an_address() -> None:
    expected = ("https://[fd00::6]:2379", "https://10.0.0.1:2379", "https://10.0.0.2:2379")
    assert control_plane_endpoints(MACHINES) == expected


def test_where_pods_are_known_the_static_pods_decide() -> None:
    pods = (
        pod("etcd-cp-a", "cp-a"),
        pod("etcd-x", "wk-1", namespace="team"),
        pod("api", "cp-b", component="apiserver"),
    )
    assert control_plane_endpoints(MACHINES, pods) == ("https://10.0.0.1:2379",)


def test_a_managed_control_plane_has_none() -> None:
    assert control_plane_endpoints(MACHINES[-1:]) == ()
