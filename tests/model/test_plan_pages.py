"""Plans in records: any plan fits, in order, and comes back the same."""

import msgspec
import pytest

from fleetui.control.record_codec import decode_record, encode_record
from fleetui.model import journal
from fleetui.model.journal import Stored
from fleetui.model.ledger import fold
from fleetui.model.plan_pages import pages, plan_records
from tests.control.samples import plan, submission


@pytest.mark.parametrize("pods", [0, 1, 100, 2000])
def test_a_plan_of_any_size_survives_the_journal(pods: int) -> None:
    original = plan(pods=pods)
    encoded = [encode_record(record) for record in plan_records(original)]  # raises above the limit
    folded = fold(Stored(submission(), (), tuple(decode_record(record) for record in encoded))).plan
    assert folded is not None
    assert folded.digest == original.digest
    assert (folded.steps, folded.checks, folded.blast, folded.made_at) == (
        original.steps,
        original.checks,
        original.blast,
        original.made_at,
    )


def test_records_are_few() -> None:
    pods = [record for record in plan_records(plan(pods=500)) if isinstance(record, journal.PlanPods)]
    assert sum(len(record.pods) for record in pods) == 501
    assert len(pods) <= 6


def test_many_checks_take_several_records() -> None:
    checks = plan().checks * 400
    records = list(plan_records(msgspec.structs.replace(plan(), checks=checks)))
    pages_of_checks = [record.checks for record in records if isinstance(record, journal.PlanChecks)]
    assert len(pages_of_checks) > 1
    assert tuple(check for page in pages_of_checks for check in page) == checks


def test_an_item_larger_than_a_page_stands_alone() -> None:
    small, large = plan(pods=1).steps[1].pods[0], msgspec.structs.replace(plan(pods=1).steps[1].pods[0], why="x" * 500)
    assert list(pages((small, large, small), limit=300)) == [(small,), (large,), (small,)]
    assert list(pages((), limit=300)) == []
