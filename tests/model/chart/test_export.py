"""A chart to keep: the same values and the same gaps, whatever it is written as."""

import json
from datetime import UTC
from xml.etree import ElementTree as ET

from fleetui.model.chart import export
from fleetui.model.chart.drawing import Look
from fleetui.model.fault import Fault, FaultKind
from tests.model.chart.samples import chart, of

SVG = "{http://www.w3.org/2000/svg}"
LOOK = Look(cells=80, lines=20, zone=UTC)


def test_json_has_every_value_and_null_where_there_was_no_sample() -> None:
    found = json.loads(export.json(chart(of([0.25, None, float("inf")]))))
    assert found["moments"] == ["2026-11-18T11:58:00Z", "2026-11-18T11:59:00Z", "2026-11-18T12:00:00Z"]
    (curve,) = found["curves"]
    assert curve["values"] == [0.25, None, None]
    assert curve["labels"] == {"cluster": "prod-1", "instance": "cp-a"}
    assert (found["chart"], found["unit"], found["stepSeconds"]) == ("controlplane/writes", "s", 60)
    assert (found["limit"]["amber"], found["limit"]["falling"]) == (1.0, False)
    assert found["why"] is None


def test_json_of_nothing_says_why() -> None:
    found = json.loads(export.json(chart()))
    assert found["curves"] == []
    assert "no sample" in found["why"]


def test_svg_lifts_the_pen_at_a_gap() -> None:
    root = ET.fromstring(export.svg(chart(of([0.2, 0.3, None, 0.4, 0.5, None, 0.1])), UTC))
    assert [len(line.get("points", "").split()) for line in root.iter(f"{SVG}polyline")] == [2, 2]
    assert len(list(root.iter(f"{SVG}circle"))) == 1


def test_svg_has_limits_ticks_and_a_legend_and_no_name_gets_out_of_its_text() -> None:
    found = chart(of([0.9, 0.8], name="<script>&"), of([0.1, 0.2], name="cp-b"))
    root = ET.fromstring(export.svg(found, UTC))
    words = [text.text or "" for text in root.iter(f"{SVG}text")]
    assert any("<script>&" in word for word in words)
    assert {"a", "b", "1 s"} <= set(words)
    assert len([path for path in root.iter(f"{SVG}path") if path.get("stroke-dasharray")]) == 1
    assert {child.tag for child in root.iter()} <= {
        f"{SVG}{name}" for name in ("svg", "rect", "text", "line", "path", "polyline", "circle")
    }


def test_text_says_who_did_not_answer() -> None:
    fault = Fault(FaultKind.TIMEOUT, "no answer", "prom-b is silent for 10 s", "")
    said = export.text(chart(of([0.1, 0.2]), faults=(("prom-b", fault),)), LOOK)
    assert "Wed 18 Nov 11:59:00 to Wed 18 Nov 12:00:00, every 60s" in said
    assert "prom-b did not answer: no answer: prom-b is silent" in said


def test_text_of_nothing_says_why() -> None:
    assert "central has no sample" in export.text(chart(), LOOK)
