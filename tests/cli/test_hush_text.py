"""What is said before a silence is posted, and of what became of it."""

import msgspec
import pytest

from fleetui.cli.hush_text import NAMED, all_done, outcome_line, preview_lines
from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.label_set import label_set
from fleetui.model.alerts.matcher import Matcher
from fleetui.model.alerts.preview import preview
from fleetui.model.alerts.silence import Draft, Silence
from fleetui.ports.alerting import Outcome
from fleetui.ports.ended import Ended
from tests.model.alerts.samples import DOWN, NOW, alert, labels

MATCHERS = (Matcher("alertname", "Broken"), Matcher("cluster", "eu-1"))
DRAFT = Draft(MATCHERS, NOW, NOW + 7_200, "ana@jump-1", "disk swap")


def said(*alerts: Alert, draft: Draft = DRAFT, silences: tuple[Silence, ...] = ()) -> list[str]:
    return list(preview_lines(draft, preview(draft, alerts, now=NOW, silences=silences), now=NOW))


def test_it_says_the_matchers_how_long_who_why_and_what_it_mutes() -> None:
    lines = said(alert(), alert(cluster="eu-2"))
    assert lines == [
        'silence alertname="Broken" cluster="eu-1"',
        "  until 2027-01-15 10:00 UTC (2h), by ana@jump-1",
        "  comment: disk swap",
        "  mutes 1 alert (0 page, 0 pending, 1 not muted yet): 1 in eu-1",
        "    ticket eu-1 Broken (firing)",
    ]


def test_a_storm_is_a_number() -> None:
    lines = said(*(alert(labels=label_set({**dict(labels()), "pod": f"p-{n}"})) for n in range(NAMED + 3)))
    assert lines[-1] == "    and 3 more"


def test_what_mutes_nothing_and_what_mutes_the_same_already_is_noted() -> None:
    assert "  note: it mutes nothing that fires or is pending now" in said()
    known = Silence("6d1c", MATCHERS, NOW - 60, NOW + 600, "ben", "patching")
    assert "  note: 6d1c of ben mutes some of them already, 10m left: patching" in said(alert(), silences=(known,))


def test_a_refusal_comes_with_its_fix() -> None:
    wide = msgspec.structs.replace(DRAFT, matchers=MATCHERS[:1])
    (line,) = [line for line in said(alert(), draft=wide) if line.startswith("  refused: ")]
    assert line.endswith('it would mute the same alert everywhere; add cluster="NAME"')


@pytest.mark.parametrize(
    ("outcome", "told", "done"),
    [
        (Outcome(Ended.DONE, "am", "6d1c"), "am: done, silence 6d1c", True),
        (Outcome(Ended.REFUSED, "am", fault=DOWN), "am: not done: refused; is it up?", False),
        (
            Outcome(Ended.UNKNOWN, "am", fault=DOWN),
            "am: sent, and nobody knows whether it arrived: refused; is it up?; look before you send it again",
            False,
        ),
    ],
)
def test_what_became_of_it(outcome: Outcome, told: str, done: bool) -> None:
    assert (outcome_line(outcome), all_done([outcome])) == (told, done)
    assert not all_done([Outcome(Ended.DONE, "am", "1"), Outcome(Ended.UNKNOWN, "am")])
    assert not all_done([])
