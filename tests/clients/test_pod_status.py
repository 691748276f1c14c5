"""The STATUS word, READY and RESTARTS of every kind of pod there is."""

from typing import Any

import msgspec
import pytest

from fleetui.clients.kube.pod_rows import WirePod
from fleetui.clients.kube.pod_status import printed

RUNNING = {"running": {}}
INIT_DONE = [{"type": "Initialized", "status": "True"}]


def _status(name: str = "a", *, state: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "state": state or RUNNING, "ready": state is None, "restartCount": 0, **more}


def _waiting(reason: str) -> dict[str, Any]:
    return {"waiting": {"reason": reason}}


def _ended(code: int = 0, **more: Any) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, **more}}


def _pod(
    *, containers: int = 1, init: list[dict[str, Any]] | None = None, deleting: bool = False, **status: Any
) -> tuple[str, int, int, int]:
    pod = msgspec.convert(
        {
            "metadata": {},
            "spec": {"containers": [{"name": str(n)} for n in range(containers)], "initContainers": init},
            "status": {"phase": "Running", **status},
        },
        WirePod,
    )
    found = printed(pod.spec, pod.status, deleting=deleting)
    return found.status, found.ready, found.containers, found.restarts


INIT = [{"name": "i0"}, {"name": "i1"}]
SIDECAR = [{"name": "s", "restartPolicy": "Always"}, {"name": "i1"}]


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        pytest.param({"containerStatuses": [_status()]}, ("Running", 1, 1, 0), id="running"),
        pytest.param({"phase": "Pending"}, ("Pending", 0, 1, 0), id="pending"),
        pytest.param({"phase": "Pending", "containerStatuses": None, "conditions": None}, ("Pending", 0, 1, 0),
                     id="nulls"),
        pytest.param({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
                      "reason": "SchedulingGated"}]}, ("SchedulingGated", 0, 1, 0), id="gated"),
        pytest.param({"phase": "Failed", "reason": "Evicted"}, ("Evicted", 0, 1, 0), id="evicted"),
        pytest.param({"containerStatuses": [_status(state=_waiting("CrashLoopBackOff"), restartCount=7)]},
                     ("CrashLoopBackOff", 0, 1, 7), id="crash loop"),
        pytest.param({"phase": "Pending", "containerStatuses": [_status(state=_waiting("ImagePullBackOff"))]},
                     ("ImagePullBackOff", 0, 1, 0), id="image pull"),
        pytest.param({"phase": "Pending", "containerStatuses": [_status(state={"waiting": {}})]}, ("Pending", 0, 1, 0),
                     id="waiting without a reason"),
        pytest.param({"phase": "Succeeded", "containerStatuses": [_status(state=_ended(reason="Completed"))]},
                     ("Completed", 0, 1, 0), id="completed"),
        pytest.param({"phase": "Failed", "containerStatuses": [_status(state=_ended(1, reason="Error"))]},
                     ("Error", 0, 1, 0), id="error"),
        pytest.param({"containerStatuses": [_status(state=_ended(137, reason="OOMKilled"))]}, ("OOMKilled", 0, 1, 0),
                     id="oom"),
        pytest.param({"containerStatuses": [_status(state=_ended(2))]}, ("ExitCode:2", 0, 1, 0), id="exit code"),
        pytest.param({"containerStatuses": [_status(state=_ended(137, signal=9))]}, ("Signal:9", 0, 1, 0), id="signal"),
        pytest.param({"containers": 2, "containerStatuses": [_status(state=_ended(reason="Completed")), _status("b")],
                      "conditions": [{"type": "Ready", "status": "True"}]}, ("Running", 1, 2, 0), id="one done, ready"),
        pytest.param({"containers": 2, "containerStatuses": [_status(state=_ended(reason="Completed")), _status("b")]},
                     ("NotReady", 1, 2, 0), id="one done, not ready"),
        pytest.param({"containers": 2, "containerStatuses": [_status(state=_waiting("A"), restartCount=1),
                      _status("b", state=_waiting("B"), restartCount=2)]}, ("A", 0, 2, 3), id="the first counts"),
        pytest.param({"containerStatuses": [_status(ready=False)]}, ("Running", 0, 1, 0), id="running, not ready"),
        pytest.param({"init": INIT, "phase": "Pending", "initContainerStatuses": [_status("i0")]},
                     ("Init:0/2", 0, 1, 0), id="first init"),
        pytest.param({"init": INIT, "phase": "Pending", "initContainerStatuses": [
                      _status("i0", state=_ended()), _status("i1", state=_waiting("PodInitializing"))]},
                     ("Init:1/2", 0, 1, 0), id="second init"),
        pytest.param({"init": INIT, "phase": "Pending", "initContainerStatuses": [
                      _status("i0", state=_waiting("CrashLoopBackOff"), restartCount=4)]},
                     ("Init:CrashLoopBackOff", 0, 1, 4), id="init crash loop"),
        pytest.param({"init": INIT, "phase": "Pending", "initContainerStatuses": [_status("i0", state=_ended(3))]},
                     ("Init:ExitCode:3", 0, 1, 0), id="init exit code"),
        pytest.param({"init": INIT, "phase": "Pending",
                      "initContainerStatuses": [_status("i0", state=_ended(137, signal=9))]},
                     ("Init:Signal:9", 0, 1, 0), id="init signal"),
        pytest.param({"init": INIT, "phase": "Pending",
                      "initContainerStatuses": [_status("i0", state=_ended(1, reason="Error"))]},
                     ("Init:Error", 0, 1, 0), id="init error"),
        pytest.param({"init": INIT, "initContainerStatuses": [_status("i0", state=_ended(), restartCount=2),
                      _status("i1", state=_ended())], "containerStatuses": [_status(restartCount=1)],
                      "conditions": INIT_DONE}, ("Running", 1, 1, 1), id="init over: its restarts do not count"),
        pytest.param({"init": SIDECAR, "initContainerStatuses": [_status("s", started=True, restartCount=2),
                      _status("i1", state=_ended())], "containerStatuses": [_status(restartCount=1)],
                      "conditions": INIT_DONE}, ("Running", 2, 2, 3), id="a sidecar counts"),
        pytest.param({"init": SIDECAR, "phase": "Pending",
                      "initContainerStatuses": [_status("s", started=False, ready=False)]},
                     ("Init:0/2", 0, 2, 0), id="a sidecar that starts"),
        pytest.param({"deleting": True, "containerStatuses": [_status()]}, ("Terminating", 1, 1, 0), id="terminating"),
        pytest.param({"deleting": True, "reason": "NodeLost"}, ("Unknown", 0, 1, 0), id="node lost"),
        pytest.param({"deleting": True, "phase": "Succeeded",
                      "containerStatuses": [_status(state=_ended(reason="Completed"))]},
                     ("Completed", 0, 1, 0), id="done and going"),
    ],
)  # fmt: skip
def test_printed(pod: dict[str, Any], expected: tuple[str, int, int, int]) -> None:
    assert _pod(**pod) == expected
