"""Label selectors mean what the API server takes them to mean, and other conditions hold beside them."""

from urllib.parse import quote

import pytest

from fleetui.cli.question import asked
from fleetui.cli.select import SelectionError, select
from fleetui.cli.selector import SelectorError, selector
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.model.table.columns_machine import MACHINES
from fleetui.model.table.columns_pod import PODS
from fleetui.model.table.scope import concerned
from tests.bed import objects
from tests.bed.cluster import BedCluster

LABELS = {
    "sel-1": {"pool": "gpu", "tier": "test"},
    "sel-2": {"pool": "gpu", "example.com/zone": "a"},
    "sel-3": {"pool": "cpu", "example.com/zone": "b", "empty": ""},
    "sel-4": {},
}
ROWS = [
    Machine(uid=name, name=name, cluster="east", status="Ready", labels=tuple(labels.items()))
    for name, labels in LABELS.items()
]


def names(words: list[str], **options: str) -> list[str]:
    chosen = select(MACHINES, ROWS, kept=asked(MACHINES, words, **options), now=0).rows
    return [row.name for row in chosen if isinstance(row, Machine)]


@pytest.mark.bed
@pytest.mark.parametrize(
    "text",
    [
        "pool=gpu",
        "pool==gpu",
        "pool!=gpu",
        "pool = gpu , tier != test",
        "pool",
        "!pool",
        "pool in (gpu,cpu)",
        "pool in (gpu), tier notin (test, prod)",
        "example.com/zone in (b)",
        "pool notin (gpu,cpu)",
        "empty=",
        "pool=gpu,!tier",
        "",
    ],
)
def test_it_means_what_the_server_takes_it_to_mean(bed_cluster: BedCluster, text: str) -> None:
    api = bed_cluster.api()
    present = {item["metadata"]["name"] for item in api.get(objects.NODES)["items"]}
    for name, labels in LABELS.items():
        if name not in present:
            api.create(objects.NODES, objects.node(name, labels=labels, kubelet=False))
    answered = api.get(f"{objects.NODES}?labelSelector={quote(text)}")["items"]
    expected = {item["metadata"]["name"] for item in answered} & LABELS.keys()
    assert set(names([], labels=text)) == expected


@pytest.mark.parametrize("text", ["pool in gpu", "pool in (gpu", "=gpu", "pool>3", "a b", "pool=gpu,", "pool=(a)"])
def test_what_cannot_be_read_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(SelectorError, match=r"key in \(a,b\)"):
        selector(text)
    with pytest.raises(SelectionError):
        asked(MACHINES, labels=text)


def test_labels_hold_for_both_sides_of_an_or() -> None:
    assert names(["sel-1", "or", "sel-3"]) == ["sel-1", "sel-3"]
    assert names(["sel-1", "or", "sel-3"], labels="pool=gpu") == ["sel-1"]


def test_a_name_is_exact_where_a_word_is_not() -> None:
    assert len(names(["sel"])) == 4
    assert names([], name="sel-1") == ["sel-1"]
    assert names([], name="sel") == names([], name="sel-*") == []


def test_a_namespace_is_of_pods() -> None:
    pods = [
        Pod(uid=name, name="api-0", namespace=name, cluster="east", status="Running") for name in ("pay", "payments")
    ]
    assert select(PODS, pods, kept=asked(PODS, namespace="pay"), now=0).rows == pods[:1]
    with pytest.raises(SelectionError, match="only pods have a namespace"):
        asked(MACHINES, namespace="pay")


def test_clusters_are_still_known_from_the_filter_beside_other_conditions() -> None:
    kept = asked(MACHINES, ["@east", "status=Ready"], labels="pool=gpu")
    assert concerned(kept.term, ("east", "west")) == {"east"}


@pytest.mark.parametrize("words", [["statuz=Ready"], ["age>soon"]])
def test_a_mistake_in_the_filter_is_a_mistake_of_the_selection(words: list[str]) -> None:
    with pytest.raises(SelectionError):
        asked(MACHINES, words)
