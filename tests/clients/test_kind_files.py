"""Kinds of clusters as files: those that ship are valid and mean what the server understands; a mistake in one's own is
told with its line and the fix, and costs only that kind."""

import re
import subprocess
from pathlib import Path

import msgspec
import pytest
import yaml

from fleetui.clients.kind_files import KindError, parse_kind, read_kinds
from fleetui.clients.paths import shipped_kinds
from fleetui.model.health.promql import Scope
from fleetui.model.health.replication_kind import (
    BacklogRule,
    FigureRule,
    Kind,
    LinkRule,
    RoleRule,
    SecondsRule,
    Steps,
)
from fleetui.model.health.replication_queries import all_queries, presence
from tests.bed import packages

SHIPPED = read_kinds(shipped_kinds(), Path("/nowhere"))

LEAST = """
name: mine
title: Mine
exporter: mine_exporter
marker: mine_up
role:
  query: max by ($by) (mine_replica)
  values: {0: primary, 1: replica}
link:
  own: max by ($by) (mine_link)
seconds:
  query: max by ($by) (mine_lag)
"""


def test_every_kind_that_ships_is_valid_and_named_like_its_file() -> None:
    assert SHIPPED.faults == ()
    assert [kind.name for kind in SHIPPED.kinds] == sorted(path.stem for path in shipped_kinds().glob("*.yaml"))
    assert len(SHIPPED.kinds) >= 17


@pytest.mark.parametrize("name", ["cassandra", "ceph", "galera", "kafka-brokers", "slurm"])
def test_a_kind_with_a_state_alone_has_no_lag_to_make_up(name: str) -> None:
    (kind,) = (kind for kind in SHIPPED.kinds if kind.name == name)
    assert (kind.role, kind.seconds, kind.backlog) == (None, None, None)


@pytest.mark.parametrize("scope", [Scope("cluster"), Scope("", "replica")], ids=["shared", "own"])
def test_prometheus_parses_every_query(tmp_path: Path, scope: Scope) -> None:
    packages.ensure()
    queries = [presence(SHIPPED.kinds), *all_queries(SHIPPED.kinds)]
    rules = [
        {"record": f"q:{number}", "expr": scope.fill(query), "labels": {"of": query.id}}
        for number, query in enumerate(queries)
    ]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "kinds", "rules": rules}]}))
    done = subprocess.run(
        [packages.program("promtool"), "check", "rules", str(tmp_path / "rules.yaml")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert f"{len(rules)} rules found" in done.stdout


def test_the_least_that_a_kind_needs() -> None:
    kind = parse_kind(LEAST, where="mine.yaml")
    assert (kind.seconds and kind.seconds.amber, kind.group, kind.instance) == (5.0, ("namespace",), ("instance",))


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("name: mine", "name: My Kind", "2: name: 'My Kind' is no name"),
        ("marker: mine_up", "marker: mine_up == 1", "5: marker: 'mine_up == 1' is no metric's name"),
        ("(mine_lag)", "(mine_lag", "12: seconds.query: has a ( that is not closed"),
        ("(mine_lag)", "(mine_lag))", "12: seconds.query: has a ) that nothing opens"),
        ("(mine_lag)", "(mine_lag[$window])", "$window is not known; there are $by, $group and $w"),
        ("(mine_lag)", '(mine_lag{a="b})', "has a quote that is not closed"),
        ("max by ($by) (mine_lag)", "max(mine_lag)", "has no $by: write max by ($by) (...)"),
        ("  own: max by ($by) (mine_link)", "  broken: gone", "9: link: write own or seen"),
        ("link:\n  own: max by ($by) (mine_link)\n", "", "link: is missing: a lag of 0 says nothing"),
        ("{0: primary, 1: replica}", "{0: primary, 1: standby}", "8: role.values"),
        ("seconds:", "writes: rate(x[1m])\nseconds:", "11: writes: has no $group"),
        ("  query: max by ($by) (mine_lag)", "  quary: x", "12: seconds.quary: no such field"),
        ("title: Mine", "title: 3", "3: title: Expected `str`, got `int`"),
        ("title: Mine", "title: Mine\ntitle: Mine", "is said twice; keep one"),
        ("seconds:", "seconds:\n  amber: 60", "red: is below amber"),
        ("title: Mine", "title: Mine\ngroup: [a-b]", "4: group.0: 'a-b' is no label's name"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_fix(was: str, now: str, said: str) -> None:
    assert was in LEAST
    with pytest.raises(KindError) as error:
        parse_kind(LEAST.replace(was, now), where="mine.yaml")
    assert str(error.value).startswith("mine.yaml")
    assert said in str(error.value)


def test_a_kind_that_can_be_judged_by_nothing_is_refused() -> None:
    bare = "name: x\ntitle: X\nexporter: x\nmarker: x\nfigures: [{id: a, title: A, query: max by ($by) (x)}]"
    with pytest.raises(KindError, match="nothing here can be judged"):
        parse_kind(bare, where="x.yaml")


def test_ones_own_file_replaces_what_ships_and_a_wrong_one_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "redis.yaml").write_text(LEAST.replace("name: mine", "name: redis"))
    (tmp_path / "wrong.yaml").write_text("name: wrong\n")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe")
    found = read_kinds(shipped_kinds(), tmp_path)
    assert {kind.name: kind.title for kind in found.kinds}["redis"] == "Mine"
    assert len(found.kinds) == len(SHIPPED.kinds)
    assert [fault.word for fault in found.faults] == ["kind bytes", "kind wrong"]
    assert "wrong.yaml" in found.faults[1].detail
    assert "title" in found.faults[1].detail


DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "kinds.md"


def test_the_document_names_every_field_and_its_example_is_a_kind() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    example = text.partition("```yaml\n")[2].partition("```")[0]
    assert parse_kind(example, where="kinds.md").name == "mydb"
    rules = (Kind, RoleRule, LinkRule, SecondsRule, BacklogRule, FigureRule, Steps)
    named = {field.name for rule in rules for field in msgspec.structs.fields(rule)}
    missing = {name for name in named if not re.search(rf"[`.]{name}[`.: ]|\b{name}:", text)}
    assert missing == set()
