"""Rules with their alerts out of an answer's bytes: harmless, and nothing read twice."""

import json
from math import isnan

import msgspec
import pytest

from fleetui.clients.monitoring.pieces import FEW, Pieces
from fleetui.clients.prometheus.rules_body import RulesBody


def data(*alerts: dict[str, object], **rule: object) -> msgspec.Raw:
    said = {"type": "alerting", "name": "Broken", "query": "up == 0", "duration": 60, "health": "ok"}
    group = {"name": "g", "file": "f", "interval": 30, "rules": [said | rule | {"alerts": alerts}]}
    return msgspec.Raw(json.dumps({"groups": [group]}).encode())


def entry(number: int = 1, value: str = "1e+00", **more: object) -> dict[str, object]:
    labels = {"node": f"wk-{number}", "alertname": "Broken", "empty": ""}
    return {
        "labels": labels, "annotations": {"summary": "two\nlines"}, "state": "firing",
        "activeAt": "2026-11-22T00:09:34.164546259Z", "value": value,
    } | more  # fmt: skip


def test_a_rule_and_its_alerts_are_what_was_said() -> None:
    (rule,) = RulesBody().rules(data(entry(), entry(2, "NaN", activeAt=None), labels={"severity": "page"}))
    first, second = rule.alerts
    assert (rule.name, rule.kind, rule.query, rule.hold_s, rule.interval_s) == ("Broken", "alerting", "up == 0", 60, 30)
    assert rule.labels == (("severity", "page"),)
    assert first.labels == (("alertname", "Broken"), ("node", "wk-1"))
    assert (first.annotations, first.state, first.value) == ((("summary", "two lines"),), "firing", 1.0)
    assert first.active_at == pytest.approx(1_795_306_174.16, abs=0.1)
    assert second.active_at is None
    assert isnan(second.value)


def test_of_the_next_poll_only_what_is_new_is_read() -> None:
    body = RulesBody()
    ((first, second),) = (rule.alerts for rule in body.rules(data(entry(1), entry(2))))
    ((again, other),) = (rule.alerts for rule in body.rules(data(entry(1, "2e+00"), entry(3))))
    assert again.labels is first.labels
    assert again.annotations is first.annotations
    assert (first.value, again.value) == (1.0, 2.0)
    assert other.labels == (("alertname", "Broken"), ("node", "wk-3"))
    assert second.labels != other.labels


def test_hostile_labels_are_made_harmless() -> None:
    hostile = {"alertname": "A\x1b]0;x\x07", "long": "x" * 5_000, "e\u0301": "ü"}
    (rule,) = RulesBody().rules(data(entry(labels=hostile, annotations={"summary": "a\x1b[2Jb"}, state="\x1bfiring")))
    (alert,) = rule.alerts
    assert "\x1b" not in str(alert)
    assert max(len(value) for _, value in alert.labels) <= 1_024
    assert dict(alert.labels)["e\u0301"] == "ü"


@pytest.mark.parametrize("broken", [{"labels": ["x"]}, {"labels": {"a": 1}}, {"annotations": "x"}, {"value": "x"}])
def test_what_is_no_alert_is_a_broken_answer(broken: dict[str, object]) -> None:
    with pytest.raises(msgspec.DecodeError):
        RulesBody().rules(data(entry(**broken)))


def test_pieces_that_nobody_says_any_more_are_forgotten() -> None:
    read: list[bytes] = []
    pieces = Pieces(lambda piece: (read.append(piece), piece)[1])
    first = msgspec.Raw(b"0")
    for number in range(FEW + 2):
        pieces.of(msgspec.Raw(str(number).encode()))
    pieces.tidy(1)
    pieces.of(first)
    assert read.count(b"0") == 1
    pieces.of(msgspec.Raw(b"one more"))
    pieces.tidy(1)
    pieces.of(first)
    assert read.count(b"0") == 2
