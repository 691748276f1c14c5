"""A board of panels: the worst figure in a word, and every empty cell with its reason; unknown is never calm."""

from fleetui.model.cluster import Health
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health import controlplane
from fleetui.model.health.answers import Answers
from fleetui.model.health.controlplane import AVAILABLE, CPU, ERRORS, NOT_READY, PANELS, SCHEDULING
from fleetui.model.health.panel_board import PanelRow, panel_board
from fleetui.model.health.panels import RULES, Panel, chosen, presence
from fleetui.model.health.promql import Scope
from fleetui.model.health.slo_objectives import objective_of
from tests.model.health.panel_answers import NOW, answers, vector

WELL = {"availability": {"a": 1.0}, "errors": {"a": 0.0}, "not_ready": {"a": 0.0}}
SILENT = Fault(FaultKind.TIMEOUT, "no answer", "no answer within 10 s", "")


def row(*said: Answers, now: float = NOW, roster: tuple[str, ...] = ("a",)) -> PanelRow:
    return next(each for each in panel_board(PANELS, said, roster, now=now, needed=controlplane.NEEDED))


def test_within_limits() -> None:
    found = row(answers(WELL))
    assert (found.level, found.word, found.reason) == (Health.CALM, "within limits", "")


def test_the_worst_figure_is_the_word_and_the_others_are_in_the_reason() -> None:
    found = row(answers(WELL | {"not_ready": {"a": 2.0}, "errors": {"a": 0.25}}))
    assert (found.level, found.word) == (Health.BROKEN, "5xx 25%")
    assert found.reason == "5xx 25%, not Ready 2"


def test_what_nobody_scrapes_says_so_and_is_not_calm() -> None:
    found = row(answers({"availability": {"a": 1.0}, "errors": {"a": 0.0}}, jobs={"apiserver": 1.0}))
    assert (found.level, found.word) == (Health.UNKNOWN, "kube-state-metrics: not scraped")
    assert "install kube-state-metrics" in found.remedy
    cell = found.cell(NOT_READY.id)
    assert cell is not None
    assert (cell.text, cell.level) == ("not scraped", Health.UNKNOWN)


def test_an_empty_cell_says_why() -> None:
    told = answers(WELL, jobs={"apiserver": 1.0, "kube-state-metrics": 1.0, "kube-scheduler": 0.0})
    cells = {cell.panel: cell.text for cell in row(told).cells}
    assert cells[SCHEDULING.id] == "targets down"
    assert cells[CPU.id] == "not scraped"
    assert cells["writes"] == "not exported"
    refused = row(answers(WELL, faults={"reads": SILENT}))
    assert {cell.panel: cell.text for cell in refused.cells}["reads"] == "no answer"


def test_what_a_partial_answer_leaves_out_is_not_absent() -> None:
    cells = {cell.panel: cell.text for cell in row(answers(WELL, partial=True)).cells}
    assert cells["writes"] == "partial answer"


def test_stale_figures_keep_their_numbers_and_lose_their_verdict() -> None:
    found = row(answers(WELL, age_s=200))
    assert (found.level, found.word) == (Health.UNKNOWN, "stale 3m")
    cell = found.cell(ERRORS.id)
    assert cell is not None
    assert (cell.sample.value, cell.level) == (0.0, Health.UNKNOWN)


def test_a_source_that_stopped_answering_is_the_reason_once_its_words_are_old() -> None:
    told = answers(WELL, fault=SILENT)
    assert row(told).level is Health.CALM
    later = row(told, now=NOW + 300)
    assert later.level is Health.UNKNOWN
    assert "no answer within 10 s" in later.reason


def test_a_cluster_that_no_source_knows() -> None:
    found = panel_board(PANELS, [answers(WELL)], ["a", "b"], now=NOW)[1]
    assert (found.cluster, found.level, found.word) == ("b", Health.UNKNOWN, "not scraped")
    assert {cell.level for cell in found.cells} == {Health.UNKNOWN}


def test_of_two_sources_the_younger_view_counts() -> None:
    old = answers(WELL | {"errors": {"a": 0.5}}, age_s=60, source="frozen")
    found = row(old, answers(WELL))
    assert (found.source, found.level) == ("central", Health.CALM)


def test_no_traffic_is_idle_and_never_zero() -> None:
    cell = row(answers(WELL | {"errors": {"a": float("nan")}})).cell(ERRORS.id)
    assert cell is not None
    assert (cell.text, cell.sample.value) == ("idle", None)


def test_a_figure_names_whose_it_is() -> None:
    told = answers(WELL)
    busy = vector(({"cluster": "a", "flow_schema": "probes"}, 900.0))
    found = row(Answers(source="central", replies={**told.replies, "client": busy}))
    assert (found.level, found.word) == (Health.WARNING, "asks 900 /s probes")


def _text(panel: Panel, told: Answers) -> str:
    return chosen([panel], told)[0].text


def test_recording_rules_are_used_where_they_are_and_raw_series_where_they_are_not() -> None:
    told = answers({"errors": {"a": 0.0, "b": 0.0}})
    (asked,) = presence([ERRORS, AVAILABLE])
    assert (asked.id, ERRORS.rule in asked.text) == (RULES, True)
    assert _text(ERRORS, told) == ERRORS.promql
    here = {"cluster": "a", "__name__": ERRORS.rule}
    some = Answers(source="s", replies={**told.replies, RULES: vector((here, 9.0))})
    assert _text(ERRORS, some) == f"({ERRORS.recorded}) or ({ERRORS.promql})"
    everywhere = vector((here, 9.0), ({**here, "cluster": "b"}, 9.0))
    every = Answers(source="s", replies={**told.replies, RULES: everywhere})
    assert _text(ERRORS, every) == ERRORS.recorded
    nobodys = vector(*((point.labels, 1.0) for point in told.points("targets")), ({"job": "stray"}, 1.0))
    stray = Answers(source="s", replies={**every.replies, "targets": nobodys})
    assert _text(ERRORS, stray) == ERRORS.recorded, "a target of no cluster has no rules to miss"
    assert presence([AVAILABLE]) == ()


def test_our_own_recording_rules_count_where_the_usual_ones_are_not() -> None:
    panel = objective_of("api-errors").panel("1h")
    told = answers({panel.id: {"a": 0.0}})
    assert panel.own in presence([panel])[0].text

    def with_rules(*names: str) -> Answers:
        there = vector(*(({"cluster": "a", "__name__": name}, 1.0) for name in names))
        return Answers(source="s", replies={**told.replies, RULES: there})

    assert _text(panel, with_rules(panel.own)) == f"max by ($per) ({panel.own})"
    assert _text(panel, with_rules(panel.own, panel.rule)) == panel.recorded


def test_the_two_of_a_pair_are_not_added_up() -> None:
    text = Scope("cluster", "replica").fill(NOT_READY.query)
    assert text.startswith("sum by (cluster, replica)")
    told = answers(WELL)
    pair = vector(*(({"cluster": "a", "replica": one}, 1.0) for one in "xy"))
    found = row(Answers(source="s", replica_label="replica", replies={**told.replies, NOT_READY.id: pair}))
    assert found.value(NOT_READY.id) == 1.0


def test_every_panel_has_a_target_a_sentence_and_an_id_of_its_own() -> None:
    assert len({panel.id for panel in PANELS}) == len(PANELS)
    for panel in PANELS:
        assert panel.limit is not None, panel.id
        assert panel.limit.source, panel.id
        assert panel.doc.endswith("."), panel.id
