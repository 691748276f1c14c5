"""The rows of service levels: promises that can be measured, and the needed ones with the reason why not."""

from fleetui.model import monitoring
from fleetui.model.cluster import Health
from fleetui.model.health.slo import WINDOWS, Call, Policy, exhaustion_text
from fleetui.model.health.slo_board import PANELS, SloRow, Sort, slo_board, usual_target
from fleetui.model.health.slo_objectives import FIGURES, OBJECTIVES, Objective
from fleetui.model.table.columns_slo import SLO
from tests.model.health.panel_answers import NOW, answers


def errors(objective: str, ratio: float, *, events: float = 100_000.0) -> dict[str, dict[str, float]]:
    return {f"{objective}:{window}": {"a": ratio} for window in WINDOWS} | {f"{objective}:events": {"a": events}}


def rows(figures: dict[str, dict[str, float]], **said: object) -> dict[str, SloRow]:
    found = slo_board([answers(figures)], ["a"], now=NOW, **said)  # type: ignore[arg-type]
    return {row.objective: row for row in found}


def test_a_budget_that_burns_pages_with_the_time_that_is_left() -> None:
    found = rows(errors("api-errors", 0.0) | {w: {"a": 0.02} for w in ("api-errors:5m", "api-errors:1h")})
    row = found["api-errors"]
    assert (row.call, row.level, row.word) == (Call.PAGE, Health.BROKEN, "gone in 36 h")
    assert row.burn is not None
    assert round(row.burn) == 20
    assert (row.left, row.value) == (1.0, 0.98)


def test_a_needed_promise_has_a_row_without_any_data_and_others_have_none() -> None:
    found = rows({"pod-ready": {"a": 1.0}})
    assert set(found) == {"availability", "api-errors", "pod-ready"}
    assert (found["availability"].level, found["availability"].word) == (Health.UNKNOWN, "not exported")


def test_a_cluster_that_no_source_knows_has_its_needed_rows() -> None:
    found = {row.key: row for row in slo_board([answers(errors("api-errors", 0.0))], ["a", "b"], now=NOW)}
    assert (found["b/availability"].level, found["b/availability"].word) == (Health.UNKNOWN, "not scraped")


def test_low_traffic_is_said() -> None:
    row = rows(errors("api-errors", 0.1, events=3))["api-errors"]
    assert (row.level, row.reason) == (Health.UNKNOWN, "3 requests in 1 h: no verdict")


def test_no_count_of_events_is_no_traffic_and_never_plenty() -> None:
    said = errors("api-errors", 0.1)
    del said["api-errors:events"]
    assert rows(said)["api-errors"].level is Health.UNKNOWN


def test_a_tier_has_its_own_target_and_a_session_its_policy() -> None:
    def strict(cluster: str, objective: Objective) -> float:
        return 0.9999 if cluster == "a" else usual_target(cluster, objective)

    said = errors("api-errors", 0.0008)
    assert rows(said)["api-errors"].call is Call.NOBODY
    assert rows(said, target=strict)["api-errors"].call is Call.PAGE
    spent = {f"api-errors:{window}": {"a": 0.0025} for window in ("1h", "30d")} | {"api-errors:5m": {"a": 0.0}}
    assert rows(errors("api-errors", 0.0) | spent)["api-errors"].call is Call.NOBODY
    assert rows(errors("api-errors", 0.0) | spent, policy=Policy.LOW_BUDGET)["api-errors"].call is Call.PAGE


def test_pages_stand_before_tickets_before_low_budgets_before_the_unknown_before_the_calm() -> None:
    """Although a ticket's figure may be red, and clusters' names say another order."""
    low = errors("api-errors", 0.0) | {"api-errors:30d": {"a": 0.0008}}
    page = {f"availability:{window}": {"z": 0.02} for window in ("5m", "1h", "30d")}
    red = {"pod-ready": {"b": 0.2}}
    found = slo_board([answers(low | page | red)], ["a", "b", "never", "z"], now=NOW)
    assert SLO.first is not None
    ranked = sorted(found, key=SLO.first)
    said = [(row.call, row.level) for row in ranked]
    first = {each: said.index(each) for each in said}
    order = sorted(first, key=lambda each: first[each])
    assert order[:4] == [
        (Call.PAGE, Health.BROKEN), (Call.TICKET, Health.BROKEN), (Call.NOBODY, Health.WARNING),
        (Call.UNKNOWN, Health.UNKNOWN),
    ]  # fmt: skip
    assert (ranked[0].cluster, ranked[1].objective) == ("z", "pod-ready")


def test_of_two_that_page_the_one_that_is_gone_sooner_stands_first() -> None:
    rows = [
        SloRow(cluster=name, objective="o", title="o", call=Call.PAGE, level=Health.BROKEN, gone_in_s=gone)
        for name, gone in (("a", None), ("b", 7_200.0), ("c", 60.0))
    ]
    assert SLO.first is not None
    assert [row.cluster for row in sorted(rows, key=SLO.first)] == ["c", "b", "a"]


def test_no_verdict_is_cut_where_its_column_is_at_its_least() -> None:
    said = [exhaustion_text(left, 1 - left) for left in (0.001, 0.1, 0.5, 0.9)]
    state = next(column for column in SLO.columns if column.id == "state")
    assert max(map(len, [*said, "gone in 90 min", "gone in 9.9 d", "full in 9 d", "low traffic"])) <= state.least


def test_a_figure_beyond_its_promise_is_a_ticket() -> None:
    row = rows({"pod-ready": {"a": 0.97}})["pod-ready"]
    assert (row.sort, row.level, row.call, row.word) == (Sort.FIGURE, Health.WARNING, Call.TICKET, "missed")
    assert row.reason == "97%, promised at least 99%"


def test_capacity_says_when_it_is_full() -> None:
    said = {f"cap-cpu:{what}": {"a": value} for what, value in (("used", 50.0), ("total", 100.0), ("before", 36.0))}
    row = rows(said)["cap-cpu"]
    assert (row.sort, row.level, row.word, row.value) == (Sort.CAPACITY, Health.WARNING, "full in 25 d", 0.5)


def test_stale_rows_have_no_verdict() -> None:
    (row, *_) = slo_board([answers(errors("api-errors", 0.5), age_s=600)], ["a"], now=NOW)
    assert (row.level, row.call, row.word) == (Health.UNKNOWN, Call.UNKNOWN, "stale 10m")


def test_every_query_has_an_id_of_its_own_and_every_promise_a_sentence() -> None:
    assert len({panel.id for panel in PANELS}) == len(PANELS)
    assert all(objective.doc.endswith(".") for objective in OBJECTIVES)
    assert all(panel.doc.endswith(".") and panel.limit is not None for panel in FIGURES)
    assert not any("@" in panel.promql for panel in PANELS)


def test_the_configuration_knows_every_promise_and_policy() -> None:
    assert tuple(objective.id for objective in OBJECTIVES) == monitoring.OBJECTIVES
    assert tuple(policy.value for policy in Policy) == monitoring.POLICIES
