"""``fleetui get alerts`` and the board behind it, against a real pair of Prometheis that tell a real pair of
Alertmanagers: what fires, who is at it, and that no silence of theirs reads as an end."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.pipeline import Level, Rhythm
from fleetui.model.config import Config
from fleetui.model.monitoring import AlertmanagerConfig, MetricsConfig
from fleetui.observe.alert_board import AlertBoard
from fleetui.wiring.alerts import open_sources, scheme
from tests.bed.alertmanager import Alertmanagers
from tests.bed.plain_http import ask_json
from tests.bed.prometheus import WATCHDOG, PrometheusPair, Rule

pytestmark = [pytest.mark.bed, pytest.mark.xdist_group("health")]

CLUSTER = "eu-7"
RULES = (
    WATCHDOG,
    Rule(
        "BoardDrill", "vector(7) > 5", hold="1s", labels={"severity": "critical"}, annotations={"summary": "too much"}
    ),
    Rule("PendingDrill", "vector(1)", hold="1h", labels={"severity": "warning"}),
)
RHYTHM = Rhythm(evaluate_s=2.0, resend_s=2.0)
WITHIN_S = 60.0


@pytest.fixture(scope="module")
def session_pair() -> Iterator[Alertmanagers]:
    with Alertmanagers(name="board") as made:
        yield made


@pytest.fixture(scope="module")
def session_prometheis(session_pair: Alertmanagers) -> Iterator[PrometheusPair]:
    made = PrometheusPair(
        rules=RULES, alertmanagers=session_pair.addresses, evaluate=2, resend=2, labels={"cluster": CLUSTER}
    )
    yield made
    made.close()


@pytest.fixture
def pair(session_pair: Alertmanagers, session_prometheis: PrometheusPair) -> Iterator[Alertmanagers]:
    """With the alert in both."""
    for number in range(2):
        session_pair.until_alert("BoardDrill", number)
    yield session_pair
    session_prometheis.mend()
    session_pair.mend()


@pytest.fixture
def config(pair: Alertmanagers, session_prometheis: PrometheusPair, tmp_path: Path) -> Path:
    """A configuration that names all four, with little patience."""
    said = {
        "alertmanagers": {f"am-{number}": {"url": url, "timeout": "2s"} for number, url in enumerate(pair.urls)},
        "metrics": {
            f"prom-{one.name[-1]}": {"url": one.url, "cluster": CLUSTER, "timeout": "2s"}
            for one in session_prometheis.both
        },
    }
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(said))
    return path


def get(config: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fleetui", "--config", str(config), "get", "alerts", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def rows(config: Path, *words: str) -> dict[str, dict[str, Any]]:
    """By name."""
    return {row["name"]: row for row in json.loads(get(config, "-o", "json", *words).stdout)}


def silence(pair: Alertmanagers, comment: str) -> str:
    matchers = [
        {"name": name, "value": value, "isRegex": False, "isEqual": True}
        for name, value in (("alertname", "BoardDrill"), ("cluster", CLUSTER))
    ]
    times = {"startsAt": "2020-01-01T00:00:00Z", "endsAt": "2999-01-01T00:00:00Z"}
    said = ask_json(
        f"{pair.urls[0]}/api/v2/silences", {"matchers": matchers, "createdBy": "ana", "comment": comment, **times}
    )
    pair.until_alert("BoardDrill", 1, state="suppressed")
    return str(said["silenceID"])


def test_what_fires_and_what_waits_is_one_row_each_with_its_value(config: Path) -> None:
    answer = get(config, "-o", "json")
    assert answer.returncode == 0, answer.stderr  # on a busy machine an evaluation may be late, and that is told
    found = {row["name"]: row for row in json.loads(answer.stdout)}
    assert list(found) == ["BoardDrill", "PendingDrill"]
    drill = found["BoardDrill"]
    assert (drill["phase"], drill["call"], drill["value"], drill["cluster"]) == ("firing", "page", 7.0, CLUSTER)
    assert drill["sources"] == ["am-0", "am-1", "prom-a", "prom-b"]
    assert found["PendingDrill"]["phase"] == "pending"


def test_the_table_and_its_filters(config: Path) -> None:
    table = get(config, "call=page").stdout.splitlines()
    assert table[0].split()[:4] == ["ALERT", "CALL", "STATE", "CLUSTER"]
    assert table[1].split()[:4] == ["BoardDrill", "page", "firing", CLUSTER]
    assert len(table) == 2
    assert get(config, "-o", "name", f"@{CLUSTER}", "state=pending").stdout == "PendingDrill\n"
    missing = get(config, "no=such")
    assert (missing.returncode, missing.stdout) == (2, "")


@pytest.mark.parametrize(
    ("comment", "hush", "by"), [("ACK! looking at it", "ack", "ana"), ("maintenance", "silenced", None)]
)
def test_a_silence_and_an_ack_are_seen(config: Path, pair: Alertmanagers, comment: str, hush: str, by: str) -> None:
    told = silence(pair, comment)
    row = rows(config)["BoardDrill"]
    assert (row["phase"], row["hush"], row["silencedBy"]) == ("firing", hush, [told])
    assert (row["ack"] and row["ack"]["by"]) == by


def test_a_watch_tells_what_changes_and_ends_with_ctrl_c(config: Path, pair: Alertmanagers, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    command = [sys.executable, "-m", "fleetui", "--config", str(config), "get", "alerts", "-w", "-o", "json"]
    with heard.open("w") as out, subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE) as process:
        eventually(lambda: told(heard, "added", hush=""))
        silence(pair, "ACK! looking")
        eventually(lambda: told(heard, "changed", hush="ack"))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130


def told(heard: Path, event: str, *, hush: str) -> bool:
    """Whether a whole line says so of the drill."""
    lines = [json.loads(line) for line in heard.read_text().splitlines(keepends=True) if line.endswith("\n")]
    return any((line["event"], line["name"], line["hush"]) == (event, "BoardDrill", hush) for line in lines)


def eventually(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not happened():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def test_one_alertmanager_down_costs_no_alert_and_is_status_1(config: Path, pair: Alertmanagers) -> None:
    pair.kill(1)
    answer = get(config, "-o", "json")
    assert answer.returncode == 1
    assert "fleetui: late: Alertmanager am-1: " in answer.stderr
    (drill,) = [row for row in json.loads(answer.stdout) if row["name"] == "BoardDrill"]
    assert (drill["phase"], drill["sources"]) == ("firing", ["am-0", "prom-a", "prom-b"])


def test_a_frozen_prometheus_is_named_and_costs_no_alert(config: Path, session_prometheis: PrometheusPair) -> None:
    session_prometheis.a.freeze()
    answer = get(config, "-o", "json")
    assert answer.returncode == 1
    assert "fleetui: dead: Prometheus prom-a: " in answer.stderr
    (drill,) = [row for row in json.loads(answer.stdout) if row["name"] == "BoardDrill"]
    assert (drill["phase"], "prom-b" in drill["sources"]) == ("firing", True)


def test_without_any_source_nothing_is_not_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("theme: dark\n")
    answer = get(path)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "alertmanagers:" in answer.stderr


def test_a_picture_of_the_screen_waits_for_the_alerts(config: Path, tmp_path: Path) -> None:
    picture = tmp_path / "alerts.svg"
    command = [sys.executable, "-m", "fleetui", "--config", str(config), "--state-dir", str(tmp_path)]
    command += ["screenshot", "alerts", "-o", str(picture)]
    env = os.environ | {"KUBECONFIG": str(tmp_path / "none")}
    subprocess.run(command, check=True, capture_output=True, timeout=60, env=env)
    drawn = picture.read_text(encoding="utf-8").replace("&#160;", " ")
    assert "BoardDrill" in drawn
    assert "the pipeline lives" in drawn


class Watch:
    """The board of a session, looked at; every phase that the alert goes through is kept."""

    def __init__(self, board: AlertBoard) -> None:
        self.board = board
        self._feed = board.rows.subscribe()
        self.phases: list[Phase] = []

    def row(self) -> Alert | None:
        return next((row for _, row in self.board.rows.snapshot() if row.name == "BoardDrill"), None)

    def phase(self) -> Phase | None:
        for _, row in self._feed.take().upserts:
            if row.name == "BoardDrill" and self.phases[-1:] != [row.phase]:
                self.phases.append(row.phase)
        return self.phases[-1] if self.phases else None

    async def until(self, happened: Callable[[], object]) -> None:
        deadline = time.monotonic() + WITHIN_S
        while not happened():
            assert time.monotonic() < deadline, (self.board.pipeline, self.row())
            await asyncio.sleep(0.1)


@pytest.fixture
async def watch(pair: Alertmanagers, session_prometheis: PrometheusPair) -> AsyncIterator[Watch]:
    config = Config(
        alertmanagers={f"am-{n}": AlertmanagerConfig(url=url, timeout="1s") for n, url in enumerate(pair.urls)},
        metrics={
            one.name: MetricsConfig(url=one.url, cluster=CLUSTER, timeout="1s") for one in session_prometheis.both
        },
    )
    clock, chance = SystemClock(), SystemChance()
    board = AlertBoard(
        lambda: open_sources(config, clock=clock, chance=chance),
        clock=clock,
        chance=chance,
        scheme=scheme(config),
        rhythm=RHYTHM,
    )
    looking = asyncio.create_task(board.watch())
    yield Watch(board)
    looking.cancel()
    await asyncio.wait({looking})
    await board.close()


async def test_what_vanishes_while_both_prometheis_are_frozen_is_unknown_and_comes_back(
    watch: Watch, pair: Alertmanagers, session_prometheis: PrometheusPair
) -> None:
    await watch.until(lambda: watch.phase() is Phase.FIRING)
    for one in session_prometheis.both:
        one.freeze()
    await watch.until(lambda: not pair.named("BoardDrill"))
    await watch.until(lambda: watch.phase() is Phase.UNKNOWN)
    assert watch.board.pipeline is not None
    assert watch.board.pipeline.level is Level.DEAD
    for one in session_prometheis.both:
        one.thaw()
    await watch.until(lambda: watch.phase() is Phase.FIRING)
    assert watch.phases == [Phase.FIRING, Phase.UNKNOWN, Phase.FIRING]


async def test_what_ends_while_the_pipeline_lives_is_resolved(watch: Watch, session_prometheis: PrometheusPair) -> None:
    await watch.until(lambda: watch.phase() is Phase.FIRING)
    session_prometheis.configure(rules=(WATCHDOG,))
    try:
        await watch.until(lambda: watch.phase() is Phase.RESOLVED)
    finally:
        session_prometheis.configure(rules=RULES)
    assert watch.phases == [Phase.FIRING, Phase.RESOLVED]
