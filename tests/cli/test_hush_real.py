"""``fleetui silence`` and ``fleetui ack`` against a real pair of Alertmanagers: shown first, refused when too broad,
posted once, and seen afterwards as what they are."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.bed.alertmanager import Alertmanagers

FIRING = {"alertname": "HushDrill", "cluster": "eu-9", "instance": "a", "severity": "critical"}
OTHER = FIRING | {"instance": "b"}
FAR = FIRING | {"cluster": "eu-8"}
DETAILS = ("--for", "10m", "--comment", "disk swap")


@pytest.fixture
def config(alertmanagers: Alertmanagers, tmp_path: Path) -> Path:
    """With three alerts in both."""
    alertmanagers.post(FIRING, OTHER, FAR)
    alertmanagers.post(FIRING, OTHER, FAR, number=1)
    said = {name: {"url": url} for name, url in zip(("am-a", "am-b"), alertmanagers.urls, strict=True)}
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump({"alertmanagers": said}))
    return path


def fleetui(config: Path, *words: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fleetui", "--config", str(config), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, input=typed)


def silences(alertmanagers: Alertmanagers, number: int = 0) -> list[dict[str, Any]]:
    return [one for one in alertmanagers.silences(number) if one["status"]["state"] == "active"]


def states(alertmanagers: Alertmanagers) -> dict[tuple[str, str], str]:
    found = alertmanagers.named("HushDrill")
    return {(one["labels"]["cluster"], one["labels"]["instance"]): one["status"]["state"] for one in found}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("alertname=HushDrill",), "it names no cluster: it would mute the same alert everywhere; add cluster="),
        (("alertname=HushDrill", "cluster=~.+"), "matches every cluster"),
        (("cluster=eu-9",), "it mutes every alert of its cluster"),
        (("cluster=eu-9", "--whole-cluster"), "it would mute the Watchdog"),
    ],
)
def test_what_is_too_broad_is_refused_with_the_reason_even_with_yes(
    config: Path, alertmanagers: Alertmanagers, words: tuple[str, ...], reason: str
) -> None:
    answer = fleetui(config, "silence", *words, *DETAILS, "--yes")
    assert answer.returncode == 1
    assert reason in answer.stdout
    assert not silences(alertmanagers)


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        (("--comment", " ", "--for", "1h"), "it has no comment"),
        (("--comment", "x", "--for", "1h", "--author", ""), "it has no author"),
    ],
)
def test_who_and_why_are_asked_for(
    config: Path, alertmanagers: Alertmanagers, details: tuple[str, ...], reason: str
) -> None:
    answer = fleetui(config, "silence", "alertname=HushDrill", "cluster=eu-9", *details, "--yes")
    assert (answer.returncode, reason in answer.stdout) == (1, True)
    assert not silences(alertmanagers)


def test_it_shows_what_it_would_mute_and_posts_nothing_without_a_yes(
    config: Path, alertmanagers: Alertmanagers
) -> None:
    answer = fleetui(config, "silence", "alertname=HushDrill", "cluster=eu-9", *DETAILS, typed="\n")
    assert answer.returncode == 1
    assert "mutes 2 alerts (2 page, 0 pending, 2 not muted yet): 2 in eu-9" in answer.stdout
    assert "page eu-9 HushDrill instance=a (firing)" in answer.stdout
    assert answer.stdout.endswith("not posted\n")
    assert not silences(alertmanagers)


def test_it_is_posted_once_and_mutes_that_cluster_alone(config: Path, alertmanagers: Alertmanagers) -> None:
    answer = fleetui(config, "silence", "alertname=HushDrill", "cluster=eu-9", *DETAILS, typed="yes\n")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    (posted,) = silences(alertmanagers)
    assert f"done, silence {posted['id']}" in answer.stdout
    assert (posted["comment"], "@" in posted["createdBy"]) == ("disk swap", True)
    alertmanagers.until_alert("HushDrill", 1, state="suppressed")
    assert [one["id"] for one in silences(alertmanagers, 1)] == [posted["id"]]
    assert states(alertmanagers) == {
        ("eu-9", "a"): "suppressed",
        ("eu-9", "b"): "suppressed",
        ("eu-8", "a"): "active",
    }


def test_an_ack_is_on_exactly_what_fires_and_says_who(config: Path, alertmanagers: Alertmanagers) -> None:
    words = ("name=HushDrill", "@eu-9", "what~instance=a", "--comment", "looking", "--author", "ana", "--yes")
    answer = fleetui(config, "ack", *words)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert states(alertmanagers)["eu-9", "a"] == "suppressed"
    assert states(alertmanagers)["eu-9", "b"] == states(alertmanagers)["eu-8", "a"] == "active"
    rows = json.loads(fleetui(config, "get", "alerts", "state=ack", "-o", "json").stdout)
    assert [(row["labels"]["instance"], row["ack"]["by"], row["ack"]["comment"]) for row in rows] == [
        ("a", "ana", "looking")
    ]


def test_an_ack_of_nothing_is_status_1(config: Path, alertmanagers: Alertmanagers) -> None:
    answer = fleetui(config, "ack", "name=NoSuchAlert", "--comment", "x", "--yes")
    assert (answer.returncode, "nothing that fires" in answer.stdout) == (1, True)
    assert not silences(alertmanagers)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--readonly", "silence", "alertname=HushDrill", "cluster=eu-9", *DETAILS, "--yes"), "--readonly"),
        (("silence", "HushDrill", *DETAILS, "--yes"), "is not a matcher"),
        (("ack", "nosuch=1", "--comment", "x", "--yes"), "nosuch"),
    ],
)
def test_what_makes_no_sense_is_status_2_before_anybody_is_asked(
    config: Path, alertmanagers: Alertmanagers, words: tuple[str, ...], told: str
) -> None:
    answer = fleetui(config, *words)
    assert (answer.returncode, told in answer.stderr, answer.stdout) == (2, True, "")
    assert not silences(alertmanagers)


def test_an_ack_that_is_held_is_prolonged_until_whoever_holds_it_leaves(
    config: Path, alertmanagers: Alertmanagers
) -> None:
    """It has four minutes, which is near its end."""
    words = ["ack", "name=HushDrill", "@eu-9", "--comment", "looking", "--for", "4m", "--hold", "--yes"]
    command = [sys.executable, "-m", "fleetui", "--config", str(config), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as held:
        try:
            posted = alertmanagers.until(lambda: next(iter(silences(alertmanagers)), None), "the ack", within=60)

            def prolonged() -> dict[str, Any] | None:
                return next((one for one in silences(alertmanagers) if one["endsAt"] > posted["endsAt"]), None)

            assert alertmanagers.until(prolonged, "a later end", within=60)["id"] == posted["id"]
        finally:
            held.send_signal(signal.SIGINT)
        assert held.wait(timeout=60) == 130
    assert [one["id"] for one in silences(alertmanagers)] == [posted["id"]]
