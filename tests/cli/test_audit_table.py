"""The audit for people: each thing that was done once, with its outcome; what was not answered says so."""

import pytest

from fleetui.cli.audit_table import audit_table, outcome, told, what, who
from fleetui.control.audit import AuditLine


def line(event: str, **fields: object) -> AuditLine:
    said = {"op": "OP1", "at": 0.0, "user": "ana", "host": "bastion", "origin": "local", "kind": "drain"}
    return AuditLine(event=event, **(said | {"cluster": "east"} | fields))  # type: ignore[arg-type]


EVICT = {"verb": "POST", "object": "pod pay/api-0", "effect": "evict/pay/api-0/1"}
INTENDED, ANSWERED = line("effect-intended", **EVICT), line("effect-answered", **EVICT, outcome="done", code=201)


def test_an_effect_is_told_once_with_its_answer() -> None:
    assert told([INTENDED, ANSWERED]) == [ANSWERED]
    assert (who(ANSWERED), what(ANSWERED), outcome(ANSWERED)) == ("controller", "evict pod pay/api-0", "done 201")


def test_an_effect_without_an_answer_is_not_hidden() -> None:
    other = line("effect-answered", **{**EVICT, "effect": "e2"})
    assert told([INTENDED, other]) == [INTENDED, other]
    assert outcome(INTENDED) == "no answer was written down"


@pytest.mark.parametrize(
    ("event", "is_told"),
    [
        (line("plan-sealed"), False),
        (line("step-started", object="evict/w1"), False),
        (line("step-waiting"), False),
        (line("step-waiting", text="pdb pay/api: allows 0"), True),
        (line("step-done", object="evict/w1"), True),
        (line("abort"), True),
        (line("something-new"), True),
    ],
)
def test_only_what_machines_need_is_left_out(event: AuditLine, is_told: bool) -> None:
    assert (told([event]) == [event]) is is_told


def test_a_person_is_named_with_where_they_sat() -> None:
    assert who(line("approve")) == "ana@bastion"
    assert who(line("approve", origin="10.0.0.7")) == "ana@bastion from 10.0.0.7"


def test_the_end_says_how_it_ended() -> None:
    assert outcome(line("finished", outcome="failed", text="evict: refused")) == "failed: evict: refused"


def test_what_a_journal_says_forges_no_row() -> None:
    text = audit_table([line("submission", targets=("w1 uid",), reason="x\n1999 eve did it")])
    assert len(text.splitlines()) == 2
