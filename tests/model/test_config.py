"""Which clusters a session connects to, and what the configuration says about each."""

import pytest

from fleetui.model.config import CONNECT_ALL_UP_TO, ClusterConfig, Config, chosen

FEW = ("prod-1", "prod-2", "edge-1")
MANY = tuple(f"edge-{n}" for n in range(CONNECT_ALL_UP_TO + 1))


@pytest.mark.parametrize(
    ("config", "contexts", "expected"),
    [
        pytest.param(Config(), FEW, set(FEW), id="auto connects few"),
        pytest.param(Config(), MANY, {"edge-0"}, id="auto connects only the current of many"),
        pytest.param(
            Config(clusters={"edge-7": ClusterConfig(favourite=True)}), MANY, {"edge-0", "edge-7"}, id="favourites too"
        ),
        pytest.param(Config(connect="all"), MANY, set(MANY), id="all"),
        pytest.param(Config(connect="none"), FEW, set(), id="none"),
        pytest.param(Config(connect="prod-*"), FEW, {"prod-1", "prod-2"}, id="one pattern"),
        pytest.param(Config(connect=("prod-1", "edge-*")), FEW, {"prod-1", "edge-1"}, id="patterns"),
        pytest.param(
            Config(connect="all", clusters={"prod-*": ClusterConfig(connect=False)}), FEW, {"edge-1"}, id="said off"
        ),
        pytest.param(
            Config(connect="none", clusters={"prod-2": ClusterConfig(connect=True)}), FEW, {"prod-2"}, id="said on"
        ),
    ],
)
def test_chosen(config: Config, contexts: tuple[str, ...], expected: set[str]) -> None:
    assert chosen(config, contexts, current="edge-0") == expected


def test_an_exact_key_beats_a_pattern_that_stands_before_it() -> None:
    config = Config(clusters={"prod-*": ClusterConfig(tier="gold"), "prod-2": ClusterConfig(tier="lead")})
    assert [config.cluster(name).tier for name in FEW] == ["gold", "lead", ""]


def test_display_name_and_tags() -> None:
    config = Config(clusters={"ctx": ClusterConfig(name="east", environment="prod", labels={"b": "2", "a": "1"})})
    assert (config.display_name("ctx"), config.display_name("other")) == ("east", "other")
    assert config.tags("ctx").labels == (("a", "1"), ("b", "2"))
    assert config.tags("ctx").environment == "prod"
