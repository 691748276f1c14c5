"""Names on the command line become machines frozen by uid, or a message that says what to add."""

import pytest

from fleetui.cli.targets import TargetError, parse_options, resolve
from fleetui.model.machine import Machine
from fleetui.model.operation import Target


def machine(name: str, cluster: str) -> Machine:
    return Machine(uid=f"{cluster}-{name}-uid", name=name, cluster=cluster, status="Ready")


MACHINES = (machine("w1", "east"), machine("w2", "east"), machine("w1", "west"), machine("w3", "west"))


@pytest.mark.parametrize(
    ("names", "cluster", "expected"),
    [
        (["w2"], None, ("east", ["w2"])),
        (["w2", "w1"], None, ("east", ["w2", "w1"])),
        (["w1"], "west", ("west", ["w1"])),
        (["w2", "w2"], None, ("east", ["w2"])),
    ],
)
def test_resolves(names: list[str], cluster: str | None, expected: tuple[str, list[str]]) -> None:
    where, targets = resolve(MACHINES, names, cluster=cluster)
    assert (where, targets) == (expected[0], tuple(Target(name=n, uid=f"{where}-{n}-uid") for n in expected[1]))


@pytest.mark.parametrize(
    ("names", "cluster", "message"),
    [
        (["w9"], None, "no machine w9 in any connected cluster"),
        (["w2"], "west", "no machine w2 in cluster west"),
        (["w1"], None, "exist in east, west: say --cluster"),
        (["w2", "w3"], None, "different clusters"),
    ],
)
def test_says_what_to_add(names: list[str], cluster: str | None, message: str) -> None:
    with pytest.raises(TargetError, match=message):
        resolve(MACHINES, names, cluster=cluster)


def test_options_keep_their_types() -> None:
    options = parse_options(["grace_s=-1", "force=true", "note=a=b"])
    assert options == (("force", True), ("grace_s", -1), ("note", "a=b"))


@pytest.mark.parametrize("pair", ["force", "=true"])
def test_an_option_without_a_value_is_refused(pair: str) -> None:
    with pytest.raises(TargetError, match="write KEY=VALUE"):
        parse_options([pair])
