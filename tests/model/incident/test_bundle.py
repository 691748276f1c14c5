"""What leaves the machine: whole, readable, harmless in Markdown, and without anything secret."""

import json
import re

import pytest

from fleetui.model.incident.bundle import Around, bundle
from fleetui.model.incident.markdown import code, prose, table
from fleetui.model.incident.record import LackOf
from fleetui.model.incident.story import post_mortem, timeline_markdown
from tests.model.incident.stories import (
    NOON,
    STORY,
    change,
    closed,
    entry,
    fires,
    looked,
    noted,
    opened,
    seen,
    told,
    watched,
)
from tests.model.incident.test_redaction import SECRETS

AROUND = Around(versions={"fleetui": "0.1.0"})
EVIL = (
    "![x](http://evil/a.png) [click](javascript:alert(1)) <script>alert(1)</script> <img src=x> | a | b |\n"
    "# heading\n```\nfence `` ` @oncall-team www.evil.example https://evil.example \x1b[31mred\u202e &lt; $x$ - 1. 2)"
)


def test_a_bundle_tells_the_story_in_files() -> None:
    around = Around(
        versions={"fleetui": "0.1.0"},
        clusters=({"name": "prod-1"},),
        alerts=({"name": "KubeNodeNotReady"},),
        operations=({"name": "01J", "audit": [{"event": "approve", "user": "ana"}]},),
        lacks=("cluster dr-2: did not answer within 10 s",),
    )
    files = bundle(told(*STORY, closed()), around, now=NOON + 3600)
    assert set(files) == {
        "timeline.json", "timeline.md", "postmortem.md", "clusters.json", "alerts.json", "operations.json",
        "versions.json", "REDACTED.md",
    }  # fmt: skip
    said = json.loads(files["timeline.json"])
    assert (said["title"], said["closedBy"], said["firstSymptomAt"]) == (
        "checkout is slow", "ben@jump-2", "2027-01-15T07:55:00Z",
    )  # fmt: skip
    assert [line["text"] for line in said["timeline"]][:3] == [
        "Deployment shop/web edited (Update)",
        "Deployment shop/web rolls out web-7d9",
        "wk-b-04 status Ready → NotReady",
    ]  # fmt: skip
    assert said["unknown"] == ["secrets of prod-1: may not be listed (403)"]
    assert json.loads(files["operations.json"])[0]["audit"][0]["event"] == "approve"
    assert "cluster dr-2: did not answer" in files["REDACTED.md"]
    assert "nothing was found that had to be" in files["REDACTED.md"]


def planted(secret: str) -> dict[str, str]:
    """A bundle whose every field that a cluster or a colleague controls carries it."""
    incident = told(
        opened(title=f"down {secret}", clusters=(f"prod {secret}",)),
        looked(LackOf(f"secrets {secret}", secret), cluster=f"prod {secret}"),
        seen(change(secret, NOON - 400, who=secret, cluster=secret)),
        seen(fires(f"Alert {secret}", NOON - 100)),
        seen(entry(secret, NOON, fact="x", source=secret)),
        watched(NOON, silent=(secret,)),
        watched(NOON + 60, silent=(secret,)),
        noted(secret, NOON),
        closed(),
    )
    row = {
        "name": secret,
        secret: secret,
        "labels": {secret: [secret]},
        "uid": secret,
        "hash": secret,
        "audit": [secret],
    }
    around = Around(versions={"x": secret}, clusters=(row,), alerts=(row,), operations=(row,), lacks=(secret,))
    return bundle(incident, around, now=NOON + 3600)


@pytest.mark.parametrize("secret", SECRETS, ids=lambda text: text[:30])
def test_nothing_secret_is_in_any_file_wherever_it_was_planted(secret: str) -> None:
    files = planted(secret)
    for name, text in files.items():
        flat = text.replace("\\\\", "").replace("\\", "")
        leaks = [part for part in SECRETS[secret] if part in text or part in flat]
        assert not leaks, (name, leaks)
    assert re.search(r"timeline: .*, \d+ times", files["REDACTED.md"])
    assert re.search(r"alerts\.json: .*, \d+ times", files["REDACTED.md"])


def test_addresses_are_taken_out_where_it_is_asked_for() -> None:
    incident = told(opened(), noted("10.0.0.7 does not answer", NOON))
    assert "10.0.0.7" in bundle(incident, AROUND, now=NOON)["timeline.md"].replace("\\", "")
    files = bundle(incident, AROUND, now=NOON, addresses=True)
    assert not any("10.0.0.7" in text.replace("\\", "") for text in files.values())
    assert "Addresses were left in." not in files["REDACTED.md"]


# Markdown.


def bare(markdown: str) -> str:
    """Without code spans and escaped signs: what a renderer would interpret."""
    without = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", markdown)
    return re.sub(r"\\.", "", without)


@pytest.mark.parametrize("made", [prose(EVIL), code(EVIL)], ids=["prose", "code"])
def test_foreign_text_is_no_markdown(made: str) -> None:
    assert "\n" not in made
    assert "\x1b" not in made
    assert "\u202e" not in made
    left = bare(made)
    assert not re.search(r"[<>\[\]!|`#@]|://|www\.", left), left


def test_a_cell_never_breaks_its_table() -> None:
    lines = table(("a", "b"), [(code(EVIL), prose(EVIL))])
    assert all(line.count("|") - line.count("\\|") == 3 for line in lines)


@pytest.mark.parametrize("text", ["", "`", "``", "a`b", "` ", "x"])
def test_code_is_one_span_whatever_is_in_it(text: str) -> None:
    made = code(text)
    assert bare(made) == ""
    assert text.strip() in made


def test_a_hostile_incident_makes_harmless_documents() -> None:
    incident = told(
        opened(title=EVIL, clusters=(EVIL,)),
        looked(LackOf(EVIL, EVIL), cluster=EVIL),
        seen(change(EVIL, NOON - 400, who=EVIL, cluster=EVIL)),
        seen(fires(EVIL, NOON - 100)),
        noted(EVIL, NOON),
        closed(),
    )
    for made in (timeline_markdown(incident, NOON + 60), post_mortem(incident, NOON + 60)):
        for line in made.splitlines():
            left = bare(line)
            assert not re.search(r"<|://|!\[|\]\(|@|www\.", left), line
        headings = [line for line in made.splitlines() if line.startswith("#")]
        assert not any("heading" in line for line in headings[1:])


def test_a_post_mortem_has_what_is_known_and_asks_for_the_rest() -> None:
    made = post_mortem(told(*STORY, closed()), NOON + 3600)
    for said in (
        "# Post-mortem: checkout is slow", "rack C has power again", "118s before", "by `helm`", "by whom is not known",
        "secrets of prod-1: may not be listed (403)", "- [x] say who leads", "- [ ] acknowledge the pages",
        "runbook of `KubeNodeNotReady`", "still firing, or never seen to end: `KubeNodeNotReady`",
        "unknown: no console",
    ):  # fmt: skip
        assert said in made, said
    order = ["Summary", "Impact", "What changed before", "Timeline", "Cause", "Detection", "Runbook", "Actions"]
    assert [made.index(f"## {title}") for title in order] == sorted(made.index(f"## {title}") for title in order)


def test_where_nothing_changed_it_matters_whether_everything_was_read() -> None:
    assert "- nothing in the 2h before it, and all was read" in post_mortem(told(opened(), looked()), NOON)
    assert "- not read yet" in post_mortem(told(opened()), NOON)
