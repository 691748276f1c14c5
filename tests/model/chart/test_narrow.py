"""An expression is asked of the clusters that are seen: each selector of it gets the matcher, and nothing else does."""

import re

import pytest

from fleetui.model.chart.catalogue import BOARDS
from fleetui.model.chart.narrow import narrowed
from fleetui.model.chart.tokens import joined, tokens
from fleetui.model.health.promql import Query, Scope

ONE = {"cluster": ("eu-1",)}


@pytest.mark.parametrize(
    ("expression", "asked"),
    [
        ("up", 'up{cluster="eu-1"}'),
        ("up{}", 'up{cluster="eu-1"}'),
        ('up{job="x",}', 'up{job="x",cluster="eu-1"}'),
        ('{__name__=~"a|b"}', '{__name__=~"a|b",cluster="eu-1"}'),
        ("rate(a_total[5m] offset 1h)", 'rate(a_total{cluster="eu-1"}[5m] offset 1h)'),
        ("sum by (cluster, le) (a)", 'sum by (cluster, le) (a{cluster="eu-1"})'),
        ("sum(a) without (job)", 'sum(a{cluster="eu-1"}) without (job)'),
        ("a / on (x) group_left (y) b", 'a{cluster="eu-1"} / on (x) group_left (y) b{cluster="eu-1"}'),
        ("a > bool 1 and b unless c", 'a{cluster="eu-1"} > bool 1 and b{cluster="eu-1"} unless c{cluster="eu-1"}'),
        ('a{x="}\\"{"} # up', 'a{x="}\\"{",cluster="eu-1"} # up'),
        ("topk by ($per) (1, job:a:rate5m)", None),
        ("1e3 * time() - Inf", "1e3 * time() - Inf"),
        ("max_over_time((a > 0)[1h:5m])", 'max_over_time((a{cluster="eu-1"} > 0)[1h:5m])'),
    ],
)
def test_every_selector_is_narrowed_and_nothing_else(expression: str, asked: str | None) -> None:
    if asked is None:
        with pytest.raises(ValueError, match="no PromQL"):
            narrowed(expression, ONE)
    else:
        assert narrowed(expression, ONE) == asked


def test_several_values_are_one_pattern_in_which_nothing_has_a_meaning() -> None:
    found = narrowed("up", {"cluster": ("b.c", "a+"), "instance": ("10.0.0.1:9",)})
    assert found == 'up{cluster=~"a\\\\+|b\\\\.c",instance="10.0.0.1:9"}'


def test_without_anything_wanted_it_stays() -> None:
    assert narrowed("up", {}) == "up"


@pytest.mark.parametrize("subject", [s for found in BOARDS.values() for s in found.values()], ids=lambda s: s.id)
def test_every_figure_of_ours_can_be_narrowed(subject) -> None:
    text = Scope("cluster", "replica", subject.jobs, 120).fill(Query(subject.id, subject.row_query))
    assert joined(tokens(text)) == text
    found = narrowed(text, ONE)
    assert found.count('cluster="eu-1"') >= 1
    assert re.search(r"\$[a-z]", found) is None
