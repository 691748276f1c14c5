"""The audit: complete, in order, and tampering shows."""

import csv
import json
from pathlib import Path

import pytest

from fleetui.control.audit import GENESIS, TamperedError, audit_lines, to_csv, to_json_lines, verify
from fleetui.control.memory_store import MemoryStore
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model import journal
from fleetui.model.journal import EffectOutcome, Record, RequestKind
from fleetui.model.operation import OpState
from fleetui.model.plan_pages import plan_records
from fleetui.ports.store import OperationStore
from tests.control.samples import BEN, StillClock, plan, request, submission

RECORDS: tuple[Record, ...] = (
    *plan_records(plan()),
    journal.Started("h/1", 1, 15.0),
    journal.StepStarted("evict/wk-b-01", 16.0),
    journal.EffectIntended("e/1", "evict/wk-b-01", "evict", "POST", "pod payments/api-0", "pod-0", 1, 17.0),
    journal.EffectAnswered("e/1", EffectOutcome.REFUSED, 429, "pdb payments/api", 18.0),
    journal.StepWaiting("evict/wk-b-01", (journal.Waiting("pod payments/api-0", "budget", "allows 0"),), 3, 19.0),
    journal.Paused(20.0, "between two evictions"),
    journal.Aborting(22.0, "asked by ben"),
    journal.Note('=HYPERLINK("http://x")\x1b]0;owned\x07\u202e', 23.0),
    journal.Finished(OpState.ABORTED, "undone", 24.0),
)


def fill(store: OperationStore) -> OperationStore:
    for op_id in ("OP1", "OP2"):
        store.submit(submission(op_id), f"key of {op_id}")
        fence = store.claim(op_id, "h/1", 60.0)
        for n, record in enumerate(RECORDS):
            store.append(op_id, fence, n, record)
        store.request(op_id, request(RequestKind.APPROVE, by=BEN, at=12.0, digest=plan().digest))
        store.request(op_id, request(RequestKind.ABORT, by=BEN, at=21.0))
    return store


@pytest.fixture
def exported() -> list[str]:
    return list(to_json_lines(audit_lines(fill(MemoryStore(StillClock())))))


def test_it_says_who_what_why_when_from_where_and_how_it_ended(exported: list[str]) -> None:
    lines = [json.loads(line) for line in exported]
    first = lines[0]
    assert (first["op"], first["event"], first["kind"], first["at"]) == ("OP1", "submission", "drain", 1.0)
    assert (first["user"], first["host"], first["origin"]) == ("ana", "bastion", "10.0.0.7")
    assert (first["cluster"], first["cluster_uid"], first["targets"]) == (
        "prod-east-1",
        "c0ffee",
        ["wk-b-01 11111111-aaaa"],
    )
    assert first["reason"] == "disk swap, ticket 4711"
    (approval, _) = [line for line in lines if line["event"] == "approve"]
    assert (approval["user"], approval["origin"], approval["digest"]) == ("ben", "local", plan().digest)
    finished = next(line for line in lines if line["event"] == "finished")
    assert (finished["outcome"], finished["text"]) == ("aborted", "undone")


def test_each_effect_is_told_with_its_answer(exported: list[str]) -> None:
    lines = [json.loads(line) for line in exported if '"op":"OP1"' in line]
    (intended,) = [line for line in lines if line["event"] == "effect-intended"]
    (answered,) = [line for line in lines if line["event"] == "effect-answered"]
    for line in (intended, answered):
        assert (line["effect"], line["verb"], line["object"], line["uid"], line["fence"]) == (
            "e/1",
            "POST",
            "pod payments/api-0",
            "pod-0",
            1,
        )
    assert "outcome" not in intended
    assert (answered["outcome"], answered["code"], answered["text"]) == ("refused", 429, "pdb payments/api")


def test_requests_stand_among_the_records_by_their_time(exported: list[str]) -> None:
    events = [json.loads(line)["event"] for line in exported if '"op":"OP1"' in line]
    assert events == [
        "submission",
        "plan-begun",
        "plan-sealed",
        "approve",
        "started",
        "step-started",
        "effect-intended",
        "effect-answered",
        "step-waiting",
        "paused",
        "abort",
        "aborting",
        "note",
        "finished",
    ]


def test_both_stores_tell_the_same(tmp_path: Path, exported: list[str]) -> None:
    store = fill(SqliteStore(tmp_path / "state" / "operations.db", StillClock()))
    assert list(to_json_lines(audit_lines(store))) == exported
    store.close()


def test_an_untouched_export_verifies(exported: list[str]) -> None:
    count, head = verify(exported)
    assert (count, head) == (len(exported), json.loads(exported[-1])["hash"])
    assert verify([]) == (0, GENESIS)


def test_every_edit_of_every_line_shows(exported: list[str]) -> None:
    for n, line in enumerate(exported):
        for old, new in (('"user":"ana"', '"user":"eve"'), ('"kind":"drain"', '"kind":"cordon"'), ('"at":', '"at":9')):
            if old in line:
                with pytest.raises(TamperedError, match=f"line {n + 1} was changed"):
                    verify([*exported[:n], line.replace(old, new), *exported[n + 1 :]])


def test_a_line_taken_out_put_in_or_moved_shows(exported: list[str]) -> None:
    for n in range(1, len(exported) - 1):
        for tampered in (
            [*exported[:n], *exported[n + 1 :]],
            [*exported[:n], exported[n - 1], *exported[n:]],
            [*exported[: n - 1], exported[n], exported[n - 1], *exported[n + 1 :]],
        ):
            with pytest.raises(TamperedError, match="does not follow"):
                verify(tampered)


def test_a_shortened_export_has_another_head(exported: list[str]) -> None:
    assert verify(exported[:-1])[1] != verify(exported)[1]


def test_what_is_no_audit_is_said(exported: list[str]) -> None:
    with pytest.raises(TamperedError, match="line 2 is not an audit line"):
        verify([exported[0], "{}"])


def test_hostile_text_is_kept_to_the_letter_and_harmless(exported: list[str]) -> None:
    (line, _) = [line for line in exported if '"event":"note"' in line]
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["text"] == RECORDS[-2].text  # type: ignore[union-attr]


def test_csv_has_the_same_lines_and_no_formulas() -> None:
    store = fill(MemoryStore(StillClock()))
    rows = list(csv.reader(to_csv(audit_lines(store))))
    header, *body = rows
    assert len(body) == len(list(audit_lines(store)))
    assert all(len(row) == len(header) for row in body)
    cells = [dict(zip(header, row, strict=True)) for row in body]
    assert [cell["event"] for cell in cells][:3] == ["submission", "plan-begun", "plan-sealed"]
    note = next(cell for cell in cells if cell["event"] == "note")
    assert note["text"].startswith("'=HYPERLINK")
    assert "\x1b" not in note["text"]
    assert "\u202e" not in note["text"]
