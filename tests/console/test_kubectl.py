"""The kubectl line says what the operation will do: a flag that is not meant is not there, one that is meant is."""

import shlex

import pytest

from fleetui.console.kubectl import for_intent
from fleetui.console.options import ABOUT_CELLS, offered, unusual
from fleetui.control.operations.drain import OPERATION
from fleetui.model.cluster import ClusterRef
from fleetui.model.config import OperationsConfig
from fleetui.model.defaults import default_options
from fleetui.model.operation import Intent, Option, Target

BARE = ["kubectl", "--context", "prod east", "drain", "wk-1"]


def drain(**options: Option) -> Intent:
    cluster = ClusterRef("prod", "prod east", uid="uid")
    return Intent("drain", cluster, (Target("wk-1", "uid-1"),), options=tuple(sorted(options.items())))


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        ({}, ["--ignore-daemonsets"]),
        (dict(default_options("drain", OperationsConfig())), ["--ignore-daemonsets"]),
        ({"ignore_daemonsets": False}, []),
        ({"grace_s": -1}, ["--ignore-daemonsets"]),
        ({"grace_s": 0}, ["--ignore-daemonsets", "--grace-period=0"]),
        ({"timeout_s": 0}, ["--ignore-daemonsets"]),
        ({"timeout_s": 900}, ["--ignore-daemonsets", "--timeout=900s"]),
        ({"skip_wait_unreachable_s": 60}, ["--ignore-daemonsets", "--skip-wait-for-delete-timeout=60"]),
        ({"force": True, "delete_emptydir_data": False}, ["--ignore-daemonsets", "--force"]),
        ({"delete_emptydir_data": True}, ["--ignore-daemonsets", "--delete-emptydir-data"]),
    ],
)
def test_a_drain_in_the_words_of_kubectl(options: dict[str, Option], flags: list[str]) -> None:
    assert shlex.split(for_intent(drain(**options))) == [*BARE, *flags]


def test_what_the_dialog_offers_is_what_the_drain_has() -> None:
    known = {option.name: option.default for option in OPERATION.options}
    shown = {option.key: option.usual for option in offered(drain())}
    assert shown == {name: default for name, default in known.items() if name not in ("ignore_daemonsets", "silence")}
    assert all(type(value) is type(known[key]) for key, value in shown.items())


def test_each_option_says_what_it_is_about_in_one_line() -> None:
    for option in offered(drain(silence=True)):
        assert 0 < len(option.about) <= ABOUT_CELLS


def test_muting_is_offered_where_an_alertmanager_is_configured() -> None:
    intent = drain(**dict(default_options("drain", OperationsConfig(), mutes=True)))
    assert [option.usual for option in offered(intent) if option.key == "silence"] == [True]
    assert unusual(intent) == ()
    assert unusual(drain(silence=False)) == ("its alerts heard",)
    assert "silence" not in {option.key for option in offered(drain())}


def test_a_configured_value_that_nobody_foresaw_can_stay() -> None:
    intent = drain(timeout_s=420, max_parallel=7, grace_s=-1)
    assert unusual(intent) == ("at once 7", "give up 7m")
    assert unusual(drain()) == ()
