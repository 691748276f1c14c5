"""A plan on the plain line: trouble first, what passed counted, the words of the dialog, the options listed."""

import msgspec
import pytest

from fleetui.cli.arguments import parse
from fleetui.cli.plan_text import plan_lines
from fleetui.control.registry import load_registry
from fleetui.model.operation import Blast, Check, Outcome, Plan, Severity
from tests.control.samples import plan


def _check(title: str, severity: Severity, outcome: Outcome = Outcome.FAIL, remedy: str = "") -> Check:
    return Check(title, title, severity, outcome, "seen so", "GET /x", 5.0, "wk-b-01", remedy)


def _mixed() -> Plan:
    checks = (
        _check("quiet", Severity.BLOCK, Outcome.OK),
        _check("blind", Severity.WARN, Outcome.UNKNOWN),
        _check("minor", Severity.WARN),
        _check("budgets", Severity.FORCE, remedy="add a replica"),
        _check("rights", Severity.BLOCK),
        _check("calm", Severity.INFO, Outcome.OK),
    )
    return msgspec.structs.replace(plan(), checks=checks)


def test_trouble_comes_first_with_its_remedy_and_what_passed_is_counted() -> None:
    said = list(plan_lines(_mixed()))
    start = said.index("checks:")
    assert said[start : said.index("steps:")] == [
        "checks:",
        "  blocked wk-b-01: rights: seen so",
        "  at risk wk-b-01: budgets: seen so",
        "          add a replica",
        "  warn    wk-b-01: minor: seen so",
        "  unknown wk-b-01: blind: seen so",
        "  2 passed (-o wide lists them)",
    ]


def test_wide_lists_what_passed_and_where_it_was_seen() -> None:
    said = list(plan_lines(_mixed(), wide=True))
    assert "  ok      wk-b-01: calm: seen so  [GET /x]" in said
    assert not any("passed" in line for line in said)
    assert any(line.endswith("stay kube-system/agent  DaemonSet") for line in said)


def test_pods_that_move_are_listed_and_those_that_stay_are_counted() -> None:
    said = list(plan_lines(plan(pods=1)))
    assert said[0].startswith("drain 1 machine in ")
    assert "moves 1 pod" in said
    assert "      move payments/api-0  runs here" in said
    assert "      1 stay (-o wide lists them)" in said


def test_what_is_unknown_is_no_number() -> None:
    unread = msgspec.structs.replace(plan(), blast=Blast(None))
    said = list(plan_lines(unread))
    assert "moves ? pods" in said
    assert "capacity left ? (needs ?)" in said


@pytest.mark.parametrize("command", ["plan", "run"])
def test_the_help_lists_every_option_with_its_default(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse([command, "--help"])
    below = capsys.readouterr().out.partition("options of drain")[2]
    listed = {word for word in below.split() if "=" in word and word[0].islower()}
    known = [option for kind in load_registry().values() for option in kind.options]
    assert listed == {f"{option.name}={str(option.default).lower()}" for option in known}
