"""The wire face gives the answers of the real API server: the same requests to both, the same words from both."""

import itertools
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from fleetui.simulate.refusals import OVER_BUDGET, SEVERAL_BUDGETS
from tests.bed import objects
from tests.bed.api import Api, ApiError

WITHIN_S = 60.0
ZERO = "00000000-0000-0000-0000-000000000000"
_NUMBERS = itertools.count(1)


class Server:
    """One API server and what these tests do with it; names are new with every call."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.namespace = f"http-{next(_NUMBERS)}-{time.time_ns() % 1_000_000}"
        self.api.create("/api/v1/namespaces", objects.namespace(self.namespace))
        self.node = self.namespace
        self.api.create(objects.NODES, objects.node(self.node))

    def pod(self, name: str, *, ready: bool = True) -> str:
        """Running, and ready or not; its uid."""
        path = f"{objects.pods_in(self.namespace)}/{name}"
        self.api.create(objects.pods_in(self.namespace), objects.pod(name, node=self.node, labels={"app": "a"}))
        until(lambda: _is_ready(self.api.get(path)))
        if not ready:
            self.api.patch(f"{path}/status", {"status": _readiness("False")})
        return str(self.api.get(path)["metadata"]["uid"])

    def lasting_pod(self, name: str) -> str:
        """Running and ready, and nobody ends it when it is deleted: its machine has no kubelet, it has a finalizer."""
        machine = f"{self.node}-still"
        if self.status("GET", f"{objects.NODES}/{machine}").get("code") == 404:
            self.api.create(objects.NODES, objects.node(machine, kubelet=False))
        body = objects.pod(name, node=machine, labels={"app": "a"}, finalizers=["fleetui.dev/test"], grace=20)
        self.api.create(objects.pods_in(self.namespace), body)
        path = f"{objects.pods_in(self.namespace)}/{name}"
        self.api.patch(f"{path}/status", {"status": {"phase": "Running", **_readiness("True")}})
        until(lambda: _is_ready(self.api.get(path)))
        return str(self.api.get(path)["metadata"]["uid"])

    def budget(self, name: str, *, healthy: int, **spec: Any) -> None:
        """``healthy`` is what its status must say before a test goes on."""
        path = objects.budgets_in(self.namespace)
        self.api.create(path, objects.pdb(name, {"app": "a"}, **spec))
        until(lambda: _observed(self.api.get(f"{path}/{name}"), healthy))

    def allowed(self, name: str) -> int:
        return int(self.api.get(f"{objects.budgets_in(self.namespace)}/{name}")["status"]["disruptionsAllowed"])

    def evict(self, name: str, **options: Any) -> dict[str, Any]:
        """The Status that came back, as a refusal or not."""
        body = {
            "apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": self.namespace},
            "deleteOptions": options,
        }  # fmt: skip
        return self.status("POST", f"{objects.pods_in(self.namespace)}/{name}/eviction", body)

    def status(self, method: str, path: str, body: Any = None, **options: str) -> dict[str, Any]:
        try:
            self.api.request(method, path, body, **options)
        except ApiError as error:
            return error.status
        return {"status": "Success"}


def until(wanted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not wanted():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.02)


def _readiness(status: str) -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": status} for kind in ("Ready", "ContainersReady")]}


def _is_ready(pod: Any) -> bool:
    return any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions", []))


def _observed(budget: Any, healthy: int) -> bool:
    status = budget.get("status", {})
    seen = status.get("observedGeneration") == budget["metadata"]["generation"]
    return bool(seen and status.get("expectedPods") and status.get("currentHealthy") == healthy)


@pytest.fixture(params=[pytest.param("kubernetes", marks=pytest.mark.bed), "wire"])
def server(request: pytest.FixtureRequest) -> Server:
    fixture = {"kubernetes": "bed_cluster", "wire": "wire_cluster"}[request.param]
    return Server(request.getfixturevalue(fixture).api())


class TestEviction:
    def test_a_budget_says_what_it_needs(self, server: Server) -> None:
        server.pod("p1")
        server.pod("p2")
        server.budget("tight", healthy=2, min_available=2)
        refused = server.evict("p1")
        assert (refused["code"], refused["reason"], refused["message"]) == (429, "TooManyRequests", OVER_BUDGET)
        message = "The disruption budget tight needs 2 healthy pods and has 2 currently"
        assert refused["details"] == {"causes": [{"reason": "DisruptionBudget", "message": message}]}

    def test_a_rehearsal_spends_nothing_and_an_eviction_does(self, server: Server) -> None:
        for name in ("p1", "p2", "p3"):
            server.lasting_pod(name)
        server.budget("one", healthy=3, min_available=2)
        assert [server.evict("p1", dryRun=["All"])["status"] for _ in range(3)] == ["Success"] * 3
        assert server.allowed("one") == 1
        assert server.evict("p1")["status"] == "Success"
        assert server.evict("p2")["code"] == 429
        assert server.evict("p1")["status"] == "Success"  # it is going already

    def test_two_budgets_are_refused(self, server: Server) -> None:
        server.pod("p1")
        server.budget("one", healthy=1, min_available=0)
        server.budget("two", healthy=1, min_available=0)
        refused = server.evict("p1")
        assert (refused["code"], refused["message"], refused.get("reason")) == (500, SEVERAL_BUDGETS, None)

    @pytest.mark.parametrize(
        ("others", "policy", "code"),
        [(0, None, 429), (1, None, None), (0, "AlwaysAllow", None)],
        ids=["budget not met", "budget met by another", "always allowed"],
    )
    def test_a_pod_that_is_not_ready(self, server: Server, others: int, policy: str | None, code: int | None) -> None:
        server.pod("broken", ready=False)
        for number in range(others):
            server.pod(f"fine-{number}")
        server.budget("b", healthy=others, min_available=1, unhealthy=policy)
        assert server.evict("broken").get("code") == code

    @pytest.mark.parametrize(
        ("spec", "allowed"),
        [({"min_available": "50%"}, 0), ({"max_unavailable": 1}, 0), ({"min_available": 1}, 1)],
        ids=["percent", "max", "min"],
    )
    def test_naked_pods_count_for_an_integer_only(self, server: Server, spec: dict[str, Any], allowed: int) -> None:
        server.pod("p1")
        server.pod("p2")
        path = objects.budgets_in(server.namespace)
        server.api.create(path, objects.pdb("b", {"app": "a"}, **spec))
        until(lambda: bool(server.api.get(f"{path}/b")["status"].get("conditions")))
        assert server.allowed("b") == allowed

    def test_another_uid_is_a_conflict(self, server: Server) -> None:
        uid = server.pod("p1")
        refused = server.evict("p1", preconditions={"uid": ZERO})
        assert (refused["code"], refused["reason"], refused["details"]) == (
            409,
            "Conflict",
            {"name": "p1", "kind": "Pod"},
        )
        assert refused["message"] == (
            f'Operation cannot be fulfilled on Pod "p1": the UID in the precondition ({ZERO}) does not match the UID '
            f"in record ({uid}). The object might have been deleted and then recreated"
        )

    def test_a_spent_budget_is_asked_before_the_uid(self, server: Server) -> None:
        server.pod("p1")
        server.budget("b", healthy=1, min_available=1)
        assert server.evict("p1", preconditions={"uid": ZERO})["code"] == 429

    def test_an_unknown_pod_and_another_name(self, server: Server) -> None:
        assert server.evict("nope")["message"] == 'pods "nope" not found'
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "other"}}
        server.pod("p1")
        refused = server.status("POST", f"{objects.pods_in(server.namespace)}/p1/eviction", body)
        assert (refused["code"], refused["message"]) == (400, "name in URL does not match name in Eviction object")

    def test_a_graceful_end(self, server: Server) -> None:
        server.lasting_pod("p1")
        server.evict("p1", gracePeriodSeconds=70)
        server.evict("p1", gracePeriodSeconds=300)
        pod = server.api.get(f"{objects.pods_in(server.namespace)}/p1")
        target = next(each for each in pod["status"]["conditions"] if each["type"] == "DisruptionTarget")
        assert pod["metadata"]["deletionTimestamp"]
        assert pod["metadata"]["deletionGracePeriodSeconds"] == 70
        assert pod["metadata"]["generation"] == 2
        assert (target["status"], target["reason"]) == ("True", "EvictionByEvictionAPI")


class TestPatch:
    @pytest.mark.parametrize(
        ("metadata", "code", "message"),
        [
            (
                {"resourceVersion": "1"},
                409,
                r"Operation cannot be fulfilled on nodes \"NODE\": the object has been modified; .*",
            ),
            (
                {"resourceVersion": "1", "uid": ZERO},
                409,
                r"Operation cannot be fulfilled on nodes \"NODE\": .* modified; .*",
            ),
            ({"uid": ZERO}, 422, r"Node \"NODE\" is invalid: metadata.uid: Invalid value: \"0.*\": field is immutable"),
            ({"name": "zzz"}, 400, r"the name of the object \(zzz\) does not match the name on the URL \(NODE\)"),
            ({"annotations": {"a": 5}}, 422, r"(?s) \"\" is invalid: patch: .*"),
        ],
    )
    def test_refusals(self, server: Server, metadata: dict[str, Any], code: int, message: str) -> None:
        body = {"metadata": metadata, "spec": {"unschedulable": True}}
        path = f"{objects.NODES}/{server.node}"
        refused = server.status("PATCH", path, body, content="application/merge-patch+json")
        assert refused["code"] == code
        assert re.fullmatch(message.replace("NODE", server.node), refused["message"])
        assert not server.api.get(path)["spec"].get("unschedulable")

    def test_a_cordon_is_followed_by_its_taint(self, server: Server) -> None:
        path = f"{objects.NODES}/{server.node}"
        answer = server.api.patch(path, {"spec": {"unschedulable": True}})
        assert answer["spec"]["unschedulable"]
        until(lambda: "node.kubernetes.io/unschedulable" in str(server.api.get(path)["spec"].get("taints")))
        after = server.api.get(path)
        assert after["metadata"]["resourceVersion"] != answer["metadata"]["resourceVersion"]

    def test_what_changes_nothing_keeps_the_version(self, server: Server) -> None:
        path = f"{objects.NODES}/{server.node}"

        def version() -> str:
            answer = server.api.patch(path, {"metadata": {"labels": {"disk": "new"}}})
            return str(answer["metadata"]["resourceVersion"])

        # Controllers write to a new Node too, but not for ever; who counts each patch never says the same twice.
        until(lambda: version() == version())

    def test_a_rehearsal_changes_nothing(self, server: Server) -> None:
        path = f"{objects.NODES}/{server.node}"
        answer = server.api.patch(f"{path}?dryRun=All", {"spec": {"unschedulable": True}})
        assert answer["spec"]["unschedulable"]
        assert not server.api.get(path)["spec"].get("unschedulable")


@pytest.mark.parametrize(
    ("method", "path", "code", "message"),
    [
        ("GET", "/api/v1/nodes/nope", 404, 'nodes "nope" not found'),
        ("GET", "/apis/apps/v1/namespaces/default/daemonsets/zz", 404, 'daemonsets.apps "zz" not found'),
        ("GET", "/api/v1/nope", 404, "the server could not find the requested resource"),
        ("GET", "/api/v1/nodes?fieldSelector=foo%3Dbar", 400, "field label not supported: foo"),
        ("DELETE", "/api/v1/namespaces/default/pods/nope", 404, 'pods "nope" not found'),
    ],
)
def test_refusals_in_the_servers_words(server: Server, method: str, path: str, code: int, message: str) -> None:
    refused = server.status(method, path)
    assert (refused["code"], refused["message"]) == (code, message)
