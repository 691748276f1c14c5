"""The configured defaults of operations, as options that the operations know."""

import pytest

from fleetui.control.mutes import OPTION
from fleetui.control.operation_kind import read_options
from fleetui.control.registry import load_registry
from fleetui.model.alerts.maintenance import CAUSED
from fleetui.model.config import OperationsConfig
from fleetui.model.defaults import default_options

CONFIGURED = OperationsConfig(max_parallel=3, drain_timeout="30m", grace="1m30s")


@pytest.mark.parametrize(
    ("config", "options"),
    [
        (OperationsConfig(), (("grace_s", -1), ("max_parallel", 1), ("timeout_s", 0))),
        (CONFIGURED, (("grace_s", 90), ("max_parallel", 3), ("timeout_s", 1800))),
        (OperationsConfig(grace="0s"), (("grace_s", 0), ("max_parallel", 1), ("timeout_s", 0))),
    ],
)
def test_what_is_configured_is_what_a_drain_gets(
    config: OperationsConfig, options: tuple[tuple[str, int], ...]
) -> None:
    assert default_options("drain", config) == options


def test_where_an_alertmanager_is_configured_operations_mute_what_they_cause() -> None:
    assert {"drain", "etcd-defragment", "etcd-move-leader"} == set(CAUSED)
    for name, kind in load_registry().items():
        given = default_options(name, OperationsConfig(), mutes=True)
        assert given == tuple(sorted(given))
        assert read_options(kind, given).get(OPTION) is (True if name in CAUSED else None)


def test_every_kind_accepts_its_defaults() -> None:
    for name, kind in load_registry().items():
        given = default_options(name, CONFIGURED)
        assert dict(given).items() <= read_options(kind, given).items()
        assert given == tuple(sorted(given))


def test_without_a_configuration_the_operations_own_defaults_hold() -> None:
    for name, kind in load_registry().items():
        assert read_options(kind, default_options(name, OperationsConfig())) == read_options(kind, ())


def test_a_cordon_has_nothing_to_configure() -> None:
    assert default_options("cordon", CONFIGURED) == ()


@pytest.mark.parametrize("config", [OperationsConfig(grace="soon"), OperationsConfig(drain_timeout="a while")])
def test_a_duration_that_cannot_be_read_is_said(config: OperationsConfig) -> None:
    with pytest.raises(ValueError, match=r"soon|a while"):
        default_options("drain", config)
