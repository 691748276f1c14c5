"""The wire face, asked by hand: discovery, refusals, watches, Tables, troubles."""

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from fleetui.simulate.host import Host
from fleetui.simulate.hostile import TEXTS, hostile_fleet
from fleetui.simulate.machine_clock import MachineClock
from fleetui.simulate.wire import PREFIX
from tests.bed import objects
from tests.bed.api import ApiError
from tests.simulate.wire_bed import TOKEN, WireBed, bare_fleet, serve

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WireBed]:
    with serve(bare_fleet("wire", "quiet"), tmp_path_factory.mktemp("wire")) as bed:
        bed.api().create(objects.NODES, objects.node("n1", labels={"zone": "a"}))
        bed.api().create(objects.NODES, objects.node("n2", labels={"zone": "b"}))
        yield bed


@pytest.fixture
def host(bed: WireBed) -> Iterator[Host]:
    """A cluster whose troubles end with the test."""
    host = bed.fleet.host("quiet")
    calm = type(host.trouble)()
    yield host
    bed.on_loop(lambda host: setattr(host, "trouble", calm), "quiet")


class Line:
    """One HTTPS connection to one cluster."""

    def __init__(self, bed: WireBed, *, name: str = "wire", token: str = TOKEN, timeout: float = 10.0) -> None:
        context = ssl.create_default_context(cafile=str(bed.ca))
        self._connection = http.client.HTTPSConnection("127.0.0.1", bed.port, context=context, timeout=timeout)
        self._prefix = f"{PREFIX}/{name}"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._answers: list[http.client.HTTPResponse] = []

    def get(self, path: str, *, accept: str = "application/json") -> http.client.HTTPResponse:
        self._connection.request("GET", self._prefix + path, headers={**self._headers, "Accept": accept})
        self._answers.append(self._connection.getresponse())
        return self._answers[-1]

    def json(self, path: str, *, accept: str = "application/json") -> Any:
        return json.loads(self.get(path, accept=accept).read())

    def events(self, path: str, count: int, *, accept: str = "application/json") -> list[Any]:
        """The first lines of a watch."""
        answer = self.get(path, accept=accept)
        return [json.loads(answer.readline()) for _ in range(count)]

    def close(self) -> None:
        for answer in self._answers:
            answer.close()
        self._connection.close()


Connect = Callable[..., Line]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Opens connections that end with the test."""
    opened: list[Line] = []

    def open_line(bed: WireBed, **options: Any) -> Line:
        opened.append(Line(bed, **options))
        return opened[-1]

    yield open_line
    for line in opened:
        line.close()


@pytest.fixture
def line(bed: WireBed, connect: Connect) -> Line:
    return connect(bed)


@pytest.fixture(scope="module")
def harm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WireBed]:
    with serve(hostile_fleet(MachineClock(), long=False), tmp_path_factory.mktemp("hostile")) as bed:
        yield bed


def test_it_listens_on_loopback_only(bed: WireBed) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.settimeout(2)
        with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
            other.connect(("127.0.0.2", bed.port))


class TestWhoMayAsk:
    def test_a_wrong_token_is_refused(self, connect: Connect, bed: WireBed) -> None:
        line = connect(bed, token="tok-old")
        assert (line.get("/api/v1/nodes").status, connect(bed, token="tok-old").get("/readyz").status) == (401, 401)

    def test_nobody_sees_health_and_version_only(self, connect: Connect, bed: WireBed) -> None:
        codes = {path: connect(bed, token="").get(path).status for path in ("/readyz", "/version", "/api/v1/nodes")}
        assert codes == {"/readyz": 200, "/version": 200, "/api/v1/nodes": 403}

    def test_a_forbidden_kind_is_refused_in_the_servers_words(self, bed: WireBed, host: Host) -> None:
        host.trouble.forbidden = frozenset({"list pods", "poddisruptionbudgets"})
        with pytest.raises(ApiError) as refused:
            bed.api("quiet").get(objects.budgets_in("pay"))
        assert refused.value.status["message"] == (
            'poddisruptionbudgets.policy is forbidden: User "demo" cannot list resource "poddisruptionbudgets" '
            'in API group "policy" in the namespace "pay"'
        )
        assert refused.value.status["details"] == {"group": "policy", "kind": "poddisruptionbudgets"}
        with pytest.raises(ApiError):
            bed.api("quiet").get("/api/v1/pods")
        assert bed.api("quiet").get(objects.NODES)["kind"] == "NodeList"

    def test_an_access_review_tells_the_same(self, bed: WireBed, host: Host) -> None:
        host.trouble.forbidden = frozenset({"create pods/eviction"})

        def allowed(**attributes: str) -> bool:
            body = {"kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}}
            path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
            return bool(bed.api("quiet").create(path, body)["status"]["allowed"])

        assert allowed(verb="patch", resource="nodes")
        assert not allowed(verb="create", resource="pods", subresource="eviction")


class TestDiscovery:
    def test_both_forms_name_the_same_resources(self, line: Line) -> None:
        old = {
            each["name"]
            for group in ("/api/v1", "/apis/apps/v1", "/apis/policy/v1")
            for each in line.json(group)["resources"]
        }
        new = {
            resource["resource"]
            for root in ("/api", "/apis")
            for group in line.json(root, accept=AGGREGATED)["items"]
            for resource in group["versions"][0]["resources"]
        }
        assert {name for name in old if "/" not in name} <= new
        assert "pods/eviction" in old

    @pytest.mark.parametrize("path", ["/nope", "/apis/nope/v1", "/api/v2/nodes", "/clusters"])
    def test_unknown_paths(self, line: Line, path: str) -> None:
        assert line.get(path).status == 404

    def test_an_unknown_resource_has_a_status(self, line: Line) -> None:
        assert line.json("/api/v1/nope")["message"] == "the server could not find the requested resource"


class TestTables:
    def test_as_the_server_prints_nodes(self, line: Line) -> None:
        table = line.json("/api/v1/nodes", accept=TABLE)
        names = [column["name"] for column in table["columnDefinitions"]]
        row = dict(zip(names, table["rows"][0]["cells"], strict=True))
        assert table["kind"] == "Table"
        assert (row["Name"], row["Status"], row["Roles"], row["Version"]) == ("n1", "Ready", "<none>", "v1.36.3")
        assert (row["Internal-IP"], row["External-IP"]) == ("10.1.2.3", "<none>")
        assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"

    @pytest.mark.parametrize(
        ("include", "kind"), [("None", None), ("Object", "Node"), ("Metadata", "PartialObjectMetadata")]
    )
    def test_what_rows_carry(self, line: Line, include: str, kind: str | None) -> None:
        carried = line.json(f"/api/v1/nodes?includeObject={include}", accept=TABLE)["rows"][0]["object"]
        assert (carried and carried["kind"]) == kind

    def test_a_watch_names_the_columns_once(self, line: Line) -> None:
        first, second = line.events("/api/v1/nodes?watch=1", 2, accept=TABLE)
        assert first["object"]["columnDefinitions"]
        assert second["object"]["columnDefinitions"] is None


class TestSelectors:
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("labelSelector=zone%3Da", ["n1"]),
            ("labelSelector=zone+notin+(a,c)", ["n2"]),
            ("labelSelector=zone,zone!%3Db", ["n1"]),
            ("labelSelector=!zone", []),
            ("fieldSelector=metadata.name%3Dn2", ["n2"]),
            ("fieldSelector=spec.unschedulable!%3Dfalse", []),
        ],
    )
    def test_what_they_choose(self, line: Line, query: str, names: list[str]) -> None:
        assert [item["metadata"]["name"] for item in line.json(f"/api/v1/nodes?{query}")["items"]] == names

    @pytest.mark.parametrize("query", ["fieldSelector=foo%3Dbar", "labelSelector=a+b", "continue=zz&limit=1"])
    def test_nonsense_is_a_bad_request(self, line: Line, query: str) -> None:
        assert line.get(f"/api/v1/nodes?{query}").status == 400


class TestWatch:
    def test_from_nothing_it_begins_with_what_is_there(self, bed: WireBed, line: Line) -> None:
        seen = line.events("/api/v1/nodes?watch=1&fieldSelector=metadata.name%3Dn1", 1)
        assert [(event["type"], event["object"]["metadata"]["name"]) for event in seen] == [("ADDED", "n1")]

    def test_initial_events_end_with_a_bookmark(self, line: Line) -> None:
        path = "/api/v1/nodes?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"
        *_, last = line.events(path, 3)
        assert last["type"] == "BOOKMARK"
        assert last["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}

    def test_changes_arrive_and_the_end_comes_in_time(self, bed: WireBed, line: Line) -> None:
        version = line.json("/api/v1/nodes")["metadata"]["resourceVersion"]
        bed.api().patch(f"{objects.NODES}/n1", {"metadata": {"labels": {"seen": "yes"}}})
        answer = line.get(f"/api/v1/nodes?watch=1&resourceVersion={version}&timeoutSeconds=1")
        lines = answer.read().splitlines()
        assert json.loads(lines[0])["object"]["metadata"]["labels"]["seen"] == "yes"

    def test_another_namespace_is_not_heard(self, bed: WireBed, line: Line) -> None:
        for name in ("here", "there"):
            bed.api().create("/api/v1/namespaces", objects.namespace(name))
        version = line.json("/api/v1/pods")["metadata"]["resourceVersion"]
        for name in ("there", "here"):
            bed.api().create(objects.pods_in(name), objects.pod(f"p-{name}", node="n1"))
        path = f"/api/v1/namespaces/here/pods?watch=1&resourceVersion={version}"
        assert line.events(path, 1)[0]["object"]["metadata"]["name"] == "p-here"

    def test_an_old_version_is_gone(self, bed: WireBed, line: Line) -> None:
        bed.on_loop(lambda host: host.world.forget_history())
        (event,) = line.events("/api/v1/nodes?watch=1&resourceVersion=1", 1)
        assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")
        assert event["object"]["message"].startswith("too old resource version: 1 (")


class TestTroubles:
    def test_its_own_clock_may_be_wrong(self, connect: Connect, bed: WireBed, host: Host) -> None:
        host.trouble.skew_s = -7200
        date = connect(bed, name="quiet").get("/readyz").headers["Date"]
        assert abs(parsedate_to_datetime(date).timestamp() - host.now() + 7200) < 3

    @pytest.mark.parametrize(
        ("trouble", "code", "reason"),
        [
            ({"server_error": True}, 500, "InternalError"),
            ({"throttled": True}, 429, "TooManyRequests"),
            ({"unauthorized": True}, 401, "Unauthorized"),
        ],
    )
    def test_answers_of_a_broken_server(
        self, bed: WireBed, host: Host, trouble: dict[str, bool], code: int, reason: str
    ) -> None:
        for name, value in trouble.items():
            setattr(host.trouble, name, value)
        with pytest.raises(ApiError) as refused:
            bed.api("quiet").get(objects.NODES)
        assert (refused.value.code, refused.value.status["reason"]) == (code, reason)

    def test_a_dead_one_drops_the_line_and_a_hanging_one_says_nothing(
        self, connect: Connect, bed: WireBed, host: Host
    ) -> None:
        host.trouble.dead = True
        with pytest.raises((http.client.HTTPException, OSError)):
            connect(bed, name="quiet").get("/readyz")
        host.trouble.dead, host.trouble.hang = False, True
        with pytest.raises(TimeoutError):
            connect(bed, name="quiet", timeout=0.5).get("/readyz")

    def test_a_mute_one_lies(self, connect: Connect, bed: WireBed, host: Host) -> None:
        host.trouble.mute = True
        bed.api("quiet").create(objects.NODES, objects.node("unheard"))
        line = connect(bed, name="quiet", timeout=0.5)
        assert line.get("/readyz").read() == b"ok"
        with pytest.raises(TimeoutError):
            line.events("/api/v1/nodes?watch=1&resourceVersion=1000", 1)

    def test_a_cut_watch_ends_after_it_spoke(self, connect: Connect, bed: WireBed, host: Host) -> None:
        host.trouble.cut = True
        version = bed.api("quiet").get(objects.NODES)["metadata"]["resourceVersion"]
        bed.api("quiet").create(objects.NODES, objects.node("last-word"))
        answer = connect(bed, name="quiet").get(f"/api/v1/nodes?watch=1&resourceVersion={version}")
        assert json.loads(answer.read().splitlines()[0])["object"]["metadata"]["name"] == "last-word"


class TestHostile:
    def test_bytes_that_are_no_text_go_over_the_wire(self, connect: Connect, harm: WireBed) -> None:
        line = connect(harm, name="hostile", token="demo-hostile")
        body = line.get("/api/v1/nodes").read()
        with pytest.raises(UnicodeDecodeError):
            body.decode()
        assert b"caf\xe9 \xff\xfe\x80" in body

    @pytest.mark.parametrize("family", [family for family in TEXTS if family != "bytes"])
    def test_every_family_is_in_every_text(self, connect: Connect, harm: WireBed, family: str) -> None:
        body = connect(harm, name="hostile", token="demo-hostile").get("/api/v1/nodes").read()
        nodes = json.loads(body.decode("utf-8", "surrogateescape"))["items"]
        (node,) = [each for each in nodes if each["metadata"]["name"].startswith(f"node-{family}-")]
        text = TEXTS[family]
        info = node["status"]["nodeInfo"]
        for said in (node["metadata"]["name"], node["metadata"]["uid"], str(node["metadata"]["labels"]),
                     info["kubeletVersion"], info["osImage"], info["kernelVersion"],
                     node["status"]["addresses"][0]["address"], node["spec"]["taints"][0]["key"]):  # fmt: skip
            assert text in said or repr(text)[1:-1] in said

    def test_a_refusal_can_be_hostile_too(self, connect: Connect, harm: WireBed) -> None:
        line = connect(harm, name="hostile-refusal", token="demo-hostile-refusal")
        answer = line.get("/api/v1/nodes")
        assert answer.status == 500
        assert b"\\u001b[2J" in answer.read()


def test_a_body_that_is_no_json_is_a_bad_request(bed: WireBed) -> None:
    with pytest.raises(ApiError) as refused:
        bed.api().request("PATCH", f"{objects.NODES}/n1", "text", content="application/merge-patch+json")
    assert refused.value.code == 400


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda api: api.request(method="PUT", path=f"{objects.NODES}/n1", body={}), 405),
        (lambda api: api.request(method="PATCH", path=f"{objects.NODES}/n1", body={}), 415),
        (lambda api: api.request(method="POST", path=objects.NODES, body={"metadata": {"name": "n1"}}), 409),
        (lambda api: api.request(method="DELETE", path=f"{objects.NODES}/n9"), 404),
    ],
)
def test_what_is_not_served(bed: WireBed, call: Any, code: int) -> None:
    with pytest.raises(ApiError) as refused:
        call(bed.api())
    assert refused.value.code == code


def test_the_kubeconfig_is_private(bed: WireBed) -> None:
    assert Path(bed.kubeconfig).stat().st_mode & 0o077 == 0
